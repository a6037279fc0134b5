"""What an adaptive strategy has learned survives everything that a run survives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from misbehaving import Broken, Garbage, OneClass
from sklearn.linear_model import LogisticRegression

from autoal import OUTSIDE, ActiveLearner, AutoALError, AutoALWarning, Pool, Snapshot, Strategy
from autoal.adaptive import Adaptive, Albl, FirstWinner, LearningCurve, LinUCB, MetaQueryNet, Tailor
from autoal.bench.cell import Cell, run
from autoal.strategies import to_config
from autoal.tasks import Budget
from autoal.testing.snapshots import odd_snapshots
from conftest import make_snapshot

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)
IDS = np.arange(500, 590)
CLASSES = [Albl, FirstWinner, LearningCurve, LinUCB, MetaQueryNet, Tailor]
THREE = ("margin", "random", "kmeans")
SHORT = {LearningCurve: {"least": 1}, MetaQueryNet: {"least": 4, "steps": 20}}
KINDS = [kind(THREE, **SHORT.get(kind, {})) for kind in CLASSES]


def started(strategy: Strategy) -> ActiveLearner:
    learner = ActiveLearner(Pool(X, ids=IDS, classes=3), LogisticRegression(), strategy, seed=1)
    learner.teach(IDS[:10], Y[:10])
    return learner


def rounds(learner: ActiveLearner, n: int) -> list[list[int]]:
    asked = []
    for _ in range(n):
        ids = learner.query(4)
        learner.teach(ids, Y[ids - 500])
        asked.append(ids.tolist())
    return asked


@pytest.mark.parametrize("strategy", KINDS, ids=lambda strategy: strategy.name)
def test_a_run_that_was_saved_goes_on_as_one_that_was_not(strategy: Adaptive, tmp_path: Path) -> None:
    whole = rounds(started(strategy), 6)
    learner = started(strategy)
    assert learner.memory is None
    first = rounds(learner, 3)
    learner.save(tmp_path / "run")
    again = ActiveLearner.load(tmp_path / "run", Pool(X, ids=IDS, classes=3), LogisticRegression())
    assert again.memory == learner.memory
    assert first + rounds(again, 3) == whole


@pytest.mark.parametrize("strategy", KINDS, ids=lambda strategy: strategy.name)
def test_memory_is_plain_data_and_matters(strategy: Adaptive) -> None:
    learner = started(strategy)
    rounds(learner, 3)
    assert json.loads(json.dumps(learner.memory)) == learner.memory
    assert learner.memory["strategy"] == strategy.name
    fresh = started(strategy)
    fresh.teach(list(learner.labels), list(learner.labels.values()))
    assert learner.memory["memory"] != fresh.memory


@pytest.mark.parametrize("strategy", KINDS, ids=lambda strategy: strategy.name)
def test_answers_may_come_late_and_in_part(strategy: Adaptive) -> None:
    learner = started(strategy)
    first = learner.query(6)
    learner.teach(first[:2], Y[first[:2] - 500])
    second = learner.query(4)
    waiting = learner.memory["memory"]["asked"]
    assert set(waiting) == {str(i) for i in [*first[2:].tolist(), *second.tolist()]}
    learner.teach(first[2:], Y[first[2:] - 500])
    learner.query(2)
    assert not set(learner.memory["memory"]["asked"]) & {str(i) for i in first.tolist()}


@pytest.mark.parametrize("strategy", KINDS, ids=lambda strategy: strategy.name)
def test_what_is_of_no_class_is_waited_for_no_more(strategy: Adaptive) -> None:
    learner = started(strategy)
    first = learner.query(6)
    learner.teach(first[:3], [OUTSIDE, OUTSIDE, Y[first[2] - 500]])
    second = learner.query(4)
    assert set(learner.memory["memory"]["asked"]) == {str(i) for i in [*first[3:].tolist(), *second.tolist()]}
    learner.teach(first[3:], [OUTSIDE] * 3)
    learner.teach(second, [OUTSIDE] * 4)
    third = learner.query(2)
    assert set(learner.memory["memory"]["asked"]) == {str(i) for i in third.tolist()}


@pytest.mark.parametrize("strategy", KINDS, ids=lambda strategy: strategy.name)
def test_a_cell_that_is_resumed_remembers(strategy: Adaptive) -> None:
    cell = Cell("digits", to_config(strategy), 3, Budget(10, 5, 3), pool_size=120)
    whole = list(run(cell))
    resumed = list(run(cell, json.loads(json.dumps(whole[:2]))))
    assert [line["ids"] for line in resumed] == [line["ids"] for line in whole[2:]]
    assert [line["memory"] for line in resumed] == [line["memory"] for line in whole[2:]]


def test_the_memory_of_another_strategy_is_not_used() -> None:
    learner = started(Tailor(("margin", "random")))
    learner.memory = {"strategy": "albl", "memory": {"weights": "of something else"}}
    learner.query(3)
    assert learner.memory["strategy"] == "tailor"
    learner.memory = Tailor(("kmeans", "entropy", "margin")).remember(None, make_snapshot(), 3, RNG)[1]
    learner.query(3)
    assert learner.memory["candidates"] == ["margin", "random"]


def test_what_two_learners_of_one_run_ask_for_is_remembered_of_both(tmp_path: Path) -> None:
    started(Tailor()).save(tmp_path / "run")
    pool, model = Pool(X, ids=IDS, classes=3), LogisticRegression()
    one, other = (ActiveLearner.load(tmp_path / "run", pool, model) for _ in range(2))
    choose, asked = one._choose, []

    def interrupted(*arguments: Any) -> Any:
        if not asked:
            asked.append(other.query(3))  # while the first one is choosing
        return choose(*arguments)

    one._choose = interrupted  # type: ignore[method-assign]
    mine = one.query(3)
    assert {*mine.tolist(), *asked[0].tolist()} == {int(id_) for id_ in one.memory["memory"]["asked"]}


@pytest.mark.filterwarnings("ignore::autoal.AutoALWarning")
@pytest.mark.parametrize("kind", CLASSES)
def test_bad_candidates_do_not_sink_the_query(kind: type[Adaptive]) -> None:
    learner = started(kind((Broken(), Garbage(), "margin")))
    for asked in rounds(learner, 3):
        assert len(set(asked)) == 4
    learner = started(kind((Broken(),)))
    assert len(set(learner.query(4).tolist())) == 4


@pytest.mark.parametrize("kind", CLASSES)
def test_a_candidate_that_always_finds_the_same_class_does_not_sink_the_query(kind: type[Adaptive]) -> None:
    for candidates in ((OneClass(),), (OneClass(), "margin")):
        for asked in rounds(started(kind(candidates)), 6):
            assert len(set(asked)) == 4


@pytest.mark.filterwarnings("ignore::autoal.AutoALWarning")
@given(odd_snapshots(), st.sampled_from(CLASSES))
@settings(max_examples=60)
def test_odd_snapshots_have_answers_too(snapshot: Snapshot, kind: type[Adaptive]) -> None:
    """Pools of one row, no label, one class, duplicates and certainty; round by round until the pool is empty."""
    strategy = LearningCurve(THREE, least=1) if kind is LearningCurve else kind(THREE)
    snapshot = replace(snapshot, labelled_ids=-1 - torch.arange(len(snapshot.labels)))
    memory, rng = None, np.random.default_rng(0)
    while len(snapshot):
        n = 1 + len(snapshot) // 3
        rows, memory = strategy.remember(memory, snapshot, n, rng)
        assert len(rows.unique()) == len(rows) == n
        assert json.loads(json.dumps(memory, allow_nan=False)) == memory
        left = torch.from_numpy(np.setdiff1d(np.arange(len(snapshot)), rows))
        snapshot = replace(
            snapshot.subset(left),
            labelled_embedding=torch.cat([snapshot.labelled_embedding, snapshot.embedding[rows]]),
            labelled_log_probs=torch.cat([snapshot.labelled_log_probs, snapshot.log_probs[rows]]),
            labels=torch.cat([snapshot.labels, snapshot.log_probs[rows].argmax(dim=1)]),
            labelled_ids=torch.cat([snapshot.labelled_ids, snapshot.ids[rows]]),
        )


def test_a_failing_candidate_is_named() -> None:
    with pytest.warns(AutoALWarning, match=r"Broken raised RuntimeError \(no idea\)"):
        started(Tailor((Broken(), "margin"))).query(4)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(AutoALError, match="at least one strategy in candidates"):
        Tailor(())
    with pytest.raises(AutoALError, match="reward diversity or positive"):
        Tailor(reward="accuracy")  # type: ignore[arg-type]
    with pytest.raises(AutoALError, match="decay from 0 to 1"):
        Tailor(decay=2)
    with pytest.raises(AutoALError, match="horizon of at least 1"):
        Albl(horizon=0)
    with pytest.raises(AutoALError, match="delta between 0 and 1"):
        Albl(delta=0)
