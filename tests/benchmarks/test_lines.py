from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autoal.errors import StateError

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

from lines import Lines, read

HEADER = {"task": "digits", "seed": 0}


def test_lines_are_found_again(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "deep" / "run.jsonl", HEADER)
    lines.append({"round": 0})
    lines.append({"round": 1})
    assert Lines(lines.path, HEADER).rounds == [{"round": 0}, {"round": 1}]
    assert read(lines.path) == (HEADER, [{"round": 0}, {"round": 1}])


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_last_line_is_dropped_and_written_anew(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    lines = Lines(path, HEADER)
    lines.append({"round": 0})
    whole = path.read_bytes()
    lines.append({"round": 1})
    path.write_bytes(path.read_bytes()[:-cut])
    again = Lines(path, HEADER)
    assert again.rounds == [{"round": 0}]
    assert path.read_bytes() == whole
    again.append({"round": 1})
    assert read(path)[1] == [{"round": 0}, {"round": 1}]


def test_a_torn_header_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text('{"task": "dig')
    assert Lines(tmp_path / "run.jsonl", HEADER).rounds == []
    assert read(tmp_path / "run.jsonl") == (HEADER, [])


def test_results_of_another_run_are_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    Lines(path, HEADER).append({"round": 0})
    before = path.read_bytes()
    with pytest.raises(StateError, match="whose seed, x differ"):
        Lines(path, {"task": "digits", "seed": 1, "x": 2})
    (tmp_path / "other").write_text("something else\n")
    with pytest.raises(StateError, match="which is not one"):
        Lines(tmp_path / "other", HEADER)
    assert path.read_bytes() == before
