"""Every strategy with any settings, on odd snapshots; and strategies of others that return anything."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np
import torch
from fuzzing import fuzz, only_autoal_errors
from hypothesis import given
from hypothesis import strategies as st
from rubbish import anything, arrays
from sklearn.naive_bayes import GaussianNB

from autoal import ActiveLearner, Pool, Snapshot
from autoal import strategies as registry
from autoal.adaptive import Adaptive
from autoal.errors import AutoALWarning
from autoal.strategies import Strategy, from_config, get, to_config
from autoal.strategies.guard import guarded_scores, guarded_select
from autoal.testing.snapshots import odd_snapshots, random_snapshot

KINDS = {**registry.all(), **registry.oracles(), **registry.decoys()}
QUICK = ("least_confidence", "entropy", "margin", "core_set", "random")  # candidates that take no time
# of settings that are steps, units or rounds, so that a query takes no time
SMALL = {
    "steps": 2,
    "hidden": 3,
    "batch": 4,
    "latent": 2,
    "members": 2,
    "labellings": 8,
    "cycles": 1,
    "fit_steps": 2,
    "search_steps": 2,
    "minibatch": 4,
    "repeats": 1,
    "folds": 2,
    "pairs": 4,
    "rounds": 2,
    "batches": 2,
}
PLAUSIBLE = st.sampled_from(
    [
        0,
        1,
        2,
        3,
        7,
        0.1,
        0.5,
        0.999,
        1.0,
        1e-9,
        1e9,
        10.0,
        True,
        False,
        None,
        "margin",
        "embedding",
        "joint",
        "topk",
        "adam",
    ]
)


def _settings(kind: type[Strategy]) -> list[str]:
    return [field.name for field in dataclasses.fields(kind) if field.init] if dataclasses.is_dataclass(kind) else []


@given(data=st.data(), name=st.sampled_from(sorted(KINDS)))
@fuzz(50)
def test_settings_of_anything(data: Any, name: str) -> None:
    kind = KINDS[name]
    names = data.draw(
        st.lists(st.sampled_from([*_settings(kind), "max_candidates"]), min_size=1, max_size=2, unique=True)
    )
    names_of_strategies = st.lists(st.sampled_from([*QUICK, "none", "Margin", "", "auto-al"]), max_size=3)
    given_settings = {each: data.draw(anything() | PLAUSIBLE | names_of_strategies) for each in names}
    found = only_autoal_errors(lambda: kind(**given_settings), (name, given_settings))
    if not found.refused:
        repr(found.value)
        config = only_autoal_errors(lambda: to_config(found.value), (name, given_settings))
        if not config.refused:
            again = from_config(config.value)
            assert to_config(again) == config.value, given_settings


@given(
    name=anything(),
    config=st.dictionaries(st.sampled_from(["name", "max_candidates", "strategy", "x"]), anything()) | anything(),
)
@fuzz(13)
def test_names_and_configurations_of_anything(name: Any, config: Any) -> None:
    only_autoal_errors(lambda: get(name), name)
    only_autoal_errors(lambda: from_config(config), config)
    only_autoal_errors(lambda: registry.to_config(config), config)


@st.composite
def extreme_snapshots(draw: st.DrawFn) -> Snapshot:
    """Odd ones, some with samples that wait for a label or are of no class, enormous, or of three rows that tie."""
    snapshot = draw(odd_snapshots())
    width = snapshot.embedding.shape[1]
    if draw(st.booleans()):
        waiting = torch.zeros(draw(st.integers(0, 2)), width, dtype=snapshot.embedding.dtype)
        snapshot = dataclasses.replace(snapshot, pending_embedding=waiting, outside_ids=torch.tensor([-5, 2**62]))
    if draw(st.booleans()):
        scale = draw(st.sampled_from([0.0, 1e-30, 1e12]))
        scaled = {"embedding": snapshot.embedding * scale, "labelled_embedding": snapshot.labelled_embedding * scale}
        snapshot = dataclasses.replace(snapshot, **scaled)
    if draw(st.booleans()):
        certain = torch.full_like(snapshot.log_probs, -torch.inf)
        certain[:, draw(st.integers(0, snapshot.n_classes - 1))] = 0
        snapshot = dataclasses.replace(snapshot, log_probs=certain)
    return snapshot


@given(data=st.data(), name=st.sampled_from(sorted(KINDS)), snapshot=extreme_snapshots(), n=st.integers(1, 8))
@fuzz(26)
def test_choices_from_odd_snapshots(data: Any, name: str, snapshot: Snapshot, n: int) -> None:
    kind = KINDS[name]
    settings = {each: SMALL[each] for each in _settings(kind) if each in SMALL}
    if _settings(kind) and data.draw(st.booleans()):
        own = data.draw(st.sampled_from(sorted(set(_settings(kind)) - set(SMALL)) or ["max_candidates"]))
        settings[own] = data.draw(PLAUSIBLE)
    if "candidates" in _settings(kind):
        settings["candidates"] = QUICK[:3]
    about = (name, settings, n, len(snapshot), snapshot.n_classes, len(snapshot.labels))
    strategy = only_autoal_errors(lambda: kind(**settings), about)
    if strategy.refused:
        return
    rng = np.random.default_rng(0)
    found = only_autoal_errors(lambda: _chosen(strategy.value, snapshot, n, rng), about)
    if not found.refused:
        rows = found.value.tolist()
        assert len(rows) == len(set(rows)) == min(n, len(snapshot)), about
        assert all(0 <= row < len(snapshot) for row in rows), about


def _chosen(strategy: Strategy, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
    if isinstance(strategy, Adaptive):
        return strategy.remember(None, snapshot, min(n, len(snapshot)), rng)[0]
    return guarded_select(strategy, snapshot, n, rng)


@dataclasses.dataclass(frozen=True)
class Selects(Strategy):
    """Somebody's strategy, which returns what it is told to."""

    name = "selects"
    answer: Any = None

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
        return self.answer  # type: ignore[no-any-return]


@dataclasses.dataclass(frozen=True)
class Scores(Strategy):
    """Somebody's strategy, which scores as it is told to."""

    name = "scores"
    answer: Any = None

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
        return self.answer  # type: ignore[no-any-return]


answers = (
    anything() | arrays(6) | st.lists(st.integers(-2, 7), max_size=7) | st.lists(st.floats(), min_size=6, max_size=6)
)


@given(kind=st.sampled_from([Selects, Scores]), answer=answers, n=st.integers(1, 7))
@fuzz(33)
def test_answers_of_anything(kind: Any, answer: Any, n: int) -> None:
    snapshot, rng = random_snapshot(0, n=6), np.random.default_rng(0)
    strategy = kind(answer=answer)
    found = only_autoal_errors(lambda: guarded_select(strategy, snapshot, n, rng), answer)
    assert not found.refused, found.error
    assert sorted(set(found.value.tolist())) == sorted(found.value.tolist())
    assert len(found.value) == min(n, 6)
    scores = only_autoal_errors(lambda: guarded_scores(strategy, snapshot, n, rng), answer)
    assert not scores.refused, scores.error
    assert scores.value.shape == (6,)
    assert bool(torch.isfinite(scores.value).all())


@given(kind=st.sampled_from([Selects, Scores]), answer=answers)
@fuzz(5)
def test_learners_with_such_strategies(kind: Any, answer: Any) -> None:
    pool = Pool(np.random.default_rng(0).normal(size=(8, 2)), ["a", "b", *[None] * 6])
    learner = ActiveLearner(pool, GaussianNB(), kind(answer=answer), progress=False)
    found = only_autoal_errors(lambda: learner.query(3), answer)
    assert not found.refused, found.error
    assert learner.pending == found.value.tolist()
    assert len(set(learner.pending)) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoALWarning)
        assert len(learner.query(9)) == 3
