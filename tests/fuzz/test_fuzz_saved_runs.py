"""The files of saved runs, damaged or with other values: an error, or all that was written."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damaged_bytes import damaged
from fuzzing import fuzz, only_autoal_errors
from hypothesis import given
from hypothesis import strategies as st
from sklearn.naive_bayes import GaussianNB

from autoal import OUTSIDE, ActiveLearner, Pool


def _pool() -> Pool:
    X = np.random.default_rng(0).normal(size=(9, 2))
    return Pool(X, ["cat", "dog", *[None] * 7], ids=[5, 3, 8, 1, 9, 2, 7, 4, 6], classes=["cat", "dog"])


@cache
def saved() -> tuple[bytes, Any]:
    """A run of a few steps, and what it knows."""
    with tempfile.TemporaryDirectory() as made:
        learner = ActiveLearner(_pool(), GaussianNB(), "round_robin", progress=False)
        ids = learner.query(4)
        learner.teach(ids[:2], ["cat", "dog"], who="me")
        learner.teach(ids[2:3], [OUTSIDE])
        path = Path(made) / "run.autoal"
        learner.save(path)
        whole = Path(made) / "whole.autoal"  # without the -wal
        with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(whole)) as copy:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        return whole.read_bytes(), _known(learner)


def _known(learner: ActiveLearner) -> Any:
    return learner.labels, learner.outside, learner.pending, learner.memory


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def _load(folder: Path, content: bytes, about: Any = None) -> Any:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "run.autoal"
    path.write_bytes(content)
    return only_autoal_errors(lambda: _loaded(path), content if about is None else about)


def _loaded(path: Path) -> tuple[ActiveLearner, Any]:
    learner = ActiveLearner.load(path, _pool(), GaussianNB(), progress=False)
    return learner, _known(learner)


@given(content=damaged(saved()[0]))
@fuzz(20)
def test_damaged_runs(folder: Path, content: bytes) -> None:
    found = _load(folder / "damaged", content)
    if not found.refused:
        learner, known = found.value
        assert known == saved()[1], "other labels, and no error"
        only_autoal_errors(lambda: learner.query(2), content)


COLUMNS = {
    "about": ("key", "value"),
    "queries": ("time", "round", "id"),
    "labels": ("time", "round", "id", "label", "who"),
    "released": ("time", "id"),
    "memories": ("round", "memory"),
}
values = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary(max_size=4)
    | st.sampled_from(
        [
            "",
            "{}",
            "[]",
            "[1",
            "1",
            "null",
            '"a"',
            '{"name": "margin"}',
            '{"name": "x"}',
            "NaN",
            "\0",
            -1,
            -2,
            -3,
            0,
            1,
            2,
            5,
        ]
    )
)


@given(
    column=st.sampled_from([(table, name) for table, names in COLUMNS.items() for name in names]),
    value=values,
    rows=st.sampled_from(["ALL", "MIN", "MAX"]),
)
@fuzz(20)
def test_runs_with_other_values(folder: Path, column: tuple[str, str], value: Any, rows: str) -> None:
    root = folder / "altered"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    path = root / "run.autoal"
    path.write_bytes(saved()[0])
    table, name = column
    where = "" if rows == "ALL" else f" WHERE rowid = (SELECT {rows}(rowid) FROM {table})"
    with closing(sqlite3.connect(path)) as db:
        try:
            with db:
                changed = db.execute(f"UPDATE OR REPLACE {table} SET {name} = ?{where}", (value,)).rowcount
        except sqlite3.Error:
            return
    if changed:
        found = only_autoal_errors(lambda: _loaded(path), (column, value, rows))
        if not found.refused:
            only_autoal_errors(lambda: found.value[0].query(2), (column, value, rows))


STATEMENTS = (
    *(f"DELETE FROM {table}" for table in COLUMNS),
    *(f"DROP TABLE {table}" for table in COLUMNS),
    *(f"ALTER TABLE {table} RENAME TO other" for table in COLUMNS),
    "CREATE TRIGGER t AFTER INSERT ON labels BEGIN DELETE FROM labels; END",
    "CREATE VIEW v AS SELECT * FROM labels",
    "CREATE TABLE extra (a)",
    "CREATE UNIQUE INDEX i ON labels (label)",
    "INSERT INTO labels (time, round, id, label, who) VALUES (0, 0, 77, 0, 'x')",
    "INSERT INTO labels (time, round, id, label, who) VALUES (0, 0, 5, 9, 'x')",
    "INSERT INTO queries (time, round, id) VALUES (0, 9, 77)",
    "UPDATE labels SET label = 1 - label",
    "PRAGMA user_version = 99",
    "PRAGMA application_id = 7",
    "PRAGMA auto_vacuum = 1",
    "PRAGMA encoding = 'UTF-16'",
)


@given(statements=st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=3, unique=True))
@fuzz(10)
def test_runs_that_others_have_written_to(folder: Path, statements: list[str]) -> None:
    root = folder / "foreign"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    path = root / "run.autoal"
    path.write_bytes(saved()[0])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            try:
                db.execute(statement)
            except sqlite3.Error:
                continue
    found = only_autoal_errors(lambda: _loaded(path), statements)
    if not found.refused:
        only_autoal_errors(lambda: found.value[0].query(2), statements)
