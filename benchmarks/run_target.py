"""A saved run as a target of `damage.py`: it is made, saved, brought up to date, asked and taught."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.naive_bayes import GaussianNB

from autoal import ActiveLearner, Pool

OLD = Path(__file__).resolve().parents[1] / "tests" / "data" / "run_of_format_1.autoal"
SEED = 11
FIRST = {86: 2, 119: 1, 35: 0, 161: 0, 11: 2, 176: 1, 134: 1, 26: 0, 113: 0, 179: 0, 167: 1, 89: 0, 47: 0, 20: 1, 71: 2}
OLD_LABELS = FIRST | {182: -2}  # of the run of format 1
NAMES = ("cat", "dog", "owl")

Content = dict[str, Any]


class SavedRun:
    """A run of 60 samples, of format 1 at first in every second file.

    A line `try ID … LABEL …` says what is about to be taught, `done` that the call has returned.
    """

    name = "a saved run"

    @cached_property
    def pool(self) -> Pool:
        """The pool of the run of format 1."""
        X = np.random.default_rng(7).normal(size=(60, 3)).astype(np.float32)
        return Pool(X, ids=np.arange(60) * 3 + 5, classes=list(NAMES))

    def write(self, path: Path, kind: int, say: Callable[[str], None]) -> None:
        """Save a run or bring one up to date, then ask, teach, correct and release."""
        if not path.exists() or path.stat().st_size == 0:
            if kind // 10 % 2:
                draft = path.with_name(f"old of {path.name}")
                shutil.copy(OLD, draft)
                say("old")
                draft.rename(path)
                say("saved")
            else:
                learner = ActiveLearner(self.pool, GaussianNB(), "random", seed=SEED, progress=False)
                learner.save(path)
                say("saved")
        learner = ActiveLearner.load(path, self.pool, GaussianNB(), "random", progress=False)
        say("sealed")
        rng = np.random.default_rng(kind)
        while True:
            if len(learner.unlabelled) >= 3:
                say("ask")
                say(f"asked {' '.join(map(str, learner.query(3)))}")
            ids = rng.permutation(self.pool.ids)[: rng.integers(1, 6)]
            labels = rng.integers(0, 3, len(ids))
            say(f"try {' '.join(map(str, ids))} {' '.join(map(str, labels))}")
            learner.teach(ids, [NAMES[label] for label in labels])
            say("done")
            if rng.random() < 0.3:
                say("release")
                learner.release()
                say("released")

    def read(self, path: Path) -> Content:
        """Labels, as class indices, what is pending, the seed and the number of labels ever written."""
        learner = ActiveLearner.load(path, self.pool, GaussianNB(), progress=False)
        state = learner._journal.state()
        content = {
            "labels": dict(zip(state.ids.tolist(), state.labels.tolist(), strict=True)),
            "pending": learner.pending,
            "seed": learner.seeds.seed,
            "strategy": learner.strategy.name,
            "entries": state.entries,
        }
        learner._journal.close()
        return content

    def wrong(self, content: Content, said: list[str]) -> str:
        """Name the differences from all states that `said` allows: a call in flight may have ended or not."""
        if content["seed"] != SEED or content["strategy"] not in ("random", "tailor"):
            return f"the seed {content['seed']}, the strategy {content['strategy']}"
        allowed = list(_allowed(said))
        if not any(content["labels"] == labels and content["entries"] == entries for labels, entries in allowed):
            return f"labels {content['labels']}, not {allowed[-1]}"
        return _wrongly_pending(content["pending"], content["labels"], said)


def _allowed(said: list[str]) -> Iterator[tuple[dict[int, int], int]]:
    """Labels and their number: of all that was done, and with each that was begun and may be there, in any subset."""
    states: list[tuple[dict[int, int], int]] = [({}, 0)]
    begun: tuple[list[int], list[int]] | None = None
    for line in said:
        word, *values = line.split()
        if word == "old":
            states = [(OLD_LABELS, 17)]
        elif word == "try":
            if begun is not None:  # the process was killed before it said that this was done
                states += [_taught(state, *begun) for state in states]
            numbers = [int(value) for value in values]
            begun = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        elif word == "done" and begun is not None:
            states, begun = [_taught(state, *begun) for state in states], None
    if begun is not None:
        states += [_taught(state, *begun) for state in states]
    yield from states


def _taught(state: tuple[dict[int, int], int], ids: list[int], labels: list[int]) -> tuple[dict[int, int], int]:
    return state[0] | dict(zip(ids, labels, strict=True)), state[1] + len(ids)


def _wrongly_pending(pending: list[int], labels: dict[int, int], said: list[str]) -> str:
    """Check that ids asked for since the last release wait for their label, unless a release was in flight."""
    if said and [line for line in said if line in ("release", "released")][-1:] == ["release"]:
        return ""
    since = max((k for k, line in enumerate(said) if line == "released"), default=-1)
    asked = [int(id_) for line in said[since + 1 :] if line.startswith("asked") for id_ in line.split()[1:]]
    lost = {id_ for id_ in asked if id_ not in labels} - {*pending}
    return f"ids {sorted(lost)} are pending no more" if lost else ""
