"""Runs on real data, short ones: paired, repeatable, and resumed from any round."""

from __future__ import annotations

import pytest

from autoal.bench.cell import Cell, run
from autoal.bench.demo import Demo, demo_cells
from autoal.bench.results import Line
from autoal.errors import AutoALError
from autoal.search import AutoAL
from autoal.strategies import to_config
from autoal.tasks import Budget, get

QUICK = to_config(AutoAL(cycles=1, fit_steps=5, search_steps=3))
MEASURED = ("seconds", "peak_memory")


def cell(strategy: str = "entropy", seed: int = 0, rounds: int = 3) -> Cell:
    config = QUICK if strategy == "autoal" else {"name": strategy}
    return Cell("digits", config, seed, Budget(10, 10, rounds), pool_size=300)


def result(line: Line) -> Line:
    """What must not depend on when or where a round was run."""
    return {key: value for key, value in line.items() if key not in MEASURED}


def test_a_run_learns_and_its_seeds_are_paired() -> None:
    runs = {name: list(run(cell(name))) for name in ("entropy", "random", "autoal")}
    assert [line["labels"] for line in runs["random"]] == [10, 20, 30, 40]
    assert runs["random"][-1]["accuracy"] > runs["random"][0]["accuracy"]
    first = [result(lines[0]) for lines in runs.values()]
    assert first[0] == first[1] == first[2]  # the same initial set and the same training
    assert runs["entropy"][1]["ids"] != runs["random"][1]["ids"]
    assert next(iter(runs["autoal"][1]["weights"])) == "entropy"
    assert runs["entropy"][1]["weights"] == {}
    everything = [id_ for line in runs["autoal"] for id_ in line["ids"]]
    assert len(set(everything)) == 40
    assert next(run(cell(seed=1)))["ids"] != runs["entropy"][0]["ids"]


def test_the_training_of_a_round_depends_on_seed_and_labels_alone() -> None:
    """A pool of as many samples as the budget has labels: every strategy ends with all of them, and the same model."""
    budget = Budget(10, 10, 2)
    last = [
        list(run(Cell("digits", {"name": name}, 0, budget, pool_size=30)))[-1] for name in ("random", "margin", "badge")
    ]
    for key in ("accuracy", "log_loss", "class_counts"):
        assert last[0][key] == last[1][key] == last[2][key]
    assert last[0]["ids"] != last[1]["ids"]


def test_a_round_says_all_that_the_report_needs() -> None:
    lines = list(run(cell("autoal")))
    for line in lines:
        assert len(line["class_counts"]) == 10
        assert sum(line["class_counts"]) == line["labels"]
        assert 0 < line["balanced_accuracy"] < 1
        assert 0 < line["calibration"] < 1
        assert 0 < line["log_loss"] < 10
        assert line["peak_memory"] > 10
        assert line["warnings"] == []
        assert {"query", "training", "evaluation"} <= set(line["seconds"])
    assert "data" in lines[0]["seconds"]
    stages = lines[1]["seconds"]
    assert stages["query"] >= stages["pass"] + stages["selection"] > 0
    assert stages["training"] > 0.01  # the model is trained once a round, after the labels have come


def test_what_a_strategy_warns_of_is_kept() -> None:
    config = {"name": "entropy", "max_candidates": 50}
    lines = list(run(Cell("digits", config, 0, Budget(10, 10, 1), pool_size=300)))
    assert lines[0]["warnings"] == []
    assert "50" in lines[1]["warnings"][0]


@pytest.mark.parametrize("known", [1, 2, 3, 4])
def test_a_run_goes_on_from_any_round(known: int) -> None:
    whole = list(run(cell("autoal")))
    rest = list(run(cell("autoal"), whole[:known]))
    assert [result(line) for line in rest] == [result(line) for line in whole[known:]]


def test_a_budget_that_the_pool_cannot_give_is_refused() -> None:
    with pytest.raises(AutoALError, match=r"at least 310 samples.*got 300.*--rounds 29"):
        next(run(cell(rounds=30)))


def test_the_demonstration_has_every_strategy_with_every_seed() -> None:
    cells = demo_cells(Demo(seeds=3, rounds=2))
    assert len({c.key for c in cells}) == len(cells) == 11 * 3
    assert {c.budget for c in cells} == {Budget(10, 10, 2)}
    assert {c.task for c in cells} == {get("digits").name}
    with pytest.raises(AutoALError, match="--seeds of at least 1"):
        demo_cells(Demo(seeds=0))


def test_fewer_rounds_make_do_with_fewer_samples() -> None:
    task = "digits/linear/low/imbalance=1000"  # leaves 247 samples, and the task has 550 labels
    few, many = (Cell(task, {"name": "random"}, 0, Budget(50, 50, rounds)) for rounds in (1, 4))
    assert [line["labels"] for line in run(few)] == [50, 100]
    with pytest.raises(
        AutoALError, match=r"a pool of at least 250 samples.*got 247\. Try: --rounds 3, the regime tiny"
    ):
        next(run(many))
