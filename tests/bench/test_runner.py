"""Cells on engines: the same results everywhere, one failure harms nobody, and a kill loses nothing."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console
from test_cell import cell, result

from autoal import AutoALWarning
from autoal.bench.cell import Cell, run
from autoal.bench.engine import Event, InProcess, Job, Started
from autoal.bench.environment import machine, versions
from autoal.bench.local import Local
from autoal.bench.results import Line
from autoal.bench.runner import run_cells
from autoal.bench.store import FILE, Store
from autoal.cli import main
from autoal.errors import StateError

CELLS = [cell(name, seed, rounds=2) for seed in (0, 1) for name in ("entropy", "autoal")]
HOUR = 3600  # seconds: only what hangs takes as long, on a busy machine too
BROKEN = Cell("digits", {"name": "entropi"}, 0, CELLS[0].budget, 300)


def expected(cells: Sequence[Cell]) -> list[list[Line]]:
    return [[result(line) for line in run(one)] for one in cells]


def stored(path: Path, cells: Sequence[Cell]) -> list[list[Line]]:
    with Store(path) as store:
        return [[result(line) for line in store.rounds(one)] for one in cells]


class Murdered(Local):
    """Processes, the first of which that begins a cell is killed, as the system does for want of memory."""

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        killed = False
        for event in super().run(jobs):
            yield event
            if isinstance(event, Started) and not killed:
                os.kill(event.process, signal.SIGKILL)
                killed = True


def test_processes_give_the_same_results_as_this_one_and_outlive_the_death_of_one(tmp_path: Path) -> None:
    """One that dies in the middle of its cell fails that cell only, which is tried again."""
    heard = list[tuple[str, int]]()

    def hear(one: Cell, line: Line) -> None:
        heard.append((one.key, line["round"]))

    with Store(tmp_path / FILE) as store:
        first = run_cells(CELLS, store, Murdered(2), hear=hear)
        assert (first.cells, first.done, first.failed) == (4, 3, 1)
        assert 0 < first.cell_seconds < first.wall_seconds * 2
        (failure,) = store.results().failures
        assert "SIGKILL, perhaps for want of memory" in failure.error
        second = run_cells(CELLS, store, InProcess(), hear=hear)
        assert (second.done, second.failed) == (4, 0)
        assert sorted(heard) == sorted((one.key, number) for one in CELLS for number in range(3))
        assert store.results().about["engine"] == "local, 2 workers; in process, 1 workers"
        assert store.results().about["torch"] == versions()["torch"]
        again = run_cells(CELLS, store, Local(2))
    assert (again.done, again.cell_seconds) == (4, 0)
    assert stored(tmp_path / FILE, CELLS) == expected(CELLS)


def test_a_failed_cell_stops_nobody_and_is_tried_again(tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=open(os.devnull, "w"))  # noqa: SIM115
    with console.file, Store(tmp_path / FILE) as store:
        for attempt in (1, 2):
            summary = run_cells([BROKEN, *CELLS[:1]], store, InProcess(), console=console)
            assert (summary.done, summary.failed) == (1, 1)
            assert "failed: digits, entropi, 0: InputError: expected the name of a strategy" in console.export_text()
            found = store.results()
            assert [failure.strategy for failure in found.failures] == ["entropi"]
            assert [one.strategy for one in found.runs] == ["entropy"]
            with closing(sqlite3.connect(store.path)) as db:
                sql = "SELECT attempts, traceback FROM cells WHERE state = 'failed'"
                attempts, traceback = db.execute(sql).fetchone()
            assert attempts == attempt
            assert "Traceback" in traceback


def test_rounds_that_are_known_are_not_run_again(tmp_path: Path) -> None:
    whole = list(run(CELLS[1]))
    with Store(tmp_path / FILE) as store:
        store.plan(CELLS[1:2])
        for line in whole[:2]:
            store.append(CELLS[1], line)
        heard = []
        run_cells(CELLS[1:2], store, InProcess(), hear=lambda _, line: heard.append(line))
        assert [line["round"] for line in heard] == [2]
    assert stored(tmp_path / FILE, CELLS[1:2]) == [[result(line) for line in whole]]


def test_a_cell_that_is_given_twice_is_run_once(tmp_path: Path) -> None:
    heard = []
    with Store(tmp_path / FILE) as store:
        summary = run_cells([CELLS[0]] * 2, store, InProcess(), hear=lambda _, line: heard.append(line["round"]))
    assert (summary.cells, summary.done) == (1, 1)
    assert heard == [0, 1, 2]


def test_a_second_run_in_one_folder_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path / FILE) as store:

        def second(one: Cell, line: Line) -> None:
            with Store(tmp_path / FILE) as other, pytest.raises(StateError, match="another one that is running"):
                run_cells(CELLS[:1], other, InProcess())

        assert run_cells(CELLS[:1], store, InProcess(), hear=second).done == 1
        assert run_cells(CELLS[:1], store, InProcess()).done == 1


def test_results_of_other_versions_can_be_read_and_are_warned_of(tmp_path: Path) -> None:
    with Store(tmp_path / FILE) as store:
        store.plan(CELLS[:2])
        store.start(CELLS[0], {**versions(), "torch": "1.0", "machine": machine()})
        with pytest.warns(AutoALWarning, match=r"1 cells in .* were run with torch 1\.0"):
            run_cells(CELLS[:1], store, InProcess())
        store.start(CELLS[1], {name: version for name, version in versions().items() if name != "code"})
        with pytest.warns(AutoALWarning, match=r"1 cells in .* were run with code unknown;"):
            run_cells(CELLS[:1], store, InProcess())


@pytest.mark.parametrize("program", ["/usr/bin/autoal", "/lib/autoal/__main__.py"])
def test_a_command_is_noted_as_it_can_be_typed(program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", [program, "bench", "--out", "my results"])
    with Store(tmp_path / FILE) as store:
        run_cells(CELLS[:1], store, InProcess())
        assert store.results().about["command"] == "autoal bench --out 'my results'"


def bench(out: Path, seeds: int, workers: int = 2) -> list[str]:
    """The arguments of a benchmark."""
    options = ["--tasks", "digits", "--strategies", "random", "margin", "badge", "uniform_weights", "--rounds", "3"]
    return ["bench", *options, "--workers", str(workers), "--seeds", str(seeds), "--out", str(out)]


def command(arguments: list[str]) -> list[str]:
    """The same as a process of its own."""
    return [sys.executable, "-m", "autoal.cli", *arguments]


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def table(out: Path) -> dict[tuple[str, str, int], list[Line]]:
    with Store.of(out) as store:
        found = store.results()
    assert found.failures == ()
    return {(one.task, one.strategy, one.seed): [result(line) for line in one.rounds] for one in found.runs}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers in /proc")
def test_a_benchmark_that_was_killed_at_any_moment_ends_as_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At random moments, from the start of the program on; its workers end by themselves."""
    whole, out, moments = tmp_path / "whole", tmp_path / "killed", random.Random(0)
    for target in (0, moments.randint(1, 12)):  # of 32 rounds
        arguments = command(bench(out, seeds=2))
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and count(out) < target:
                time.sleep(0.01)
            time.sleep(moments.uniform(0, 0.2))
            workers = children(process.pid)
            process.kill()
        await_end(workers)
        before = count(out)
        time.sleep(0.2)
        assert count(out) == before  # orphans write nothing
        assert target <= before <= 32
    monkeypatch.setattr("autoal.bench.bench.Local", lambda workers: InProcess())
    for folder in (out, whole):
        assert main(bench(folder, seeds=2)) == 0
    assert table(out) == table(whole)
    assert len(table(out)) == 8
    with closing(sqlite3.connect(out / FILE)) as db:
        assert db.execute("SELECT COUNT(*), COUNT(DISTINCT cell || ' ' || round) FROM rounds").fetchone() == (32, 32)


def count(out: Path) -> int:
    """Rounds that are written."""
    if not (out / FILE).exists():
        return 0
    with closing(sqlite3.connect(out / FILE, timeout=HOUR)) as db:
        laid_out = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'rounds'").fetchone()
        return int(db.execute("SELECT COUNT(*) FROM rounds").fetchone()[0]) if laid_out else 0


def await_end(pids: list[int]) -> None:
    """Wait for processes whose parent has been killed."""
    deadline = time.monotonic() + HOUR
    while any(Path(f"/proc/{pid}").exists() and "Z" not in state(pid) for pid in pids):
        assert time.monotonic() < deadline, f"still running: {pids}"
        time.sleep(0.05)


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"


def test_an_interrupt_ends_cleanly_and_says_how_to_go_on(tmp_path: Path) -> None:
    arguments = command(
        bench(tmp_path, seeds=100, workers=1)
    )  # not over before it is interrupted, however slow this process is
    listens = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # also where the tests run in the background
    with subprocess.Popen(
        arguments, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=listens
    ) as process:
        while count(tmp_path) < 3:
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does: to the workers as well
        _, said = process.communicate(timeout=HOUR)
    assert process.returncode == 1
    *progress, last = said.strip().splitlines()
    assert last == "stopped; each round that has ended is written, and the same command goes on from there"
    assert all(re.match(r"after [\d:]+: \d+ of 400 cells done", line) for line in progress)  # and no traceback
