"""Runs that earlier versions saved: they are brought up to date, wholly or not at all, and go on."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from autoal import ActiveLearner, Pool
from autoal.adaptive import Tailor
from autoal.errors import StateError
from autoal.journal import Journal, migration

DATA = Path(__file__).parent / "data"
OLD = DATA / "run_of_format_1.autoal"  # written by the version of 28 November 2026
EXPECTED = json.loads((DATA / "run_of_format_1.json").read_text())  # what that version read from it


def old_pool() -> Pool:
    X = np.random.default_rng(7).normal(size=(60, 3)).astype(np.float32)
    return Pool(X, ids=np.arange(60) * 3 + 5, classes=["cat", "dog", "owl"])


def loaded(path: Path) -> ActiveLearner:
    return ActiveLearner.load(path, old_pool(), GaussianNB(), progress=False)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copy(OLD, tmp_path / "run"))


def require_expected(learner: ActiveLearner) -> None:
    state = learner._journal.state()
    assert {str(id_): label for id_, label in learner.labels.items()} == EXPECTED["labels"]
    assert list(learner.labels) == [int(id_) for id_ in EXPECTED["labels"]]
    assert learner.outside == EXPECTED["outside"]
    assert learner.pending == EXPECTED["pending"]
    assert learner.memory == EXPECTED["memory"]
    assert learner.strategy == Tailor(candidates=("entropy", "random"), decay=0.9)
    assert learner.seeds.seed == 11
    counts = (state.entries, state.unanswered, state.rounds, state.memory_version)
    assert counts == tuple(EXPECTED[key] for key in ("entries", "unanswered", "rounds", "version"))


def test_a_run_of_an_earlier_version_goes_on_as_it_would_have(old: Path) -> None:
    def rows(db: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
        wanted = {"queries": "time, round, id", "labels": "time, round, id, label, who", "released": "time, id"}
        return [
            db.execute(f"SELECT {columns} FROM {table} ORDER BY entry").fetchall() for table, columns in wanted.items()
        ]

    with closing(sqlite3.connect(OLD.as_uri() + "?immutable=1", uri=True)) as db:
        before = rows(db)
    require_expected(loaded(old))
    again = loaded(old)
    require_expected(again)
    assert rows(again._journal._db) == before
    assert [path.name for path in old.parent.iterdir()] == ["run"]
    assert again.query(4).tolist() == EXPECTED["next"]


def test_it_is_brought_up_to_date_in_its_place_when_it_fits(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(StateError, match="the pool that the run was saved with"):
        ActiveLearner.load(old, Pool(np.zeros((60, 3)), classes=["cat", "dog", "owl"]), GaussianNB())
    assert old.read_bytes() == before
    with closing(Journal.open(old)) as journal:
        assert journal._format == 1
        assert journal.labels()[5 + 3 * 59] == -2
        journal.note(more=1)
        assert journal._format == 2


def test_a_run_of_the_first_version_had_no_memories(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db, db:
        db.execute("DROP TABLE memories")
    learner = loaded(old)
    assert learner.memory is None
    assert {str(id_): label for id_, label in learner.labels.items()} == EXPECTED["labels"]


def test_what_a_killed_process_left_in_the_wal_is_kept(old: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        with db:
            db.execute("INSERT INTO labels (time, round, id, label, who) VALUES (1.5, 4, 5, 2, 'late')")
        for name in ("run", "run-wal"):
            shutil.copy(tmp_path / name, tmp_path / f"killed{name[3:]}")
    learner = loaded(tmp_path / "killed")
    assert learner.labels[5] == "owl"
    assert not (tmp_path / "killed-wal").exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE labels SET label = 'cat' WHERE entry = 2",
        "UPDATE labels SET label = 7 WHERE entry = 2",
        "UPDATE labels SET id = 4 WHERE entry = 2",
        "UPDATE labels SET who = x'00' WHERE entry = 2",
        "UPDATE labels SET time = NULL WHERE entry = 2",
        "UPDATE queries SET round = 1.5 WHERE entry = 2",
        "UPDATE memories SET memory = '[1'",
        "UPDATE memories SET memory = '5'",
        "UPDATE about SET value = '{bad' WHERE key = 'strategy'",
        "UPDATE about SET value = x'00' WHERE key = 'seed'",
        "CREATE TRIGGER t AFTER INSERT ON labels BEGIN DELETE FROM labels; END",
    ],
)
def test_one_that_is_damaged_is_refused_and_stays_as_it_is(change: str, old: Path) -> None:
    with closing(sqlite3.connect(old)) as db, db:
        db.execute(change)
    before = old.read_bytes()
    with pytest.raises(StateError):
        loaded(old)
    assert old.read_bytes() == before


def test_two_that_open_it_at_once_both_go_on(old: Path) -> None:
    found: list[ActiveLearner] = []
    threads = [threading.Thread(target=lambda: found.append(loaded(old))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    for learner in found:
        require_expected(learner)


def test_one_that_an_earlier_version_has_open_says_so(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "WAIT", 0.1)
    with closing(sqlite3.connect(old)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("SELECT * FROM labels").fetchall()
        with pytest.raises(StateError, match=r"to be alone with .*run.* close the other process"):
            loaded(old)
        assert len(other.execute("SELECT * FROM labels").fetchall()) == EXPECTED["entries"]
    require_expected(loaded(old))


KILLED = """
import os, sys
from pathlib import Path
from autoal.journal import migration, writing
left = int(sys.argv[2])
def counted(call):
    def counting(*arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
        return call(*arguments)
    return counting
for name in ("begin", "put_fact", "add_rows", "put_memory", "put_head"):
    setattr(writing, name, counted(getattr(writing, name)))
migration.migrate(Path(sys.argv[1]))
"""


def test_one_that_is_killed_meanwhile_leaves_the_old_run(old: Path) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, str(old), "9"], check=False).returncode == -9
    with closing(Journal.open(old)) as journal:
        assert journal._format == 1
    require_expected(loaded(old))
