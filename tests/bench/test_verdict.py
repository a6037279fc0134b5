"""The verdict says what was planted, and no more than the results allow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up import benchmark, results

from autoal.bench.findings import Findings, Overall, gains, level_with_best
from autoal.bench.results import Failure, Results
from autoal.bench.scores import Scores
from autoal.bench.statistics import paired
from autoal.bench.verdict import plain, verdict

TASKS = [f"task{i}/linear/low" for i in range(8)]
EFFECTS = {"autoal": 0.05, "margin": 0.03, "random": 0.0, "entropy": -0.03}


def said(found: Results) -> list[str]:
    return [plain(sentence) for sentence in verdict(Findings(Scores.of(found)), found)]


def only(found: Results, **keep: object) -> Results:
    runs = tuple(r for r in found.runs if all(getattr(r, key) in values for key, values in keep.items()))  # type: ignore[operator]
    return replace(found, runs=runs)


BENCH = benchmark(EFFECTS, TASKS, task_noise=0.002)


def test_planted_effects_are_found() -> None:
    sentences = said(BENCH)
    assert sentences[0].startswith("Over 8 tasks and 80 pairs of task and seed, autoal is first: mean rank 1.0")
    assert "Corrected for all 6 pairs, Wilcoxon-Holm tells it apart from 3 of the 3 others." in sentences[0]
    assert "do not all rank alike (p < 0.001)" in sentences[1]
    assert sentences[2].startswith("Active learning helps on 8 of 8 tasks")
    assert sentences[3].startswith("AutoAL is above its best candidate on average, margin: +")
    assert sentences[4].startswith("AutoAL is above Random: +")
    task = next(sentence for sentence in sentences if sentence.startswith("task3"))
    assert "active learning helps. autoal adds +" in task
    assert "; margin helps too." in task
    assert "1 of 3 is worse than Random, entropy most: −" in task


def test_figures_are_those_of_the_paired_seeds() -> None:
    scores = Scores.of(BENCH)
    area = dict(zip(scores.strategies, scores.area()[0] * 100, strict=True))
    d = paired(area["autoal"], area["random"])
    figures = f"{d.mean:+.2f} points ({d.low:+.2f} to {d.high:+.2f})"
    assert any(s.startswith("task0") and figures in s for s in said(BENCH))
    found = gains(scores, TASKS[0])["autoal"]
    assert found.difference == d
    assert found.p == pytest.approx(min(1, d.p * 3), rel=1e-6)  # the clearest of three by Holm


def test_active_learning_does_not_help_where_nothing_was_planted() -> None:
    null = benchmark(dict.fromkeys(EFFECTS, 0.0), TASKS[:1], seeds=20, noise=0.002)
    task = next(sentence for sentence in said(null) if sentence.startswith("task0"))
    assert "active learning does not help here. None of 3 strategies is above Random beyond chance" in task
    assert "no 95 % interval reaches beyond +0." in task


def test_too_few_seeds_leave_gains_open() -> None:
    null = benchmark(dict.fromkeys(EFFECTS, 0.0), TASKS[:1], seeds=2, noise=0.05)
    task = next(sentence for sentence in said(null) if sentence.startswith("task0"))
    assert "nothing shows that active learning helps here" in task
    assert "points open, which more seeds would settle" in task


def test_harm_is_said_where_nothing_helps() -> None:
    harm = benchmark({"random": 0.0, "entropy": -0.05}, TASKS[:1])
    task = next(sentence for sentence in said(harm) if sentence.startswith("task0"))
    assert "active learning does not help here" in task
    assert "1 of 1 is worse than Random, entropy most: −" in task


def test_a_long_tail_is_judged_by_balanced_accuracy_too() -> None:
    tailed = benchmark(EFFECTS, ["digits/linear/low/imbalance=50", "digits/linear/low/imbalance=1"])
    about = [sentence for sentence in said(tailed) if "long tail" in sentence]
    assert len(about) == 1
    assert about[0].startswith("digits/linear/low/imbalance=50 has a long tail; by balanced accuracy, active learning")


def test_the_best_candidate_is_one_of_those_that_ran() -> None:
    sentences = " ".join(said(only(BENCH, strategy=("autoal", "margin", "random"))))
    assert "AutoAL is above its best candidate on average of the 1 of 2 that ran, margin: +" in sentences


def test_who_is_equally_good_is_not_put_in_an_order() -> None:
    good, bad, base = [[0.5, 0.9]] * 8, [[0.5, 0.6]] * 8, [[0.5, 0.7]] * 8
    curves = {"autoal": good, "margin": good, "entropy": good, "random": base, "bald": bad, "core_set": bad}
    sentences = said(results(curves))
    assert sentences[0].startswith(
        "Over 1 task and 8 pairs of task and seed, autoal, entropy and margin are equal, and first:"
    )
    assert "mean rank 2.00 of 6, winning 80% of the pairs against the others." in sentences[0]
    assert "tells each of them apart from none of the 3 others." in sentences[0]
    assert "AutoAL has the same mean as its best candidate on average, entropy (margin is equal): +0.00" in " ".join(
        sentences
    )
    task = sentences[-1]
    assert "autoal (entropy and margin are equal) adds +10.00 points (+10.00 to +10.00) to Random" in task
    assert "core_set most (bald is equal): −5.00" in task


def test_who_equals_random_is_said_to() -> None:
    for seeds, sentence in (
        (1, "entropy (margin is equal) equals Random: +0.00"),
        (3, "entropy (margin is equal), equals it: +0.00"),
    ):
        assert sentence in said(results({name: [[0.5, 0.7]] * seeds for name in ("entropy", "margin", "random")}))[-1]


def test_one_seed_tells_nothing_apart() -> None:
    sentences = said(only(BENCH, seed=[3], task=TASKS[:1]))
    assert "With 1 seed these tests cannot tell any two of 4 strategies apart" in sentences[1]
    assert "one seed tells nothing apart" in " ".join(sentences)
    assert not any("is above" in sentence or "BELOW" in sentence for sentence in sentences)


def test_few_tasks_are_said_to_be_too_few() -> None:
    sentences = said(only(BENCH, task=TASKS[:3]))
    assert "With 3 tasks these tests cannot tell any two of 4 strategies apart" in sentences[1]


def test_one_task_is_tested_over_its_seeds_and_says_so() -> None:
    sentences = said(only(BENCH, task=TASKS[:1]))
    assert "over 10 seeds" in sentences[1]
    assert "say nothing about other tasks" in sentences[1]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["margin"], "Only margin has complete runs"),
        (["random"], "only Random has run"),
        (["margin", "entropy"], "Random has not run, so nothing says whether active learning helps"),
    ],
)
def test_what_cannot_be_said_is_not(names: list[str], sentence: str) -> None:
    assert sentence in " ".join(said(only(BENCH, strategy=names)))


def test_strategies_without_a_common_seed_are_not_compared() -> None:
    runs = (
        only(BENCH, strategy=["random"], seed=range(5)).runs + only(BENCH, strategy=["margin"], seed=range(5, 10)).runs
    )
    sentences = said(Results(runs))
    assert sentences[0].startswith("No two strategies share a seed")
    assert all("no strategy shares a seed with Random" in sentence for sentence in sentences[1:])


def test_failures_and_what_is_left_out_are_named() -> None:
    part = tuple(r for r in BENCH.runs if r.strategy != "entropy" or r.task in TASKS[:2])
    sentences = said(Results(part, (Failure(TASKS[3], "entropy", 0, "boom"),)))
    assert "for want of runs (missing): entropy." in sentences[-2]
    assert sentences[-1] == "1 cell failed."


def test_level_with_the_best_by_hand() -> None:
    scores = Scores.of(
        results({"a": [[0.5, 0.9]] * 3, "b": [[0.5, 0.9], [0.5, 0.8], [0.5, 0.9]], "c": [[0.5, 0.6]] * 3})
    )
    best, level = level_with_best(scores, scores.tasks[0], scores.area()[0])
    assert (best, level) == ("a", {"b"})
    assert level_with_best(scores, scores.tasks[0], scores.area("log_loss")[0], lower=True) == ("a", {"b"})


def test_overall_numbers_are_those_of_plain_formulas() -> None:
    overall = Findings(Scores.of(BENCH)).overall
    assert isinstance(overall, Overall)
    by_hand = overall.scores.area().mean(axis=2) * 100
    assert overall.means == pytest.approx(by_hand)
    d = overall.difference("autoal", "random")
    assert (d.mean, d.pairs) == (pytest.approx(float((by_hand[:, 0] - by_hand[:, 3]).mean())), 8)
    area = overall.scores.area()
    assert overall.won[overall.index("autoal"), overall.index("margin")] == np.mean(area[:, 0] > area[:, 2])
