"""Arguments of the learner that cannot be meant: one clear error each, and nothing has changed."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from autoal import ActiveLearner, Pool
from autoal.adaptive import Tailor
from autoal.errors import AutoALError, InputError, StateError
from autoal.paths import as_path
from test_learner import IDS, X, new, started

SOME = [int(id_) for id_ in IDS[30:33]]


def state(learner: ActiveLearner) -> tuple[Any, ...]:
    return learner.labels, learner.pending, learner.outside, learner.memory, learner.unlabelled.tolist()


@pytest.mark.parametrize(
    "ids",
    [
        [SOME, SOME[:1]],
        [SOME],
        [float(id_) for id_ in SOME],
        [str(id_) for id_ in SOME],
        "abc",
        b"abc",
        {*SOME},
        dict.fromkeys(SOME),
        (id_ for id_ in SOME),
        [True, *SOME[1:]],
        [None, *SOME[1:]],
        [np.nan, *SOME[1:]],
        np.array(SOME, dtype="timedelta64[s]"),
        torch.tensor([1.0, 2.0, 3.0], dtype=torch.bfloat16),
        torch.tensor([1, 2, 3]).to_sparse(),
        [2**64, *SOME[1:]],
        object(),
        pandas.DataFrame({"id": SOME}),
    ],
    ids=lambda ids: type(ids).__name__,
)
def test_ids_that_are_none_are_refused_and_change_nothing(ids: Any) -> None:
    learner = started("margin")
    learner.query(3)
    before = state(learner)
    calls: list[Callable[[], object]] = [lambda: learner.teach(ids, [0, 1, 2]), lambda: learner.release(ids)]
    for call in calls:
        with pytest.raises(InputError, match=r"ids as a list of integers|a dense tensor"):
            call()
    assert state(learner) == before


@pytest.mark.parametrize("ids", [pandas.Series(SOME), range(IDS.min(), IDS.min() + 3), torch.tensor(SOME), tuple(SOME)])
def test_ids_may_be_any_list_of_integers(ids: Any) -> None:
    learner = new()
    learner.teach(ids, (label for label in (0, 1, 2)))
    assert list(learner.labels.values()) == [0, 1, 2]


@pytest.mark.parametrize(
    "labels", [[[0], [1, 2], [0]], [{0}, 1, 2], [0, 1, object()], "012", {0: 1}, {0, 1, 2}, 5, [0, 1, b"2"]]
)
def test_labels_that_are_none_are_refused_and_change_nothing(labels: Any) -> None:
    learner = started()
    before = state(learner)
    with pytest.raises(InputError):
        learner.teach(SOME, labels)
    assert state(learner) == before


@pytest.mark.parametrize("who", [None, 3, b"ann", "half a character \ud800"])
def test_who_labelled_is_text(who: Any) -> None:
    learner = started()
    with pytest.raises(InputError, match="who labelled"):
        learner.teach(SOME, [0, 1, 2], who=who)
    assert len(learner.labels) == 12


@pytest.mark.parametrize(
    "n", [np.timedelta64(3, "s"), 2.0, np.float64(2), None, [3], float("nan"), torch.tensor(3), 2j]
)
def test_a_number_of_samples_is_a_whole_number(n: Any) -> None:
    learner = started("margin")
    with pytest.raises(InputError, match="a positive integer n"):
        learner.query(n)
    assert learner.pending == []


@pytest.mark.parametrize("path", [None, 3, b"run", "", "a\0b", "half a character \ud800", ["run"]])
def test_a_path_is_a_text_or_a_path(path: Any) -> None:
    learner = started()
    with pytest.raises(InputError, match="the path of a file"):
        learner.save(path)
    with pytest.raises(InputError, match="the path of a file"):
        ActiveLearner.load(path, learner.pool, LogisticRegression())
    with pytest.raises(InputError):
        as_path(path)


@pytest.mark.parametrize("pool", [X, None, 5])
def test_a_pool_is_a_pool(pool: Any) -> None:
    with pytest.raises(InputError, match=r"a pool; got a .* autoal\.Pool\(X"):
        ActiveLearner(pool, LogisticRegression())


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_learner_is_saved_and_not_pickled(copied: Callable[[object], object]) -> None:
    with pytest.raises(StateError, match=r"save\(path\), and ActiveLearner\.load\(path, pool, model\)"):
        copied(started())


def test_another_model_is_trained_before_it_is_used() -> None:
    learner = started()
    before = learner.predict(X)
    learner.model = GaussianNB()
    assert not torch.allclose(learner.predict(X), before)
    with pytest.raises(AutoALError):
        learner.model = object()
    learner.model = LogisticRegression()
    assert torch.equal(learner.predict(X), before)


def test_another_strategy_is_noted_in_the_run(tmp_path: Any) -> None:
    learner = started("margin")
    learner.save(tmp_path / "run")
    with pytest.raises(InputError, match="a strategy or its name"):
        learner.strategy = 5  # type: ignore[assignment]
    learner.strategy = "random"  # type: ignore[assignment]
    assert learner.strategy.name == "random"
    loaded = ActiveLearner.load(tmp_path / "run", Pool(X, ids=IDS, classes=3), LogisticRegression())
    assert loaded.strategy == learner.strategy


def test_a_memory_that_no_strategy_has_written_is_said_and_can_be_put_away() -> None:
    learner = started(Tailor(candidates=("entropy", "random")))
    for nonsense in (5, "a", [1]):
        with pytest.raises(InputError, match="the memory of a strategy, a dict"):
            learner.memory = nonsense
    learner.query(3)
    memory = learner.memory
    for broken in ({}, 5, {"counts": "a"}, {"asked": {}, "counts": [[1.0]]}):
        learner.memory = {**memory, "memory": broken}
        pending = learner.pending
        with pytest.raises(StateError, match=r"a memory of tailor; got .* learner\.memory = None"):
            learner.query(3)
        assert learner.pending == pending
    learner.memory = None
    assert len(learner.query(3)) == 3
    learner.memory = {"of": "nobody"}  # it is not that of this strategy, which begins anew
    assert len(learner.query(3)) == 3
