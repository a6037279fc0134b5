"""Runs whose process is killed and whose files are damaged; `benchmarks/damage.py` does the same for hours."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))

from damage import Sample, cuts, flips, kills
from run_target import SavedRun


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], list[Sample]]:
    return kills(SavedRun(), 12, tmp_path_factory.mktemp("kills"), longest=0.3)


def test_nothing_that_was_acknowledged_is_lost_by_a_kill(killed: tuple[dict[str, int], list[Sample]]) -> None:
    outcomes, _ = killed
    assert set(outcomes) <= {"right", "nothing saved yet"}
    assert outcomes["right"] >= 4


def test_damage_to_what_a_kill_left_is_noticed(killed: tuple[dict[str, int], list[Sample]], tmp_path: Path) -> None:
    for attack, n in ((flips, 60), (cuts, 15)):
        assert set(attack(SavedRun(), killed[1], n, tmp_path)) <= {"right", "refused"}


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    target = SavedRun()
    _, samples = kills(target, 1, tmp_path, longest=2.0)
    samples[0].put(tmp_path / "run")
    content, said = target.read(tmp_path / "run"), samples[0].said
    assert target.wrong(content, said) == ""
    assert "labels" in target.wrong({**content, "labels": {}, "entries": 0}, ["try 5 1", "done"])
    assert "pending no more" in target.wrong({**content, "labels": {}, "entries": 0, "pending": []}, ["asked 5 8 11"])
