"""A run that is damaged: it is refused, or read as it was written."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import autoal.journal.journal as module
from autoal import ActiveLearner, Pool
from autoal.errors import StateError
from autoal.journal import Journal, RunState
from autoal.journal.reading import BATCH


def content(journal: Journal) -> list[Any]:
    """All that can be read, as plain values."""
    state = journal.state()
    facts = [journal.about(key) for key in ("seed", "pool", "strategy")]
    counts = [state.entries, state.unanswered, state.rounds, state.memory_version]
    return [journal.labels(), journal.pending(), state.outside.tolist(), state.memory, *counts, *facts]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "run"
    with closing(Journal(path)) as journal:
        journal.describe(seed=3, pool={"samples": 60}, strategy={"name": "margin"})
        journal.add_query(1, list(range(30)), {"asked": [1, 2]})
        journal.add_labels(1, list(range(20)), [i % 4 for i in range(20)], "ann")
        journal.release([25, 26])
        journal.add_labels(1, [3, 40], [1, -2], "bob")
    return path


def test_of_flipped_bits_none_changes_what_is_read(written: Path, tmp_path: Path) -> None:
    good = written.read_bytes()
    with closing(Journal.open(written)) as journal:
        expected = content(journal)
    noticed = 0
    for bit in np.random.default_rng(0).choice(8 * len(good), 400, replace=False):
        damaged = bytearray(good)
        damaged[bit // 8] ^= 1 << (bit % 8)
        (tmp_path / "run").write_bytes(damaged)
        try:
            with closing(Journal.open(tmp_path / "run")) as journal:
                assert content(journal) == expected
        except StateError:
            noticed += 1
    assert noticed > 10  # the others are where nothing is written


def test_what_is_cut_off_is_noticed(written: Path, tmp_path: Path) -> None:
    good = written.read_bytes()
    for size in np.random.default_rng(0).choice(len(good), 30, replace=False):
        (tmp_path / "run").write_bytes(good[:size])
        with pytest.raises(StateError):
            Journal.open(tmp_path / "run")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE labels SET label = 2 WHERE entry = 4",
        "UPDATE labels SET who = 'eve' WHERE entry = 4",
        "UPDATE labels SET who = NULL WHERE entry = 4",
        "UPDATE labels SET who = x'00' WHERE entry = 4",
        "UPDATE labels SET time = time + 1 WHERE entry = 4",
        "UPDATE labels SET time = NULL WHERE entry = 4",
        "UPDATE labels SET checksum = 0 WHERE entry = 4",
        "UPDATE labels SET checksum = NULL WHERE entry = 4",
        "UPDATE labels SET label = 'cat' WHERE entry = 4",
        "UPDATE labels SET label = 1.5 WHERE entry = 4",
        "UPDATE labels SET label = 99999999999999999999 WHERE entry = 4",
        "UPDATE labels SET id = CASE id WHEN 2 THEN 3 WHEN 3 THEN 2 ELSE id END",
        "UPDATE labels SET entry = -entry",
        "DELETE FROM labels WHERE entry = 4",
        "DELETE FROM labels WHERE entry = (SELECT MAX(entry) FROM labels)",
        "DELETE FROM labels",
        "INSERT INTO labels VALUES (0, 1.0, 1, 50, 0, '', 0)",
        "INSERT INTO labels (time, round, id, label, who) VALUES (0, 0, 50, 1, 'x')",
        "UPDATE queries SET round = 7",
        "DELETE FROM queries WHERE entry > 20",
        "DELETE FROM released",
        "DELETE FROM memories",
        "UPDATE memories SET memory = '{}'",
        "INSERT INTO memories VALUES (9, 1, '{}', 0)",
        "UPDATE about SET value = '{bad' WHERE key = 'strategy'",
        "UPDATE about SET value = '4' WHERE key = 'seed'",
        "UPDATE about SET value = x'00' WHERE key = 'seed'",
        "DELETE FROM about WHERE key = 'seed'",
        "DELETE FROM about WHERE key = 'head'",
        "DELETE FROM about WHERE key = 'run'",
        "DELETE FROM about",
        "UPDATE about SET value = '{}' WHERE key = 'head'",
        "INSERT INTO about VALUES ('more', '1', 0)",
    ],
)
def test_rows_that_are_changed_by_hand_are_noticed(sql: str, written: Path, tmp_path: Path) -> None:
    shutil.copy(written, tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run")) as db, db:
        db.execute(sql)
    with pytest.raises(StateError, match="the file of a run as it was written; got a damaged one"):
        Journal.open(tmp_path / "run")


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER t AFTER INSERT ON labels BEGIN DELETE FROM labels; END",
        "CREATE VIEW v AS SELECT * FROM labels",
        "CREATE INDEX i ON labels (id)",
        "CREATE TABLE more (entry INTEGER)",
        "CREATE VIRTUAL TABLE f USING fts5(text)",
        "ALTER TABLE labels ADD COLUMN more TEXT",
        "ALTER TABLE labels RENAME TO others",
        "DROP TABLE released",
        "ANALYZE",
    ],
)
def test_anything_but_the_own_tables_is_refused(sql: str, written: Path, tmp_path: Path) -> None:
    shutil.copy(written, tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run")) as db, db:
        db.execute(sql)
    with pytest.raises(StateError, match="the file of a saved run, with its own tables and nothing else"):
        Journal.open(tmp_path / "run")


def test_a_view_in_the_place_of_a_table_never_runs(written: Path, tmp_path: Path) -> None:
    shutil.copy(written, tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run")) as db, db:
        db.execute("ALTER TABLE about RENAME TO old")
        db.execute("CREATE VIEW about AS SELECT key, value, checksum, load_extension('/evil') FROM old")
    with pytest.raises(StateError, match=r"nothing else; got .*run, which has"):
        Journal.open(tmp_path / "run")


def test_rows_of_another_run_are_noticed(written: Path, tmp_path: Path) -> None:
    """The same labels at the same time, in a run of its own."""
    with closing(Journal(tmp_path / "other")) as other:
        other.add_labels(1, [1], [0], "")
    shutil.copy(tmp_path / "other", tmp_path / "mixed")
    with closing(Journal(tmp_path / "more")) as more:
        more.add_labels(1, [1], [0], "")
    with closing(sqlite3.connect(tmp_path / "mixed")) as db, db:
        db.execute("ATTACH ? AS more", (str(tmp_path / "more"),))
        db.execute("UPDATE labels SET (time, checksum) = (SELECT time, checksum FROM more.labels)")
    with pytest.raises(StateError, match="row 1 of labels has another checksum"):
        Journal.open(tmp_path / "mixed")


def test_many_rows_with_many_names_are_read_as_they_were_written(tmp_path: Path) -> None:
    n = 2 * BATCH + 3
    ids = np.random.default_rng(0).permutation(n)
    with closing(Journal(tmp_path / "run")) as journal:
        journal.add_query(1, ids)
        for part, who in ((ids[: BATCH + 1], "ann"), (ids[BATCH + 1 : -1], "bob ö\0")):
            journal.add_labels(1, part, part % 3, who)
        journal.add_labels(2, ids[:5], [2] * 5, "ann")
    with closing(Journal.open(tmp_path / "run")) as journal:
        assert journal.labels() == {int(i): 2 if k < 5 else int(i % 3) for k, i in enumerate(ids[:-1])}
        assert journal.pending() == [int(ids[-1])]
        assert journal.entries == n + 4


def test_a_query_reads_no_row_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(np.random.default_rng(0).normal(size=(50, 3)), classes=2)
    learner = ActiveLearner(pool, GaussianNB(), "margin", progress=False)
    learner.save(tmp_path / "run")
    learner.teach(range(10), [0, 1] * 5)
    seen: list[tuple[str, int]] = []
    read = module.reading.read_rows

    def counted(*arguments: Any) -> Any:
        rows = read(*arguments)
        seen.append((arguments[1].name, len(rows)))
        return rows

    monkeypatch.setattr(module.reading, "read_rows", counted)
    learner.query(5)
    assert len(learner.labels) == 10
    learner.teach([20], [0])
    assert len(learner.labels) == 11
    assert seen == [("labels", 10), ("queries", 5), ("labels", 1)]


def slow_state(rows: dict[str, list[tuple[int, ...]]]) -> tuple[dict[int, int], list[int], int]:
    """Compute labels, pending ids and unanswered requests by the SQL of format 1."""
    labels = dict(rows["labels"])
    asked: dict[int, tuple[int, int]] = {}
    for entry, (id_,) in enumerate(rows["queries"]):
        asked[id_] = (asked.get(id_, (0, 0))[0] + 1, entry)
    freed = [id_ for (id_,) in rows["released"]]
    pending = [id_ for id_, (times, _) in asked.items() if times > freed.count(id_) and id_ not in labels]
    unanswered = sum(id_ not in labels for (id_,) in rows["queries"])
    return labels, sorted(pending, key=lambda id_: asked[id_][1]), unanswered


def test_the_state_is_that_of_a_slow_twin() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        journal = Journal()
        for round_ in range(6):
            free = rng.permutation(np.setdiff1d(np.arange(25), journal.state().taken))[:4]
            journal.add_query(round_, free)
            ids = rng.permutation(25)[: rng.integers(0, 4)]
            journal.add_labels(round_, ids, rng.integers(-2, 1, len(ids)) // 2 * 2, "")
            journal.release(rng.permutation(25)[: rng.integers(0, 9)])
        wanted = {"labels": "id, label", "queries": "id", "released": "id"}
        rows = {
            table: journal._db.execute(f"SELECT {columns} FROM {table} ORDER BY entry").fetchall()
            for table, columns in wanted.items()
        }
        state = journal.state()
        assert (journal.labels(), journal.pending(), state.unanswered) == slow_state(rows)
        assert list(journal.labels()) == list(slow_state(rows)[0])


def test_two_that_write_to_one_file_know_what_the_other_wrote(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "run")) as one, closing(Journal.open(tmp_path / "run")) as two:
        for i in range(6):
            writer, reader = (one, two) if i % 2 else (two, one)
            writer.add_labels(i, [i], [i % 2], "")
            assert reader.labels() == writer.labels() == {k: k % 2 for k in range(i + 1)}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"strategy": {}}, "a strategy that can be restored"),
        ({"strategy": []}, "a strategy that can be restored"),
        ({"strategy": "margin"}, "a strategy that can be restored"),
        ({"strategy": {"name": 5}}, "a strategy that can be restored"),
        ({"strategy": {"name": "margin", "of": [1]}}, "a strategy that can be restored"),
        ({"seed": "a"}, "the seed of a run"),
        ({"seed": -1}, "the seed of a run"),
        ({"seed": True}, "the seed of a run"),
        ({"pool": None}, "says of which pool it is"),
        ({"pool": [1]}, "says of which pool it is"),
        ({"pool": "a"}, "says of which pool it is"),
        ({"pool": {"samples": 50, "values": "abc"}}, "says of which pool it is"),
    ],
)
def test_facts_that_no_run_has_are_refused(facts: dict[str, Any], said: str, tmp_path: Path) -> None:
    """Written with right checksums, as by a program that is wrong."""
    pool = Pool(np.random.default_rng(0).normal(size=(50, 3)), classes=2)
    ActiveLearner(pool, GaussianNB(), "margin", progress=False).save(tmp_path / "run")
    with closing(Journal.open(tmp_path / "run")) as journal:
        journal.note(**facts)
    before = (tmp_path / "run").read_bytes()
    with pytest.raises(StateError, match=said):
        ActiveLearner.load(tmp_path / "run", pool, GaussianNB(), progress=False)
    assert (tmp_path / "run").read_bytes() == before


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda journal: journal.add_labels(0, [50], [0], ""), "the ids 50, which the pool has not"),
        (lambda journal: journal.add_query(1, [-1]), "the ids -1, which the pool has not"),
        (lambda journal: journal.add_labels(0, [4], [2], ""), "the labels 2, of 2 classes"),
        (lambda journal: journal.add_labels(0, [4], [-1], ""), "the labels -1, of 2 classes"),
        (lambda journal: journal.add_memory(0, [1, 2]), "the memory of the strategy is no dict"),
    ],
)
def test_rows_that_do_not_fit_the_pool_are_refused(
    write: Callable[[Journal], object], said: str, tmp_path: Path
) -> None:
    pool = Pool(np.random.default_rng(0).normal(size=(50, 3)), classes=2)
    ActiveLearner(pool, GaussianNB(), "margin", progress=False).save(tmp_path / "run")
    with closing(Journal.open(tmp_path / "run")) as journal:
        write(journal)
    with pytest.raises(StateError, match=said):
        ActiveLearner.load(tmp_path / "run", pool, GaussianNB(), progress=False)


def test_a_state_is_not_changed_by_what_comes_later() -> None:
    journal = Journal()
    journal.add_labels(0, [1], [0], "")
    state: RunState = journal.state()
    journal.add_labels(0, [2], [1], "")
    assert state.ids.tolist() == [1]
    assert json.dumps(state.memory) == "null"
