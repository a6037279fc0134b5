"""What results depend on besides the settings."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from autoal import strategies
from autoal.bench.environment import _code, _home, versions


def test_any_change_of_the_source_changes_the_code_and_nothing_else_does(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b.py").write_text("y = 2")
    before = _code([tmp_path])
    (tmp_path / "cache.pyc").write_bytes(b"compiled")
    assert _code([tmp_path]) == before
    assert len(before) == 12
    (tmp_path / "b.py").write_text("y = 3")
    changed = _code([tmp_path])
    (tmp_path / "b.py").rename(tmp_path / "c.py")
    assert len({before, changed, _code([tmp_path])}) == 3


def test_versions_name_what_decides_a_number() -> None:
    assert {"python", "torch", "code"} <= set(versions())
    assert all(versions().values())


def test_the_code_of_foreign_strategies_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from autoal import Strategy\nclass Mine(Strategy):\n    name = 'mine'\n"
    (tmp_path / "a_package" / "deep").mkdir(parents=True)
    (tmp_path / "a_package" / "__init__.py").write_text("")
    for place in ("a_module.py", "a_package/deep/inner.py"):
        (tmp_path / place).write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    kinds = [importlib.import_module(name).Mine for name in ("a_module", "a_package.deep.inner")]
    assert [_home(kind) for kind in kinds] == [tmp_path / "a_module.py", tmp_path / "a_package"]
    ours = strategies.all()
    monkeypatch.setattr(strategies, "all", lambda: ours | {"mine": kinds[0]})
    versions.cache_clear()
    before = versions()
    (tmp_path / "a_module.py").write_text(code + "# changed")
    versions.cache_clear()
    after = versions()
    versions.cache_clear()
    assert {name for name in before if before[name] != after[name]} == {"code of other strategies"}
    for name in ("a_module", "a_package", "a_package.deep", "a_package.deep.inner"):
        del sys.modules[name]
