"""One file of results: nothing twice, nothing lost, and nothing foreign touched."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from autoal.bench.cell import Cell
from autoal.bench.results import Failure, Run
from autoal.bench.store import FILE, Store, overhead, remove
from autoal.bench.store_file import transaction, update
from autoal.errors import StateError
from autoal.search import AutoAL
from autoal.strategies import to_config
from autoal.tasks import Budget

CELL = Cell("digits", {"name": "entropy"}, 0, Budget(10, 10, 1))
OTHER = replace(CELL, seed=1)
LINES = (
    {"round": 0, "labels": 2, "accuracy": 0.25, "ids": [3, 1]},
    {"round": 1, "labels": 3, "accuracy": 0.5, "ids": [2]},
)
ENVIRONMENT = {"autoal": "0.1.0", "machine": "some"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "deep" / FILE)
    store.plan([CELL, OTHER])
    return store


def test_rounds_are_found_again_by_another_process(store: Store) -> None:
    store.start(CELL, ENVIRONMENT)
    for line in LINES:
        store.append(CELL, line)
    again = Store(store.path)  # while the first is still open
    assert again.rounds(CELL) == LINES
    assert again.rounds(OTHER) == ()
    assert again.states() == {CELL.key: "started", OTHER.key: "waiting"}
    assert again.results().runs == ()  # not complete before it says so
    store.finish(CELL, 2.5)
    assert again.results().runs == (Run("digits", "entropy", 0, LINES),)
    assert again.results([CELL]).runs == again.results().runs
    assert again.results([OTHER]).runs == ()


def test_no_round_is_written_twice(store: Store) -> None:
    store.append(CELL, LINES[0])
    with pytest.raises(StateError, match="UNIQUE constraint"):
        store.append(CELL, LINES[0])
    assert store.rounds(CELL) == LINES[:1]


def test_a_failure_is_kept_until_the_next_attempt(store: Store) -> None:
    store.start(OTHER, ENVIRONMENT)
    store.append(OTHER, LINES[0])
    store.fail(OTHER, "ValueError: no", "Traceback ...", 1.0)
    assert store.results().failures == (Failure("digits", "entropy", 1, "ValueError: no"),)
    assert store.rounds(OTHER) == LINES[:1]
    store.start(OTHER, ENVIRONMENT)
    assert store.results().failures == ()
    store.finish(OTHER, 2.0)
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT attempts, seconds FROM cells WHERE seed = 1").fetchone() == (2, 3.0)
    db.close()


def test_cells_of_other_settings_are_refused_before_anything_is_planned(store: Store) -> None:
    new = replace(CELL, seed=2)
    for other, what in (
        (replace(CELL, budget=Budget(10, 10, 2)), "budget"),
        (replace(CELL, strategy={"name": "entropy", "max_candidates": 5}), "strategy's settings"),
        (replace(CELL, pool_size=50), "pool size"),
    ):
        with pytest.raises(StateError, match=f"the {what} of digits, entropy, 0 differ"):
            store.plan([new, other])
    assert new.key not in store.states()
    store.plan([new, CELL])
    assert len(store.states()) == 3


def test_own_data_that_have_changed_are_refused(store: Store, tmp_path: Path) -> None:
    for path in (table := tmp_path / "mine.csv", image := tmp_path / "photos" / "cat" / "1.png"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x,label\n1,a\n")
    cells = [replace(CELL, task=f"{kind}:{path}") for kind, path in (("csv", table), ("folder", tmp_path / "photos"))]
    store.plan(cells)
    for path in (table, image):
        path.write_text(path.read_text())  # at another time
    store.plan(cells)
    for cell, path in zip(cells, (table, image), strict=True):
        content = path.read_text()
        path.write_text("x,label\n22,a\n")
        with pytest.raises(StateError, match=r"the data of .*, entropy, 0 differ"):
            store.plan([cell])
        path.write_text(content)
    with transaction(store._db):  # as earlier versions wrote it
        for row in store._cells().values():
            configuration = {key: value for key, value in json.loads(row["configuration"]).items() if key != "data"}
            update(store._db, "cells", tuple((row | {"configuration": json.dumps(configuration)}).values()))
    table.write_text("x,label\n22,a\n")
    store.plan(cells)


def test_a_cell_that_is_given_twice_is_there_once(store: Store) -> None:
    new = replace(CELL, seed=2)
    with pytest.raises(StateError, match="the budget of digits, entropy, 2 differ"):
        store.plan([new, replace(new, budget=Budget(10, 10, 2))])
    assert len(store.states()) == 2
    store.plan([new, CELL, new])
    assert len(store.states()) == 3


def test_a_setting_that_there_was_not_yet_counts_as_its_default(store: Store) -> None:
    today = to_config(AutoAL())
    of_then = {name: value for name, value in today.items() if name != "gates"}
    cell = replace(CELL, strategy=of_then, name="autoal")
    store.plan([cell, replace(cell, strategy=of_then | {"gone": 1}, name="odd")])
    store.plan([replace(cell, strategy=today)])
    for other in (to_config(AutoAL(gates=False)), {**today, "name": "autoal", "cycles": 4}):
        with pytest.raises(StateError, match="the strategy's settings of digits, autoal, 0 differ"):
            store.plan([replace(cell, strategy=other)])
    with pytest.raises(StateError, match="settings of digits, odd, 0 differ"):
        store.plan([replace(cell, strategy=today, name="odd")])


def test_how_it_was_run_is_known(store: Store) -> None:
    assert store.results().about == {}
    call = store.open_call("autoal bench", "local", 2, ENVIRONMENT)
    store.start(CELL, ENVIRONMENT)
    store.start(OTHER, ENVIRONMENT | {"autoal": "0.2.0"})
    store.close_call(call, wall_seconds=10.5, cell_seconds=20.0)
    assert store.results().about == {
        "command": "autoal bench",
        "engine": "local, 2 workers",
        "overhead": "5.0%",
        "autoal": "0.1.0 or 0.2.0",
        "machine": "some",
    }
    assert overhead(10, 2, 20) == 0
    store.close_call(store.open_call("autoal bench", "local", 2, ENVIRONMENT), wall_seconds=0.0, cell_seconds=0.0)
    store.close_call(store.open_call("autoal bench --seeds 2", "ray", 1, ENVIRONMENT), 22.0, 20.0)
    store.open_call("autoal bench --seeds 3", "local", 2, ENVIRONMENT)  # killed
    about = store.results().about
    assert about["command"] == "autoal bench; autoal bench --seeds 2; autoal bench --seeds 3"
    assert about["engine"] == "local, 2 workers; ray, 1 workers"
    assert about["overhead"] == "7.5%"  # (2 * 10.5 + 22) seconds of workers for 40 of cells


def test_another_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("something else\n" * 100)
    with sqlite3.connect(tmp_path / "foreign") as db:
        db.execute("CREATE TABLE cells (x)")
    db.close()
    Store(tmp_path / "newer").close()
    with sqlite3.connect(tmp_path / "newer") as db:
        db.execute("PRAGMA user_version = 3")
    db.close()
    for name, message in (
        ("text", "not a database"),
        ("foreign", "something else"),
        ("newer", "of format 3.*version of autoal that wrote it"),
    ):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(StateError, match=message):
            Store(tmp_path / name)
        assert (tmp_path / name).read_bytes() == before


def test_an_out_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StateError, match="another --out"):
        Store(tmp_path / "out" / FILE)
    with pytest.raises(StateError, match=f"no file .*{FILE}"):
        Store.of(tmp_path / "out")


def test_a_removed_file_leaves_nothing_behind(store: Store) -> None:
    store.close()
    remove(store.path)
    assert list(store.path.parent.iterdir()) == []
