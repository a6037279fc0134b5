"""The documents claim what the runs say."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from autoal.bench.results import Results, Run
from autoal.bench.scores import Scores

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

from evidence import BEGIN, END, documents, filled
from versus import compared


def test_the_tables_in_the_documents_are_those_of_the_runs() -> None:
    for path, text in documents().items():
        assert path.read_text(encoding="utf-8") == text, "python benchmarks/evidence.py"


def test_what_is_between_marks_is_replaced_and_all_else_stays() -> None:
    text = f"a\n{BEGIN}old\n{END}b {END} c\n{BEGIN}{END}d"
    made = filled(text, ["one\n", "two\n"])
    assert made == f"a\n{BEGIN}\none\n\n{END}b {END} c\n{BEGIN}\ntwo\n\n{END}d"
    assert filled(made, ["one\n", "two\n"]) == made
    with pytest.raises(ValueError, match="zip"):
        filled(text, ["one\n"])


def run(task: str, strategy: str, seed: int, accuracy: float) -> Run:
    return Run(task, strategy, seed, tuple({"labels": n, "accuracy": accuracy} for n in (10, 20)))


def test_differences_are_over_the_tasks_and_seeds_that_both_have() -> None:
    ours = [run(task, "a", seed, 0.5 + 0.1 * seed) for task in ("x", "y", "z") for seed in (0, 1)]
    theirs = [run("x", "b", 0, 0.4), run("x", "b", 1, 0.7), run("y", "b", 0, 0.2)]
    over, each, by_task = compared(Scores.of(Results((*ours, *theirs))), "a", "b")
    assert {task: gap.mean for task, gap in by_task.items()} == pytest.approx({"x": 0, "y": 30})
    assert over.mean == pytest.approx(15)
    assert (each.pairs, round(3 * each.won)) == (3, 2)
    assert list(compared(Scores.of(Results((*ours, *theirs))), "a", "b", without=["x"]).by_task) == ["y"]
    alone = compared(Scores.of(Results((*ours[:2], *theirs[:2]))), "a", "b")
    assert alone.over == alone.each  # of one task, over its seeds
    assert np.isfinite(alone.over.low)
    for other, said in (("c", "no runs of c; there are a, b"), ("b", "no task and seed in common")):
        some = Scores.of(Results((*ours[:2], *theirs[2:])))
        with pytest.raises(SystemExit, match=said):
            compared(some, "a", other)
