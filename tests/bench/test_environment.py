"""What results depend on besides the settings."""

from __future__ import annotations

from pathlib import Path

from autoal.bench.environment import _code, versions


def test_any_change_of_the_source_changes_the_code_and_nothing_else_does(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b.py").write_text("y = 2")
    before = _code(tmp_path)
    (tmp_path / "cache.pyc").write_bytes(b"compiled")
    assert _code(tmp_path) == before
    assert len(before) == 12
    (tmp_path / "b.py").write_text("y = 3")
    changed = _code(tmp_path)
    (tmp_path / "b.py").rename(tmp_path / "c.py")
    assert len({before, changed, _code(tmp_path)}) == 3


def test_versions_name_what_decides_a_number() -> None:
    assert {"python", "torch", "code"} <= set(versions())
    assert all(versions().values())
