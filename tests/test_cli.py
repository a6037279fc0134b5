"""Every command: what it prints, what it writes, and its exit code."""

from __future__ import annotations

import runpy
import sqlite3
import tomllib
from collections.abc import Generator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from autoal import strategies
from autoal.bench import bench, demo
from autoal.bench.archive import read_results
from autoal.bench.engine import Event, InProcess, Job
from autoal.bench.store import FILE, Store
from autoal.cli import main


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells run in this process, where it is no matter which one runs them: another takes seconds to start."""
    for command in (bench, demo):
        monkeypatch.setattr(command, "Local", lambda workers: InProcess())


COMMANDS = ("bench", "report", "demo", "simulate", "strategies")


def test_strategies_are_listed_with_rule_needs_and_reference_on_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["strategies"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert {line.split()[0] for line in lines if line[2:3].strip()} >= set(strategies.all())
    text = " ".join(" ".join(line[25:].split()) for line in lines)
    for strategy in strategies.all().values():
        rule = " ".join((strategy.__doc__ or "").splitlines()[0].split())
        needs = ", ".join(sorted(strategy.needs)) or "nothing"
        assert f"{rule} needs {needs}; {strategy.reference}" in text


def test_the_version_is_that_of_the_package_and_the_module_runs_as_the_command_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["version"]
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"autoal {version}\n"
    monkeypatch.setattr("sys.argv", ["autoal", "--version"])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("autoal", run_name="__main__")
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"autoal {version}\n"


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_every_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*command, "--help"])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in (COMMANDS if not command else ["usage"]))


def test_every_setting_of_a_simulation_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["simulate", "--help"])
    printed = capsys.readouterr().out
    for option in ("--strategy", "--seed", "--batch", "--candidates", "--vote.sharpness", "--search.lambda-bar"):
        assert option in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["simulate", "--task", "cifar11"], "Try: cifar10"),
        (["simulate", "--strategy", "entropi"], "Try: entropy"),
        (["simulate", "--rounds", "0"], "at least 1"),
        (["simulate", "--strategy", "margin", "--candidates", "entropy"], "--strategy autoal, or no --candidates"),
        (["simulate", "--strategy", "margin", "--vote.batch", "topk"], "margin, with --vote.batch"),
        (["simulate", "--strategy", "tcm", "--vote.no-balanced"], "--strategy autoal, or no --vote.balanced"),
        (["simulate", "--strategy", "uniform_weights", "--search.fit-lr", "1"], "a strategy that searches"),
        (["simulate", "--pool-size", "2000"], "--pool-size from 1 to 1347"),
        (["simulate", "--seed", "-1"], "--seed of at least 0"),
        (["simulate", "--pool-size", "0"], "--pool-size from 1 to 1347"),
        (["demo", "--workers", "0"], "--workers of at least 1"),
        (["simulate", "--search.cycles", "0"], "cycles of at least 1"),
        (["bench", "--tasks", "cifar11"], "Try: cifar10"),
        (["bench", "--tasks", "digits", "--strategies", "random", "entropi"], "Try: entropy"),
        (["bench", "--tasks", "digits", "--seeds", "0"], "--seeds of at least 1"),
        (["bench", "--tasks", "digits", "--rounds", "0"], "--rounds of at least 1"),
        (["bench", "--tasks", "digits", "--workers", "0"], "--workers of at least 1"),
        (["bench", "--tasks", "digits", "--address", "auto"], "--engine ray"),
    ],
)
def test_a_wrong_call_says_what_to_try(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_an_unknown_option_is_a_wrong_call() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["simulate", "--sede", "1"])
    assert stop.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["simulate", "--strategy", "random", "--out"], "a file of results"),
        (["bench", "--tasks", "digits", "--strategies", "random", "--out"], "a file of results"),
        (["report"], "a folder with results"),
    ],
)
def test_a_failure_is_told_from_a_wrong_call(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert main([*arguments, str(tmp_path / "file")]) == 1
    assert message in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["no[bold]where", "a[/x]b"])
def test_brackets_in_a_message_are_no_markup(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / name)]) == 1
    assert name in capsys.readouterr().err


def test_a_simulation_prints_each_round_and_goes_on_where_it_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["simulate", "--strategy", "margin", "--pool-size", "200", "--out", str(tmp_path / "run")]
    assert main([*arguments, "--rounds", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("round ") == 3
    assert "AUBC" in printed
    before = rounds(tmp_path / "run")
    assert len(before) == 3
    assert main([*arguments, "--rounds", "2"]) == 0
    assert capsys.readouterr().out == printed  # what is known is printed again
    assert rounds(tmp_path / "run") == before
    assert main([*arguments, "--rounds", "3"]) == 1
    assert "the budget of digits" in capsys.readouterr().err


def test_a_simulation_that_fails_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--strategy", "random", "--pool-size", "15", "--out", str(tmp_path)]) == 1
    assert "a pool of at least 110 samples" in capsys.readouterr().err
    other = ["simulate", "--strategy", "random", "--pool-size", "20", "--seed", "1", "--out", str(tmp_path)]
    assert main(other) == 1
    assert "got 20" in capsys.readouterr().err


@pytest.mark.usefixtures("in_process")
def test_a_benchmark_runs_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--tasks", "digits", "--strategies", "margin", "random", "--rounds", "1"]
    arguments += ["--out", str(tmp_path / "bench")]
    assert main([*arguments, "--seeds", "2", "--dry-run"]) == 0
    assert "4 cells, 4 to run" in capsys.readouterr().out
    assert not (tmp_path / "bench").exists()
    assert main([*arguments, "--seeds", "1"]) == 0
    assert "2 of 2 cells done, 0 failed" in capsys.readouterr().out
    assert main([*arguments, "--seeds", "2", "--dry-run"]) == 0
    assert "4 cells, 2 to run" in capsys.readouterr().out
    with Store.of(tmp_path / "bench") as store:
        assert [(run.strategy, run.seed, len(run.rounds)) for run in store.results().runs] == [
            ("margin", 0, 2),
            ("random", 0, 2),
        ]


@pytest.mark.usefixtures("in_process")
def test_a_benchmark_with_failures_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A budget that the pool does not have: each cell fails, and says so."""
    arguments = ["bench", "--tasks", "digits", "--strategies", "random", "--rounds", "1000"]
    assert main([*arguments, "--seeds", "1", "--workers", "1", "--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "0 of 1 cells done, 1 failed" in printed.out
    assert "a pool of at least 10010 samples" in printed.err


@pytest.mark.usefixtures("in_process")
def test_a_report_joins_the_runs_of_folders_and_of_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("margin", "random"):
        arguments = ["--tasks", "digits", "--strategies", name, "--rounds", "1", "--seeds", "2", "--workers", "1"]
        assert main(["bench", *arguments, "--out", str(tmp_path / name)]) == 0
    assert main(["report", str(tmp_path / "margin")]) == 0
    (tmp_path / "margin" / "results.sqlite").unlink()  # as in a repository that keeps reports only
    capsys.readouterr()
    assert main(["report", str(tmp_path / "margin"), str(tmp_path / "random")]) == 0
    assert "margin" in capsys.readouterr().out
    found = read_results(tmp_path / "margin")
    assert [(run.strategy, run.seed) for run in found.runs] == [
        ("margin", 0),
        ("margin", 1),
        ("random", 0),
        ("random", 1),
    ]


def rounds(folder: Path) -> tuple[dict[str, object], ...]:
    with Store.of(folder) as store:
        return store.results().runs[0].rounds


@pytest.mark.usefixtures("in_process")
def test_the_demonstration_writes_table_and_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--seeds", "2", "--rounds", "1", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "2 paired seeds, 10 to 20 labels" in printed
    assert "AutoAL" in printed
    assert (tmp_path / "learning_curves.png").stat().st_size > 10_000
    assert (tmp_path / "strategy_weights.png").stat().st_size > 10_000
    with Store.of(tmp_path) as store:
        assert len(store.results().runs) == 22


class Interrupted(InProcess):
    """An engine during whose work somebody presses Ctrl-C, in the second round of the second cell."""

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        yield from islice(super().run(jobs), 6)
        raise KeyboardInterrupt


def attempts(folder: Path) -> list[int]:
    with closing(sqlite3.connect(folder / FILE)) as db:
        return [count for (count,) in db.execute("SELECT attempts FROM cells ORDER BY cell")]


def test_a_demonstration_that_was_stopped_goes_on_and_only_fresh_deletes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["demo", "--seeds", "1", "--out", str(tmp_path)]
    for fresh, said in (["--fresh"], "the same command without --fresh goes on"), ([], "the same command goes on"):
        monkeypatch.setattr(demo, "Local", lambda _: Interrupted())
        assert main([*command, "--rounds", "1", *fresh]) == 1
        assert said in capsys.readouterr().err
    assert attempts(tmp_path) == [1, 2, 1] + [0] * 8  # the first went on with what there was of the second
    monkeypatch.setattr(demo, "Local", lambda _: InProcess())
    assert main([*command, "--rounds", "1"]) == 0
    assert "2 of 11 runs are in" in capsys.readouterr().out
    assert attempts(tmp_path) == [1, 2, 2] + [1] * 8
    assert main([*command, "--rounds", "1"]) == 0
    assert "11 of 11 runs are in" in capsys.readouterr().out
    assert attempts(tmp_path) == [1, 2, 2] + [1] * 8
    assert main([*command, "--rounds", "2"]) == 1
    assert "or --fresh, which deletes" in capsys.readouterr().err
    assert attempts(tmp_path) == [1, 2, 2] + [1] * 8
    assert main([*command, "--rounds", "2", "--fresh"]) == 0
    assert "already" not in capsys.readouterr().out
    assert attempts(tmp_path) == [1] * 11


def test_the_tasks_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--list", "--data-dir", str(tmp_path), "--out", str(tmp_path / "bench")]) == 0
    printed = capsys.readouterr().out
    for name in ("digits", "cifar10", "suite smoke: digits/linear", "suite dev: ", "suite paper: "):
        assert name in printed
    assert not (tmp_path / "bench").exists()
