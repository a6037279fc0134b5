"""Runs on real data, short ones: paired, repeatable, and resumed after being killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autoal.bench.cell import Cell, run
from autoal.bench.demo import Demo, demo_cells
from autoal.bench.runner import cell_path, run_cells
from autoal.bench.store import Line, read
from autoal.errors import AutoALError
from autoal.search import AutoAL
from autoal.strategies import to_config
from autoal.tasks import Budget

QUICK = to_config(AutoAL(cycles=1, fit_steps=5, search_steps=3))


def cell(strategy: str = "entropy", seed: int = 0, rounds: int = 3) -> Cell:
    config = QUICK if strategy == "autoal" else {"name": strategy}
    return Cell("digits", config, seed, Budget(10, 10, rounds), pool_size=300)


def result(line: Line) -> Line:
    """What must not depend on when or where a round was run."""
    return {key: value for key, value in line.items() if key != "seconds"}


def test_a_run_learns_and_its_seeds_are_paired(tmp_path: Path) -> None:
    runs = {name: list(run(cell(name), tmp_path / name)) for name in ("entropy", "random", "autoal")}
    assert [line["labels"] for line in runs["random"]] == [10, 20, 30, 40]
    assert runs["random"][-1]["accuracy"] > runs["random"][0]["accuracy"]
    first = [result(lines[0]) for lines in runs.values()]
    assert first[0] == first[1] == first[2]  # the same initial set and the same training
    assert runs["entropy"][1]["ids"] != runs["random"][1]["ids"]
    assert next(iter(runs["autoal"][1]["weights"])) == "entropy"
    assert runs["entropy"][1]["weights"] == {}
    everything = [id_ for line in runs["autoal"] for id_ in line["ids"]]
    assert len(set(everything)) == 40


def test_a_run_is_repeatable_and_a_finished_one_is_not_run_again(tmp_path: Path) -> None:
    first = [result(line) for line in run(cell("autoal"), tmp_path / "a")]
    assert first == [result(line) for line in run(cell("autoal"), tmp_path / "b")]
    before = (tmp_path / "a").stat().st_mtime_ns
    assert first == [result(line) for line in run(cell("autoal"), tmp_path / "a")]
    assert (tmp_path / "a").stat().st_mtime_ns == before


@pytest.mark.parametrize("keep", [0, 1, 2, 3])
def test_a_run_goes_on_from_any_round(keep: int, tmp_path: Path) -> None:
    whole = [result(line) for line in run(cell("autoal"), tmp_path / "whole")]
    lines = (tmp_path / "whole").read_text().splitlines(keepends=True)
    (tmp_path / "part").write_text("".join(lines[: 1 + keep]) + lines[1 + keep][:25])
    assert [result(line) for line in run(cell("autoal"), tmp_path / "part")] == whole


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autoal.cli", "simulate", "--pool-size", "300", "--rounds", "4"]
    command += ["--search.cycles", "1", "--search.search-steps", "5", "--out"]
    subprocess.run([*command, str(tmp_path / "whole")], check=True, capture_output=True)
    with subprocess.Popen([*command, str(tmp_path / "killed")], stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "killed").exists() or (tmp_path / "killed").read_bytes().count(b"\n") < 3:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGKILL)
    assert len(read(tmp_path / "killed")[1]) < 5
    subprocess.run([*command, str(tmp_path / "killed")], check=True, capture_output=True)
    whole, resumed = (read(tmp_path / name) for name in ("whole", "killed"))
    assert whole[0] == resumed[0]
    assert [result(line) for line in whole[1]] == [result(line) for line in resumed[1]]


def test_processes_give_the_same_results_as_this_one(tmp_path: Path) -> None:
    cells = [cell(name, seed, rounds=2) for name in ("entropy", "autoal") for seed in (0, 1)]
    results = run_cells(cells, tmp_path / "runs", workers=2)
    for one, rounds in zip(cells, results, strict=True):
        assert [result(line) for line in rounds] == [result(line) for line in run(one, tmp_path / "here" / one.label)][
            :3
        ]
        (tmp_path / "here" / one.label).unlink()
        assert cell_path(tmp_path / "runs", one).exists()


def test_the_error_of_a_cell_is_raised(tmp_path: Path) -> None:
    with pytest.raises(AutoALError, match="the name of a strategy"):
        run_cells([cell("entropi")], tmp_path, workers=1)


def test_the_demonstration_has_every_strategy_with_every_seed() -> None:
    cells = demo_cells(Demo(seeds=3, rounds=2))
    assert len(cells) == 11 * 3
    assert {c.budget for c in cells} == {Budget(10, 10, 2)}
    assert len({cell_path(Path(), c) for c in cells}) == 33
    with pytest.raises(AutoALError, match="--seeds of at least 1"):
        demo_cells(Demo(seeds=0))
