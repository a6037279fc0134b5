"""A learner beside a slow obvious model of what it knows, step by step; a step that is refused changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from fuzzing import Outcome, fuzz, only_autoal_errors
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from rubbish import anything, ids, labels, samples
from sklearn.naive_bayes import GaussianNB

from autoal import OUTSIDE, ActiveLearner, Pool

N, NAMES = 12, ("cat", "cow", "dog")
IDS = [7 * row % 31 for row in range(N)]
X = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
STRATEGIES = ("random", "margin", "core_set", "badge", "round_robin")
FOREIGN = 1000  # an id that the pool does not have


def make_pool(ids: Any = None) -> Pool:
    """Twelve samples, two of which are labelled from the start."""
    y = ["cat", None, None, "dog", *[None] * (N - 4)]
    return Pool(X, y, IDS if ids is None else ids, NAMES)


class Machine(RuleBasedStateMachine):
    """The labelled, outside and pending ids, in plain dicts and lists."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="autoal-fuzz-"))
        self.path: Path | None = None
        self.known: dict[int, int] = {IDS[0]: 0, IDS[3]: 2}
        self.asked: list[int] = []
        self.memory: Any = None
        self.saved = 0

    @initialize(strategy=st.sampled_from(STRATEGIES), seed=st.integers(0, 5))
    def start(self, strategy: str, seed: int) -> None:
        self.strategy = strategy
        self.learner = ActiveLearner(make_pool(), GaussianNB(), strategy, seed=seed, progress=False)

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(n=st.integers(1, 5))
    def query(self, n: int) -> None:
        left = [id_ for id_ in IDS if id_ not in self.known and id_ not in self.asked]
        found = self._call(lambda: self.learner.query(n), n)
        assert not found.refused, str(found.error)
        picks = found.value.tolist()
        assert len(picks) == len(set(picks)) == min(n, len(left))
        assert set(picks) <= set(left)
        self.asked += picks
        self.memory = self.learner.memory  # what an adaptive strategy has learnt is its own affair

    @rule(n=anything())
    def query_anything(self, n: Any) -> None:
        found = self._call(lambda: self.learner.query(n), n)
        if not found.refused:
            assert isinstance(n, int | np.integer)
            assert not isinstance(n, bool)
            self.asked += found.value.tolist()
            self.memory = self.learner.memory

    @rule(data=st.data(), who=st.sampled_from(["", "me", "é"]), form=st.sampled_from([list, tuple, np.array, iter]))
    def teach(self, data: Any, who: str, form: Any) -> None:
        taught = data.draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True))
        codes = data.draw(st.lists(st.sampled_from([0, 1, 2, OUTSIDE]), min_size=len(taught), max_size=len(taught)))
        plain = OUTSIDE in codes or data.draw(st.booleans())
        answers = form(codes if plain else [NAMES[code] for code in codes])
        found = self._call(lambda: self.learner.teach(np.array(taught), answers, who=who), (taught, codes))
        assert not found.refused, str(found.error)
        self.known |= dict(zip(taught, codes, strict=True))
        self.asked = [id_ for id_ in self.asked if id_ not in self.known]

    @rule(data=st.data(), given_ids=ids(3), given_labels=labels(3), who=st.just("") | anything())
    def teach_anything(self, data: Any, given_ids: Any, given_labels: Any, who: Any) -> None:
        if data.draw(st.booleans()):
            given_ids = data.draw(st.permutations(IDS))[:3]
        found = self._call(lambda: self.learner.teach(given_ids, given_labels, who), (given_ids, given_labels))
        if not found.refused:  # its meaning is the matter of other tests
            self.known = self._known_now()
            self.asked = [id_ for id_ in self.asked if id_ not in self.known]

    @rule(data=st.data())
    def teach_what_is_half_wrong(self, data: Any) -> None:
        good, codes = data.draw(st.permutations(IDS))[:3], ["cat", "dog", 1]
        spoilt = data.draw(st.sampled_from(["id", "label", "twice", "short", "missing"]))
        if spoilt in ("id", "twice"):
            good = [*good[:2], FOREIGN if spoilt == "id" else good[0]]
        else:
            codes = [*codes[:2], *{"label": ["bird"], "short": [], "missing": [None]}[spoilt]]
        assert self._call(lambda: self.learner.teach(good, codes), (good, codes)).refused

    @rule(data=st.data())
    def release(self, data: Any) -> None:
        some = data.draw(st.none() | st.lists(st.sampled_from(IDS), max_size=4, unique=True))
        found = self._call(lambda: self.learner.release(some), some)
        assert not found.refused, str(found.error)
        self.asked = [id_ for id_ in self.asked if some is not None and id_ not in some]

    @rule(given_ids=ids(2))
    def release_anything(self, given_ids: Any) -> None:
        if not self._call(lambda: self.learner.release(given_ids), given_ids).refused:
            self.asked = self.learner.pending

    @rule()
    def predict(self) -> None:
        found = self._call(lambda: self.learner.predict(X[:4]))
        trained = any(code != OUTSIDE for code in self.known.values())
        assert found.refused != trained
        if not found.refused:
            assert found.value.shape == (4, len(NAMES))
            assert np.allclose(found.value.exp().sum(dim=1), 1, atol=1e-4)

    @rule(given_samples=samples(4))
    def predict_anything(self, given_samples: Any) -> None:
        found = self._call(lambda: self.learner.predict(given_samples), given_samples)
        assert found.refused or found.value.shape[1] == len(NAMES)

    @rule(
        memory=st.none() | st.dictionaries(st.text(max_size=2), st.integers() | st.floats(allow_nan=False), max_size=2)
    )
    def set_memory(self, memory: Any) -> None:
        if self.strategy != "round_robin":  # it must be what the strategy can read
            self.learner.memory = memory
            self.memory = memory

    @rule(memory=anything())
    def set_any_memory(self, memory: Any) -> None:
        if self.strategy != "round_robin" and not self._call(lambda: self._remember(memory), memory).refused:
            self.memory = self.learner.memory

    def _remember(self, memory: Any) -> None:
        self.learner.memory = memory

    @rule()
    def save(self) -> None:
        path = self.folder / f"{self.saved}.autoal"
        assert not self._call(lambda: self.learner.save(path)).refused
        self.path, self.saved = path, self.saved + 1

    @rule(path=anything())
    def save_anywhere(self, path: Any) -> None:
        where = self.folder / path if isinstance(path, str | Path) and str(path) not in ("", "/") else path
        if not self._call(lambda: self.learner.save(where), where).refused:
            assert isinstance(where, Path), "a run that is saved to no path"
            self.path = where

    @precondition(lambda self: self.saved > 1)
    @rule(data=st.data())
    def save_where_another_run_is(self, data: Any) -> None:
        other = self.folder / f"{data.draw(st.integers(0, self.saved - 1))}.autoal"
        if other != self.path:
            assert self._call(lambda: self.learner.save(other)).refused

    @precondition(lambda self: self.path is not None)
    @rule()
    def load(self) -> None:
        found = self._call(lambda: ActiveLearner.load(self.path, make_pool(), GaussianNB(), progress=False))
        assert not found.refused, str(found.error)
        self.learner = found.value

    @precondition(lambda self: self.path is not None)
    @rule(data=st.data(), wrong=st.sampled_from(["ids", "seed", "strategy", "model", "pool", "settings", "path"]))
    def load_wrongly(self, data: Any, wrong: str) -> None:
        odd = data.draw(anything())
        pool = make_pool(IDS[::-1]) if wrong == "ids" else odd if wrong == "pool" else make_pool()
        model = odd if wrong == "model" else GaussianNB()
        settings = {"seed": {"seed": 1}, "settings": {"chunk": 0}, "strategy": {"strategy": "no such strategy"}}.get(
            wrong, {}
        )
        path = odd if wrong == "path" else self.path
        if wrong == "path" and isinstance(odd, str | Path):
            path = self.folder / "none" / str(odd)
        found = self._call(lambda: ActiveLearner.load(path, pool, model, **settings), (wrong, odd))
        assert found.refused

    @invariant()
    def as_the_model_says(self) -> None:
        if not hasattr(self, "learner"):
            return
        learner = self.learner
        assert learner.labels == {id_: NAMES[code] for id_, code in self.known.items() if code != OUTSIDE}
        assert sorted(learner.outside) == sorted(id_ for id_, code in self.known.items() if code == OUTSIDE)
        assert learner.pending == self.asked
        free = [id_ for id_ in IDS if id_ not in self.known and id_ not in self.asked]
        assert learner.unlabelled.tolist() == free
        assert learner.memory == self.memory

    def _call(self, call: Callable[[], Any], about: Any = "") -> Outcome:
        """Make a call, and check that a refused one leaves the file of the run as it was."""
        before = None if self.path is None else content(self.path)
        found = only_autoal_errors(call, about)
        assert not found.refused or before is None or content(self.path) == before, f"{found.error}, but written"
        return found

    def _known_now(self) -> dict[int, int]:
        named = {id_: NAMES.index(name) for id_, name in self.learner.labels.items()}
        return named | dict.fromkeys(self.learner.outside, OUTSIDE)


def content(path: Path) -> list[str]:
    """All that a file of a run holds, as another reader sees it."""
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


TestLearner = Machine.TestCase
TestLearner.settings = settings(fuzz(4), stateful_step_count=20)
