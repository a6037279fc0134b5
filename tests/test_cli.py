"""Every command: what it prints, what it writes, and its exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoal import strategies
from autoal.cli import main

COMMANDS = ("demo", "simulate", "strategies")


def test_strategies_are_listed_with_what_they_need(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategies"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in strategies.all())
    assert "stochastic" in printed


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
        (["demo", "--workers", "0"], "--workers of at least 1"),
        (["simulate", "--search.cycles", "0"], "cycles of at least 1"),
    ],
)
def test_a_wrong_call_says_what_to_try(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_an_unknown_option_is_a_wrong_call() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["simulate", "--sede", "1"])
    assert stop.value.code == 2


def test_a_failure_is_told_from_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").write_text('{"task": "other"}\n')
    assert main(["simulate", "--strategy", "random", "--out", str(tmp_path / "run")]) == 1
    assert "results of the same run" in capsys.readouterr().err


def test_a_simulation_prints_each_round_and_goes_on_where_it_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["simulate", "--strategy", "margin", "--pool-size", "200", "--out", str(tmp_path / "run")]
    assert main([*arguments, "--rounds", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("round ") == 3
    assert "AUBC" in printed
    lines = (tmp_path / "run").read_text().splitlines()
    assert len(lines) == 4
    assert main([*arguments, "--rounds", "2"]) == 0
    assert (tmp_path / "run").read_text().splitlines() == lines


def test_the_demonstration_writes_table_and_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--seeds", "2", "--rounds", "1", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "2 paired seeds, 10 to 20 labels" in printed
    assert "AutoAL" in printed
    assert (tmp_path / "learning_curves.png").stat().st_size > 10_000
    assert (tmp_path / "strategy_weights.png").stat().st_size > 10_000
    assert len(list((tmp_path / "runs").iterdir())) == 22
