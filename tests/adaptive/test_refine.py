"""Refine against the obvious form, and what its limits do."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from misbehaving import Broken, Garbage
from torch import Tensor

from autoal import AutoALError, AutoALWarning, Snapshot, strategies
from autoal.adaptive import Refine
from autoal.strategies import Margin, Random, Strategy, UHerding
from autoal.testing import Feature, Noise, StrategyContract
from conftest import make_snapshot


class TestOfTwo(StrategyContract):
    strategy = Refine(("entropy", "kmeans"), rounds=2, batches=3, share=0.5, part=30, kept=25, final="margin")


def slow(snapshot: Snapshot, candidates: list[Strategy], n: int, rng: np.random.Generator, refine: Refine) -> list[int]:
    """Lists and sets; a snapshot of ascending ids is shuffled by a permutation."""
    rows = list(range(len(snapshot)))
    for _ in range(refine.rounds):
        size, union = max(min(math.ceil(refine.share * len(rows)), refine.part), n), set()
        for candidate in candidates:
            for _ in range(refine.batches):
                some = [rows[i] for i in rng.permutation(len(rows))[:size]]
                union |= {some[i] for i in candidate.select(snapshot.subset(torch.tensor(some)), n, rng)}
        rows = sorted(union)
        if len(rows) > max(refine.kept, n):
            rows = sorted(rows[i] for i in rng.permutation(len(rows))[: max(refine.kept, n)])
    return [rows[i] for i in UHerding().select(snapshot.subset(torch.tensor(rows)), n, rng)]


@given(st.integers(0, 1000), st.integers(12, 150), st.integers(1, 12), st.sampled_from([(0.1, 40, 20), (0.6, 9, 9999)]))
@settings(max_examples=20)
def test_equal_to_the_obvious_form(seed: int, n_rows: int, n: int, limits: tuple[float, int, int]) -> None:
    snapshot, (share, part, kept) = make_snapshot(n_rows, seed=seed), limits
    candidates: list[Strategy] = [Margin(), Random(), Feature(2)]
    refine = Refine(candidates, rounds=3, batches=2, share=share, part=part, kept=kept)
    picks = refine.select(snapshot, n, np.random.default_rng(seed))
    assert picks.tolist() == slow(snapshot, candidates, n, np.random.default_rng(seed), refine)


@dataclass(frozen=True)
class Sizes(Strategy):
    """Takes the first rows, and notes how large the pools are that it is shown."""

    name = "sizes"
    reference = "tests"
    seen: list[int] = field(default_factory=list, compare=False)

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        self.seen.append(len(snapshot))
        return torch.arange(n)


def test_the_parts_are_a_share_of_what_is_left_and_limited() -> None:
    snapshot, sizes = make_snapshot(n=1000), Sizes()
    Refine([sizes], rounds=1, batches=3).select(snapshot, 5, np.random.default_rng(0))
    Refine([sizes], rounds=1, batches=2, part=300).select(snapshot, 5, np.random.default_rng(0))
    Refine([sizes], rounds=2, batches=1, share=0.1).select(snapshot, 150, np.random.default_rng(0))
    assert sizes.seen == [400] * 3 + [300] * 2 + [150] * 2  # a part holds a batch at least


def test_what_no_candidate_wants_is_not_selected() -> None:
    """All batches are the same where every candidate sees all: their union is what is selected."""
    snapshot = make_snapshot(n=200)
    picks = Refine((Feature(0), Feature(1)), share=1.0).select(snapshot, 12, np.random.default_rng(0))
    best = [set(snapshot.embedding[:, column].topk(12).indices.tolist()) for column in (0, 1)]
    assert set(picks.tolist()) <= best[0] | best[1]
    alone = Refine([Feature(0)], share=1.0).select(snapshot, 12, np.random.default_rng(0))
    assert set(alone.tolist()) == best[0]


def test_rounds_concentrate_on_what_an_informative_candidate_wants() -> None:
    """Among noise, which takes anything, samples of high feature 1 survive round by round."""
    snapshot, means = make_snapshot(n=3000), []
    for rounds in (1, 3, 6):
        refine = Refine((Noise(0), Feature(1)), rounds=rounds, batches=5, final="random")
        picks = refine.select(snapshot, 50, np.random.default_rng(0))
        means.append(float(snapshot.embedding[picks, 1].mean()))
    assert means == sorted(means)
    assert means[0] > float(snapshot.embedding[:, 1].mean()) + 0.3


def test_candidates_that_misbehave_do_not_sink_the_query(snapshot: Snapshot, rng: np.random.Generator) -> None:
    few = partial(Refine, rounds=1, batches=1, share=1.0)
    with pytest.warns(AutoALWarning, match="Broken raised"):
        picks = few((Broken(), Feature(1))).select(snapshot, 6, rng)
    assert set(picks.tolist()) == set(snapshot.embedding[:, 1].topk(6).indices.tolist())
    with pytest.warns(AutoALWarning, match="Garbage should return"):
        assert len(few((Garbage(), "margin")).select(snapshot, 6, rng).unique()) == 6
    with pytest.warns(AutoALWarning, match="Broken raised"):
        alone = few((Broken(),)).select(snapshot, 6, np.random.default_rng(0))
    assert len(alone.unique()) == 6
    with pytest.warns(AutoALWarning, match="Broken raised"):
        assert len(few(("margin",), final=Broken()).select(snapshot, 6, rng).unique()) == 6


def test_candidates_that_cannot_be_served_are_left_out(snapshot: Snapshot, rng: np.random.Generator) -> None:
    bare = replace(snapshot, stochastic=None, passes=None)
    with pytest.warns(AutoALWarning, match="left out.*: drop_query$"):
        assert len(Refine(rounds=1, batches=1).select(bare, 5, rng)) == 5
    with pytest.raises(AutoALError, match="stochastic"):
        Refine(("margin",), final="bald").select(bare, 5, rng)
    assert "stochastic" in Refine().uses
    assert "stochastic" not in Refine(("margin",)).uses


@pytest.mark.parametrize(
    "settings",
    [
        {"rounds": 0},
        {"batches": 0},
        {"share": 0.0},
        {"share": 1.5},
        {"share": float("nan")},
        {"part": 0},
        {"kept": -1},
        {"final": "u_hreding"},
        {"candidates": []},
        {"candidates": ["entropi"]},
    ],
)
def test_bad_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(AutoALError):
        Refine(**settings)  # type: ignore[arg-type]


def test_it_is_saved_and_read_with_its_settings(snapshot: Snapshot) -> None:
    strategy = Refine(["margin", strategies.Power("entropy")], rounds=2, batches=2, final="max_herding")
    again = strategies.from_config(strategies.to_config(strategy))
    assert again == strategy
    picks = [s.select(snapshot, 9, np.random.default_rng(3)).tolist() for s in (strategy, again)]
    assert picks[0] == picks[1]
