"""Reads `runs.jsonl.gz`, `results.sqlite` and features on disk, damaged or written by others."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sqlite3
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

from autoal.bench.archive import FILE, read_archive, write_archive
from autoal.bench.cell import Cell
from autoal.bench.report import write_report
from autoal.bench.results import Failure, Results, Run
from autoal.bench.store import FILE as STORE
from autoal.bench.store import Store
from autoal.bench.store_file import COLUMNS, checksum
from autoal.strategies import Margin, Random, to_config
from autoal.tasks import Budget, DataSet
from autoal.tasks.encoders.cache import cached

ROUNDS = 3


def line(round: int, strategy: str) -> dict[str, Any]:
    """A round as the benchmark writes it."""
    seconds = {"query": 0.1, "training": 0.2, "pass": 0.1, "selection": 0.05}
    accuracy = 0.5 + 0.1 * round + 0.01 * (strategy == "margin")
    return {
        "round": round,
        "labels": 10 * (round + 1),
        "accuracy": accuracy,
        "balanced_accuracy": accuracy - 0.02,
        "log_loss": 1.0,
        "calibration": 0.1,
        "peak_memory": 300.0,
        "weights": {"margin": 0.75, "entropy": 0.25},
        "seconds": seconds,
        "ids": [round],
    }


def results() -> Results:
    """Two strategies, two seeds, and a failure."""
    runs = [
        Run("digits/linear/low", name, seed, tuple(line(n, name) for n in range(ROUNDS)))
        for name in ("margin", "random")
        for seed in (0, 1)
    ]
    return Results(tuple(runs), (Failure("digits/linear/low", "entropy", 0, "it broke"),), {"python": "3.11"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@cache
def archived() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        write_archive(results(), Path(made) / FILE)
        return gzip.decompress((Path(made) / FILE).read_bytes())


numbers = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([0, -1, 1e308, 10**400])
values = st.recursive(
    numbers | st.text(max_size=4) | st.sampled_from(["digits", "<b>", "a|b", "../x", "\0", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def _parts(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of plain data."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(way for key, each in inner for way in _parts(each, (*path, key)))]


@st.composite
def altered(draw: st.DrawFn, value: Any) -> Any:
    """Plain data, of which one or two parts are replaced, left out or doubled."""
    whole = {"": json.loads(json.dumps(value))}
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from([path for path in _parts(whole) if path]))
        target: Any = whole
        for key in way:
            target = target[key]
        how = draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if how == "replace":
            target[last] = draw(values)
        elif how == "remove" and way:
            del target[last]
        elif isinstance(target, dict) and way:
            target[draw(st.text(max_size=3))] = draw(values)
        if not _parts(whole)[1:]:
            break
    return whole.get("")


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Damaged on disk, damaged before it was packed, or with values of other kinds."""
    how = draw(st.sampled_from(["packed", "text", "values", "values"]))
    if how == "packed":
        return draw(damaged(gzip.compress(archived(), 1, mtime=0)))
    if how == "text":
        return gzip.compress(draw(damaged(archived())), 1)
    lines = [json.loads(each) for each in archived().decode().splitlines()]
    return gzip.compress("".join(json.dumps(each) + "\n" for each in draw(altered(lines)) or ()).encode(), 1)


def _content(data: Any) -> bytes:
    try:
        return data.draw(archives())  # type: ignore[no-any-return]
    except TypeError:  # no list of lines any more
        return b""


@given(data=st.data())
@fuzz(15)
def test_archives_of_runs(folder: Path, data: Any) -> None:
    content = _content(data)
    (folder / FILE).write_bytes(content)
    found = only_autoal_errors(lambda: read_archive(folder / FILE), content)
    if not found.refused:
        only_autoal_errors(lambda: found.value.readable(), content)
        only_autoal_errors(lambda: Results.joined([found.value, results()]), content)


@given(data=st.data())
@fuzz(1)
def test_reports_of_archives(folder: Path, data: Any) -> None:
    content = _content(data)
    (folder / FILE).write_bytes(content)
    found = only_autoal_errors(lambda: read_archive(folder / FILE), content)
    if not found.refused:  # a report takes more than a second
        only_autoal_errors(lambda: write_report(found.value, _fresh(folder / "report")), content)


@cache
def stored() -> bytes:
    """A store of two cells that have ended and one that failed."""
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / STORE
        with Store(path) as store:
            cells = [Cell("digits/linear/low", to_config(kind()), 0, Budget(10, 10, 2)) for kind in (Margin, Random)]
            store.plan(cells)
            call = store.open_call("autoal bench", "local", 1, {"python": "3.11"})
            for cell in cells:
                store.start(cell, {"python": "3.11"})
                for n in range(ROUNDS):
                    store.append(cell, line(n, "margin"))
                store.finish(cell, 1.0)
            store.close_call(call, 2.0, 2.0)
        return path.read_bytes()


@cache
def known() -> Results:
    """Return the content of the store."""
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        (Path(made) / STORE).write_bytes(stored())
        return _read_store(Path(made))


def _read_store(folder: Path) -> Results:
    with Store.of(folder) as store:
        store.states()
        store.environments()
        return store.results()


@given(content=damaged(stored()))
@fuzz(13)
def test_damaged_stores(folder: Path, content: bytes) -> None:
    root = _fresh(folder / "store")
    (root / STORE).write_bytes(content)
    found = only_autoal_errors(lambda: _read_store(root), content)
    assert found.refused or found.value == known(), "other results, and no error"


held = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary(max_size=4)
    | st.sampled_from(["", "{}", "[]", "[1", "1", '"a"', "null", '{"round": "x"}', "NaN", "\0"])
)


@given(
    column=st.sampled_from([(table, name) for table, names in COLUMNS.items() for name in names]),
    value=held,
    all_rows=st.booleans(),
)
@fuzz(15)
def test_stores_with_other_values(folder: Path, column: tuple[str, str], value: Any, all_rows: bool) -> None:
    """Of rows whose checksums are right."""
    root = _fresh(folder / "store")
    (root / STORE).write_bytes(stored())
    with closing(sqlite3.connect(root / STORE)) as db:
        try:
            with db:
                _forge(db, *column, value, all_rows)
        except (sqlite3.Error, TypeError):  # what no column holds, and bytes, which have no checksum
            return
    only_autoal_errors(lambda: _read_store(root), (column, value))
    cell = Cell("digits/linear/low", to_config(Margin()), 0, Budget(10, 10, 2))
    only_autoal_errors(lambda: _planned(root / STORE, cell), (column, value))


def _forge(db: sqlite3.Connection, table: str, name: str, value: Any, all_rows: bool) -> None:
    where = "" if all_rows else f" WHERE rowid = (SELECT MAX(rowid) FROM {table})"
    db.execute(f"UPDATE OR REPLACE {table} SET {name} = ?{where}", (value,))
    for rowid, *row in db.execute(f"SELECT rowid, {', '.join(COLUMNS[table])} FROM {table}").fetchall():
        db.execute(f"UPDATE {table} SET checksum = ? WHERE rowid = ?", (checksum(table, row), rowid))


def _planned(path: Path, cell: Cell) -> None:
    with Store(path) as store:
        store.plan([cell])
        store.rounds(cell)
        store.start(cell, {})
        store.fail(cell, "it broke", "", 1.0)


def _data_set() -> DataSet:
    x, y = np.ones((4, 2), dtype=np.float32), np.array([0, 1, 0, 1])
    return DataSet("kept", x, y, x, y, ("a", "b"))


@given(data=st.data(), name=st.sampled_from(["x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy", "about.json"]))
@fuzz(13)
def test_features_on_disk(folder: Path, data: Any, name: str) -> None:
    root = _fresh(folder / "features")
    cached(root, "key", _data_set)
    whole = (root / "key" / name).read_bytes()
    content = data.draw(damaged(whole))
    (root / "key" / name).write_bytes(content)
    found = only_autoal_errors(lambda: cached(root, "key", _data_set), (name, content)).value
    assert found is not None, "a cache that is damaged is no reason to refuse"
    made = _data_set()
    assert np.array_equal(found.x_train, made.x_train)
    assert np.array_equal(found.y_test, made.y_test)
    assert found.classes == made.classes


@given(value=altered(["kept", ["a", "b"]]), odd=values)
@fuzz(6)
def test_features_with_other_notes(folder: Path, value: Any, odd: Any) -> None:
    root = _fresh(folder / "features")
    cached(root, "key", _data_set)
    about = dict(zip(("name", "classes"), value, strict=False)) if isinstance(value, list) else odd
    (root / "key" / "about.json").write_text(json.dumps(about))
    found = only_autoal_errors(lambda: cached(root, "key", _data_set), about)
    assert isinstance(found.value.name, str)
    assert all(isinstance(name, str) for name in found.value.classes)


@given(value=held, array=st.sampled_from(["x_train", "y_train"]))
@fuzz(4)
def test_features_of_other_types(folder: Path, value: Any, array: str) -> None:
    root = _fresh(folder / "features")
    cached(root, "key", _data_set)
    file = io.BytesIO()
    np.save(file, np.array([value] * 4, dtype=object), allow_pickle=True)
    (root / "key" / f"{array}.npy").write_bytes(file.getvalue())
    assert np.isfinite(only_autoal_errors(lambda: cached(root, "key", _data_set), value).value.x_train).all()


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
