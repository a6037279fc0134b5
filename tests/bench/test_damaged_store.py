"""Damage of results.sqlite is noticed or changes nothing; files of earlier versions are read; nothing strange runs."""

from __future__ import annotations

import importlib.util
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from autoal.bench.cell import Cell
from autoal.bench.store import FILE, Store
from autoal.bench.store_file import APPLICATION, COLUMNS, TABLES_1
from autoal.errors import StateError

BENCHMARKS = str(Path(__file__).resolve().parents[2] / "benchmarks")


def _target() -> ModuleType:
    """The committed command."""
    spec = importlib.util.spec_from_file_location("results_target", f"{BENCHMARKS}/results_target.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


target = _target()
CELLS = target.CELLS[:6]


def written(path: Path, cells: Sequence[Cell]) -> None:
    with Store(path) as store:
        store.plan(cells)
        target.write(store, cells)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of six finished cells."""
    path = tmp_path_factory.mktemp("whole") / FILE
    written(path, CELLS)
    return path.read_bytes()


def flipped(whole: bytes, draw: random.Random) -> bytes:
    content = bytearray(whole)
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(content)


def cut(whole: bytes, draw: random.Random) -> bytes:
    return whole[: draw.randrange(len(whole))]


@pytest.mark.parametrize(("damaged", "times"), [(flipped, 250), (cut, 30), (lambda whole, draw: b"", 1)])
def test_damage_is_noticed_or_changes_nothing(
    damaged: Callable[[bytes, random.Random], bytes], times: int, whole: bytes, tmp_path: Path
) -> None:
    """More of it, and kills: benchmarks/damage.py."""
    path, draw, outcomes = tmp_path / FILE, random.Random(0), set()
    path.write_bytes(whole)
    right = target.everything(path, CELLS)
    for _ in range(times):
        for old in tmp_path.iterdir():
            old.unlink()
        path.write_bytes(damaged(whole, draw))
        try:
            assert target.everything(path, CELLS) == right
        except StateError:
            outcomes.add("noticed")
    assert outcomes == {"noticed"}


def test_every_bit_of_every_row_counts(whole: bytes, tmp_path: Path) -> None:
    """Each column of each table is changed by SQL: also what SQLite's own check cannot know."""
    for table, names in COLUMNS.items():
        for name in names:
            path = tmp_path / f"{table}-{name}" / FILE
            path.parent.mkdir()
            path.write_bytes(whole)
            with closing(sqlite3.connect(path)) as db, db:
                db.execute("INSERT INTO calls VALUES (1, 0.0, 'a', 'b', 1, '{}', NULL, NULL, 0)")
                db.execute("PRAGMA ignore_check_constraints = ON")
                db.execute(f"UPDATE {table} SET {name} = 1000 WHERE rowid = 1")
            with pytest.raises(StateError):
                target.everything(path, CELLS)


def test_rows_that_are_missing_are_noticed(whole: bytes, tmp_path: Path) -> None:
    for n, sql in enumerate(
        ["DELETE FROM rounds WHERE cell = 2 AND round = 3", "DELETE FROM rounds WHERE round = 1", "DELETE FROM cells"]
    ):
        path = tmp_path / str(n) / FILE
        path.parent.mkdir()
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(sql + (" WHERE cell = 3" if sql == "DELETE FROM cells" else ""))
        with pytest.raises(StateError):
            target.everything(path, CELLS)


def test_a_file_of_the_earlier_format_gets_its_checksums(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(whole)
    right = target.everything(tmp_path / "new", CELLS)
    old = tmp_path / FILE
    with closing(sqlite3.connect(old)) as db:
        db.executescript(f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 1; {TABLES_1}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"ATTACH '{tmp_path / 'new'}' AS new")
        for table, names in COLUMNS.items():
            db.execute(f"INSERT INTO {table} SELECT {', '.join(names)} FROM new.{table}")
        db.commit()
    for _ in range(2):
        assert target.everything(old, CELLS) == right
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert db.execute("SELECT COUNT(*) FROM rounds WHERE checksum IS NULL").fetchone() == (0,)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER t AFTER UPDATE ON cells BEGIN DELETE FROM rounds; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE more (x)",
        "DROP TABLE calls",
        "ALTER TABLE cells ADD COLUMN x",
        "CREATE INDEX i ON cells (seed)",
    ],
)
def test_a_file_with_anything_else_in_it_is_refused(sql: str, whole: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(whole)
    with closing(sqlite3.connect(tmp_path / FILE)) as db, db:
        db.execute(sql)
    with pytest.raises(StateError, match="which is damaged: it has"):
        Store.of(tmp_path)


def test_a_full_disk_is_an_error_with_words_and_loses_nothing(tmp_path: Path) -> None:
    """The limit of a file's size stands for the disk; in a process of its own, as it cannot be raised again."""
    code = f"""
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {BENCHMARKS!r})
from results_target import CELLS, everything, write
from autoal.bench.store import Store
from autoal.errors import StateError
path = Path({str(tmp_path / FILE)!r})
store = Store(path)
store.plan(CELLS)
write(store, CELLS[:4])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, resource.RLIM_INFINITY))
try:
    write(store, CELLS)
except StateError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert len(everything(path, CELLS)[2]) >= 4
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "room on the disk" in done.stdout


def test_a_folder_that_can_only_be_read_is_read(whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE).write_bytes(whole)
    monkeypatch.setattr("autoal.bench.store_file.os.access", lambda path, mode: False)  # root may write everywhere
    with Store.of(tmp_path) as store:
        assert len(store.results().runs) == 6
        with pytest.raises(StateError, match="readonly"):
            store.finish(CELLS[0], 1.0)
    (tmp_path / f"{FILE}-journal").write_bytes(b"x")
    with pytest.raises(StateError, match="holds a part of it"):
        Store.of(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, f"{FILE}-journal"]
