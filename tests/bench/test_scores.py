"""Results as arrays: what is where, what is missing, and which part is complete."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import benchmark, results, run

from autoal.bench.results import Results
from autoal.bench.scores import Scores
from autoal.errors import StateError

CURVES = {
    "random": [[0.5, 0.6, 0.7], [0.4, 0.6, 0.6]],
    "margin": [[0.5, 0.8, 0.9], [0.4, 0.6, 0.8]],
    "autoal": [[0.5, 0.8, 0.8], [0.4, 0.7, 0.8]],
}


def test_runs_are_found_where_they_belong() -> None:
    scores = Scores.of(results(CURVES))
    assert scores.strategies == ("autoal", "margin", "random")
    assert scores.seeds == (0, 1)
    assert scores.labels[0].tolist() == [10, 20, 30]
    assert scores.area()[0, 1].tolist() == pytest.approx([0.75, 0.6])
    assert scores.final("balanced_accuracy")[0, 2].tolist() == pytest.approx([0.68, 0.58])
    assert scores.seconds["query"][0, 0, 0] == 0.5
    assert scores.memory[0, 0, 0] == 300
    assert scores.weights["digits/linear/tiny", "autoal"]["entropy"].tolist() == [[0.75, 0.75], [0.75, 0.75]]
    assert ("digits/linear/tiny", "margin") not in scores.weights


def test_a_missing_run_is_nan_in_everything() -> None:
    whole = results(CURVES)
    scores = Scores.of(replace(whole, runs=whole.runs[:-1]))
    assert np.isnan(scores.area()[0, 0]).tolist() == [False, True]
    assert np.isnan(scores.seconds["query"][0, 0, 1])
    assert scores.present.sum() == 5


@given(st.permutations(range(6)))
def test_the_order_of_runs_does_not_matter(order: list[int]) -> None:
    whole = results(CURVES)
    scores = Scores.of(Results(tuple(whole.runs[i] for i in order)))
    assert np.array_equal(scores.area(), Scores.of(whole).area())
    assert scores.strategies == Scores.of(whole).strategies


def test_what_does_not_belong_together_is_refused() -> None:
    whole = results(CURVES)
    with pytest.raises(StateError, match="at least one complete run"):
        Scores.of(Results(()))
    with pytest.raises(StateError, match="two of margin on digits/linear/tiny, seed 1"):
        Scores.of(replace(whole, runs=(*whole.runs, whole.runs[3])))
    longer = run("digits/linear/tiny", "badge", 0, [0.5, 0.6, 0.7, 0.8])
    with pytest.raises(StateError, match="one budget for digits/linear/tiny; got another"):
        Scores.of(replace(whole, runs=(*whole.runs, longer)))


def test_a_metric_that_was_not_measured_is_nan() -> None:
    whole = results(CURVES)
    bare = [{key: line[key] for key in ("round", "labels", "accuracy")} for line in whole.runs[0].rounds]
    scores = Scores.of(Results((replace(whole.runs[0], rounds=tuple(bare)),)))
    assert np.isnan(scores.area("log_loss")).all()
    assert np.isnan(scores.memory).all()
    assert scores.seconds == {}


def without(whole: Results, *cells: tuple[str, str, int | None]) -> Results:
    kept = [r for r in whole.runs if not any((r.task, r.strategy) == c[:2] and c[2] in (None, r.seed) for c in cells)]
    return replace(whole, runs=tuple(kept))


BENCH = benchmark({"random": 0.0, "margin": 0.02, "badge": 0.02}, ["a", "b", "c", "d", "e"], seeds=4, rounds=2)


def test_a_missing_seed_costs_that_seed_of_that_task() -> None:
    part = Scores.of(without(BENCH, ("b", "margin", 2))).complete()
    assert part.tasks == ("a", "b", "c", "d", "e")
    assert part.strategies == ("badge", "margin", "random")
    assert part.present.sum() == 3 * (5 * 4 - 1)
    assert part.present[1, :, 2].sum() == 0
    assert np.isnan(part.seconds["query"][1, :, 2]).all()


def test_a_strategy_that_fails_on_most_tasks_is_left_out_and_so_is_a_task_that_most_fail_on() -> None:
    part = Scores.of(without(BENCH, ("a", "badge", None), ("b", "badge", None), ("c", "badge", None))).complete()
    assert part.strategies == ("margin", "random")
    assert len(part.tasks) == 5
    part = Scores.of(without(BENCH, ("a", "badge", None), ("a", "margin", None))).complete()
    assert part.tasks == ("b", "c", "d", "e")
    assert len(part.strategies) == 3


def test_fewer_than_half_of_the_seeds_count_as_none() -> None:
    part = Scores.of(without(BENCH, *(("a", "badge", seed) for seed in (0, 1, 2)))).complete()
    assert part.tasks == ("b", "c", "d", "e")
    assert "badge" in part.strategies
    part = Scores.of(without(BENCH, *(("a", "badge", seed) for seed in (0, 1)))).complete()
    assert part.present[0].sum() == 3 * 2


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["random", "margin", "badge"]), st.integers(0, 3))))
def test_the_complete_part_is_complete(cells: list[tuple[str, str, int | None]]) -> None:
    found = without(BENCH, *cells)
    if found.runs:
        part = Scores.of(found).complete()
        for task in part.present if part.tasks else []:
            assert task.any()
            assert (task == task[:1]).all()


def test_seeds_that_nobody_shares_leave_nothing_to_compare() -> None:
    runs = (run("a", "random", 0, [0.5, 0.6]), run("a", "margin", 1, [0.5, 0.6]))
    assert Scores.of(Results(runs)).complete().tasks == ()


def test_one_task_keeps_only_the_strategies_that_ran_on_it() -> None:
    part = Scores.of(without(BENCH, ("a", "badge", None))).task("a")
    assert part.tasks == ("a",)
    assert part.strategies == ("margin", "random")
