"""What is shown while a benchmark runs."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from autoal.bench import progress
from autoal.bench.cell import Cell
from autoal.bench.engine import Failed, Finished, Job, Round, Started
from autoal.bench.progress import Watch
from autoal.tasks import Budget

QUICK, SLOW = (Cell("digits", {"name": name}, 0, Budget(10, 10, 1)) for name in ("quick", "slow"))


def a_round(cell: Cell, seconds: float) -> Round:
    """Of so many seconds; what a query consists of does not count twice."""
    return Round(cell, {"seconds": {"query": seconds - 1, "pass": seconds - 2, "training": 1.0}})


def test_cells_are_counted_and_the_time_left_is_by_strategy() -> None:
    said = Console(file=io.StringIO(), width=200)
    watch = Watch([Job(QUICK), Job(SLOW)], done=3, workers=2, console=said)
    assert watch.text() == "3 of 5 cells done, 0 running, 0 failed"
    watch.show(Started(QUICK, {}, 1))
    watch.show(Started(SLOW, {}, 2))
    watch.show(a_round(QUICK, 10.0))
    assert watch.seconds_left() == (1 * 10 + 2 * 10) / 2  # nothing is known of the slow one
    watch.show(a_round(SLOW, 100.0))
    assert watch.seconds_left() == (1 * 10 + 1 * 100) / 2
    assert watch.text() == "3 of 5 cells done, 2 running, 0 failed, 0:00:55 left"
    watch.show(a_round(QUICK, 10.0))
    watch.show(Finished(QUICK, 20.0))
    watch.show(Failed(SLOW, "ValueError: [no]", "", 100.0))
    assert watch.text() == "4 of 5 cells done, 0 running, 1 failed"
    assert said.file.getvalue() == "failed: digits, slow, 0: ValueError: [no]\n"  # type: ignore[attr-defined]


def test_rounds_that_were_known_are_not_waited_for() -> None:
    watch = Watch([Job(SLOW, done=({"round": 0},))], done=0, workers=1)
    watch.show(a_round(SLOW, 5.0))
    assert watch.seconds_left() == 0


def test_a_terminal_sees_a_bar_and_a_file_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "FIRST", 0.0)
    for terminal in (True, False):
        said = Console(file=io.StringIO(), force_terminal=terminal, width=120)
        with Watch([Job(QUICK)], done=0, workers=1, console=said) as watch:
            watch.show(Started(QUICK, {}, 1))
            watch.show(a_round(QUICK, 2.0))
            watch.show(a_round(QUICK, 2.0))
        text = said.file.getvalue()  # type: ignore[attr-defined]
        assert "0 of 1 cells done, 1 running, 0 failed" in text
        assert ("━" in text) == terminal


def test_a_log_hears_soon_and_then_seldom_and_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(progress, "time", clock)
    path = tmp_path / "log"
    with path.open("w") as log, Watch([Job(SLOW)], done=1, workers=1, console=Console(file=log)) as watch:
        said = []
        for clock.now in (1.0, 4.9, 5.0, 34.9, 35.0, 90.0, 100.0):
            watch.show(Started(SLOW, {}, 1))
            said.append(path.read_text().count("\n"))  # while it is still open: nothing waits in a buffer
        assert said == [0, 0, 1, 1, 2, 3, 3]
        clock.now = 125.0
        watch.show(a_round(SLOW, 60.0))
    assert path.read_text().splitlines()[-1] == "after 0:02:05: 1 of 2 cells done, 1 running, 0 failed, 0:01:00 left"
