"""Trials on shared batches, and whom they find: the first round's winner, and the highest learning curve."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from misbehaving import Broken
from planted_labels import BATCH, BEGUN, Parity, World, shares_of_good

from autoal import AutoALError
from autoal.adaptive import FirstWinner, LearningCurve
from autoal.adaptive.judge import Judge
from autoal.adaptive.learning_curve import observed, thinned
from autoal.adaptive.trial import Trial

THREE = (Parity(1), Parity(0), Parity(1))


@pytest.mark.parametrize("seed", range(4))
def test_the_first_winner_asks_for_everything_that_follows(seed: int) -> None:
    shares = shares_of_good(FirstWinner(THREE), 5, seed)
    assert shares[0] == pytest.approx(1 / 3, abs=0.02)
    assert shares[1:] == [1.0] * 4


@pytest.mark.parametrize("seed", range(4))
def test_the_highest_learning_curve_is_followed(seed: int) -> None:
    shares = shares_of_good(LearningCurve(THREE, least=2), 6, seed)
    assert shares[:2] == pytest.approx([1 / 3] * 2, abs=0.02)
    assert np.mean(shares[2:]) == 1


def loop(strategy: Trial, rounds: int, n: int) -> list[list[int]]:
    """The candidate of each sample asked for, in each round."""
    world, asked, memory, rng, owners = World.of(0), list(range(BEGUN)), None, np.random.default_rng(0), []
    for _ in range(rounds):
        snapshot = world.snapshot(asked)
        rows, memory = strategy.remember(memory, snapshot, n, rng)
        ids = snapshot.ids[rows].tolist()
        asked += ids
        owners.append([memory["memory"]["asked"].get(str(id_), [None])[0] for id_ in ids])
    return owners


def test_a_shared_batch_is_dealt_in_turns() -> None:
    assert loop(FirstWinner(THREE), 1, 7) == [[0, 1, 2, 0, 1, 2, 0]]


def test_a_trial_lasts_until_each_candidate_has_had_an_answer() -> None:
    owners = loop(FirstWinner(THREE), 5, 1)
    assert owners[:3] == [[0], [1], [2]]
    assert owners[3] == owners[4]
    shared = loop(LearningCurve(THREE, least=2), 4, 2)  # of six turns, two a batch
    assert shared[:3] == [[0, 1], [2, 0], [1, 2]]
    assert len(set(shared[3])) == 1


@pytest.mark.filterwarnings("ignore::autoal.AutoALWarning")
def test_a_candidate_that_fails_is_not_waited_for() -> None:
    owners = loop(FirstWinner((Broken(), Parity(0), Parity(1))), 3, 6)
    assert owners[0] == [1, 2] * 3
    assert owners[1] == owners[2]
    assert owners[1] in ([1] * 6, [2] * 6)
    assert loop(FirstWinner((Broken(),)), 2, 3) == [[None] * 3] * 2  # at random


def test_curves_begin_with_the_labels_that_nobody_asked_for() -> None:
    world, rng = World.of(1), np.random.default_rng(0)
    ids = rng.permutation(500)[:60].tolist()
    judge = Judge.of(world.snapshot(ids))
    batches = [{0: ids[20:30], 2: ids[40:45]}, {0: ids[30:40], 1: ids[45:60]}, {}]
    first, second, third = observed(judge, np.array(ids), batches)
    own = [np.arange(20), np.arange(30), np.r_[:30, 40:45]]
    assert first == pytest.approx(np.array([[len(rows), judge.accuracy(rows)] for rows in own]))
    assert second[:, 0].tolist() == [20, 30, 45]
    assert second[0] == pytest.approx(first[0])
    assert third.shape == (0, 2)


def test_long_curves_are_thinned_with_both_ends() -> None:
    assert thinned([1, 4, 7]) == [1, 4, 7]
    some = thinned(list(range(100)))
    assert (len(some), some[0], some[-1]) == (12, 0, 99)


def test_the_order_of_the_first_winner_is_kept_whatever_follows() -> None:
    world, strategy = World.of(0), FirstWinner(THREE)
    snapshot = world.snapshot(list(range(BEGUN)))
    memory = {**strategy.begin(snapshot), "order": [2, 0, 1], "known": {"0": [0, 0], "1": [1, 0], "2": [2, 0]}}
    rows, memory = strategy.choose(snapshot, BATCH, np.random.default_rng(0), memory)
    assert memory["order"] == [2, 0, 1]
    assert bool((snapshot.ids[rows] % 2 == 1).all())
    assert {arm for arm, _ in memory["asked"].values()} == {2}


def test_bad_settings_are_refused() -> None:
    for settings in ({"least": 0}, {"horizon": 0.0}, {"horizon": float("inf")}):
        with pytest.raises(AutoALError, match=r"a finite|a whole number"):
            LearningCurve(**settings)  # type: ignore[arg-type]


def test_it_is_no_matter_how_the_labelled_samples_are_ordered() -> None:
    world, asked, strategy = World.of(2), list(range(60)), LearningCurve(THREE, least=1)
    memory = {**strategy.begin(world.snapshot(asked)), "known": {str(i): [i % 3, 0] for i in range(30, 60)}}
    picks = []
    for ids in (asked, asked[::-1]):
        snapshot = world.snapshot(ids)
        picks.append(strategy.choose(snapshot, 10, np.random.default_rng(0), memory)[0])
    assert torch.equal(*picks)
