from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autoal.journal.journal as module
from autoal.errors import AutoALError, StateError
from autoal.journal import Journal


def test_the_last_label_counts_and_nothing_is_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run")
    journal.add_labels(0, [3, 5], [1, 0], "ann")
    journal.add_labels(1, [3], [2], "bob")
    assert journal.labels() == {3: 2, 5: 0}
    assert journal.entries == 3
    rows = (
        sqlite3.connect(tmp_path / "run").execute("SELECT round, id, label, who FROM labels ORDER BY entry").fetchall()
    )
    assert rows == [(0, 3, 1, "ann"), (0, 5, 0, "ann"), (1, 3, 2, "bob")]


def test_pending_until_answered_or_released() -> None:
    journal = Journal()
    journal.add_query(1, [4, 2, 9])
    journal.add_labels(1, [2], [0], "")
    journal.release([9])
    assert journal.pending() == [4]
    journal.add_query(2, [9])
    assert journal.pending() == [4, 9]
    journal.release([9])
    assert journal.pending() == [4]
    assert journal.rounds == 2


def test_what_is_released_twice_can_be_asked_for_once() -> None:
    journal = Journal()
    journal.add_query(1, [7])
    journal.release([7])
    journal.release([7, 8])
    assert journal.add_query(2, [7])
    assert journal.pending() == [7]


def test_a_memory_of_what_another_process_has_not_seen_is_not_noted() -> None:
    journal = Journal()
    assert journal.memory_version == 0
    assert journal.add_query(1, [1], {"asked": [1]}, journal.memory_version)
    seen = journal.memory_version
    assert journal.add_query(2, [2], {"asked": [1, 2]}, seen)
    assert not journal.add_query(2, [3], {"asked": [1, 3]}, seen)
    assert journal.memory() == {"asked": [1, 2]}
    assert journal.pending() == [1, 2]


def test_only_the_last_memory_takes_room(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run")
    for round in range(5):
        journal.add_memory(round, {"weights": [round] * 1000})
    assert journal.memory()["weights"][0] == 4
    assert sqlite3.connect(tmp_path / "run").execute("SELECT COUNT(*) FROM memories").fetchone() == (1,)


def test_what_is_no_plain_data_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    journal = Journal()
    with pytest.raises(AutoALError, match=r"plain data.*int64"):
        journal.add_query(1, [1], {"weights": np.int64(3)})
    with pytest.raises(AutoALError, match="plain data"):
        journal.move_to(tmp_path / "run", strategy={1, 2})
    assert journal.pending() == []
    assert list(tmp_path.iterdir()) == []


def test_any_thread_may_write_and_read() -> None:
    journal = Journal()

    def answer(id_: int) -> list[int]:
        journal.add_query(id_, [id_])
        journal.add_labels(id_, [id_], [0], "")
        return journal.pending()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(answer, range(40)))
    assert sorted(journal.labels()) == list(range(40))


def test_facts_are_written_once() -> None:
    journal = Journal()
    journal.describe(seed=1)
    journal.describe(seed=2)
    assert journal.about("seed") == 1
    assert journal.about("nothing") is None


def test_move_keeps_everything_and_goes_on_there(tmp_path: Path) -> None:
    journal = Journal()
    journal.add_labels(0, [1], [0], "")
    journal.move_to(tmp_path / "run")
    journal.add_labels(0, [2], [1], "")
    journal.move_to(tmp_path / "run")  # the same file: nothing to do
    assert Journal.open(tmp_path / "run").labels() == {1: 0, 2: 1}
    with pytest.raises(StateError, match="a path that is free"):
        Journal().move_to(tmp_path / "run")


def test_of_two_that_save_to_one_path_at_once_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late, quick, publish = Journal(), Journal(), module.publish

    def overtaken(*arguments: Any) -> None:  # while one writes its draft, the other does all that it has to do
        monkeypatch.setattr(module, "publish", publish)
        quick.move_to(tmp_path / "run")
        quick.add_labels(0, [1], [0], "")
        publish(*arguments)

    monkeypatch.setattr(module, "publish", overtaken)
    with pytest.raises(StateError, match=r"a path that is free.*which exists.*ActiveLearner\.load"):
        late.move_to(tmp_path / "run")
    quick.add_labels(0, [2], [1], "")
    assert Journal.open(tmp_path / "run").labels() == quick.labels() == {1: 0, 2: 1}
    late.move_to(tmp_path / "other")  # it has lost nothing
    assert not list(tmp_path.glob("*.part*"))


SAVER = """
import sys
from autoal.errors import StateError
from autoal.journal import Journal
for i, _ in enumerate(sys.stdin):
    journal = Journal()
    journal.add_labels(0, [int(sys.argv[2])], [0], "")
    try:
        journal.move_to(f"{sys.argv[1]}/{i}")
        print(sys.argv[2], flush=True)
    except StateError as error:
        print(error.expected, flush=True)
"""


def test_of_many_processes_that_save_to_one_path_one_wins(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SAVER, str(tmp_path)]
    with ExitStack() as stack:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        savers = [stack.enter_context(subprocess.Popen([*command, str(who)], **pipes)) for who in range(2)]
        for i in range(10):
            for saver in savers:
                saver.stdin.write("go\n")
            said = [saver.stdout.readline().strip() for saver in savers]
            (winner,) = [who for who, text in enumerate(said) if text == str(who)]
            assert said.count("a path that is free") == 1
            assert Journal.open(tmp_path / str(i)).labels() == {winner: 0}


def test_a_run_that_cannot_be_given_its_name_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(StateError, match="no room"):
        Journal().move_to(tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_what_a_removed_run_leaves_beside_it_does_not_come_back(tmp_path: Path) -> None:
    for beside in ("-wal", "-shm", "-journal"):
        (tmp_path / f"run{beside}").write_bytes(b"of another file" * 100)
    fresh = Journal()
    fresh.move_to(tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert Journal.open(tmp_path / "run").labels() == {}


def test_a_save_that_was_cut_off_leaves_a_path_that_is_free(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.touch()
    old, new = (tmp_path / f"run.{name}.part" for name in ("0123abcd", "4567abcd"))
    for draft in (old, new):
        draft.touch()
    os.utime(old, (0, 0))
    with pytest.raises(StateError, match=r"which is empty: nothing was saved yet.* Try: save\(\)"):
        Journal.open(path)
    Journal().move_to(path)
    assert Journal.open(path).labels() == {}
    assert new.exists()  # perhaps of a process that is about to save there, and will be told
    assert not old.exists()
    with pytest.raises(StateError, match="a path that is free"):
        Journal().move_to(path)


@pytest.mark.parametrize("name", ["", "x" * 250, "folder", "file/run", "nowhere/run"])
def test_a_path_that_cannot_be_written_to_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("a file")
    with pytest.raises(StateError):
        Journal().move_to(tmp_path / name)
    with pytest.raises(StateError, match="the file of a saved run"):
        Journal.open(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_copy_of_the_file_is_a_copy_of_the_run(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "run")) as journal:
        journal.add_labels(0, [1, 2], [0, 1], "")
        assert [path.name for path in tmp_path.iterdir()] == ["run"]  # nothing is kept in another file
        (tmp_path / "copy").write_bytes((tmp_path / "run").read_bytes())
        journal.add_labels(0, [3], [0], "")
    assert Journal.open(tmp_path / "copy").labels() == {1: 0, 2: 1}


def test_a_forked_process_opens_the_run_itself(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "run")) as journal:
        journal._process += 1
        for call in (journal.labels, lambda: journal.add_labels(0, [1], [0], "")):
            with pytest.raises(StateError, match=r"one that was forked from it.* ActiveLearner\.load"):
                call()


def test_files_that_are_no_journal_are_refused_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no file"):
        Journal.open(tmp_path / "nowhere")
    for content in (b"short", b"not a data base at all, but long enough to look at" * 100):
        (tmp_path / "other").write_bytes(content)
        with pytest.raises(StateError, match="the file of a saved run"):
            Journal.open(tmp_path / "other")
        assert (tmp_path / "other").read_bytes() == content


def test_a_journal_of_another_format_is_refused(tmp_path: Path) -> None:
    Journal(tmp_path / "run").close()
    with sqlite3.connect(tmp_path / "run") as db:
        db.execute("UPDATE about SET value = '99' WHERE key = 'format'")
        db.execute("CREATE TABLE news (entry INTEGER)")
    with pytest.raises(StateError, match="format 99"):
        Journal.open(tmp_path / "run")


WRITER = """
import sys
from autoal.journal import Journal
journal = Journal(sys.argv[1])
for i in range(100_000):
    journal.add_labels(0, [2 * i, 2 * i + 1], [0, 1], "")
    print(2 * i + 1, flush=True)
"""


def test_what_was_acknowledged_survives_being_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().split()]
    labels = Journal.open(tmp_path / "run").labels()
    assert set(range(acknowledged[-1] + 1)) <= set(labels)
    assert len(labels) % 2 == 0  # a call that was cut off left nothing of itself


def test_a_file_that_cannot_be_written_to_is_an_error_that_says_so(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "run")) as journal:
        journal.add_labels(0, [1], [0], "")
        with sqlite3.connect(tmp_path / "run") as other:
            other.execute("DROP TABLE labels")
        with pytest.raises(StateError, match=r"to reach .*run; got no such table"):
            journal.add_labels(0, [2], [0], "")
        with pytest.raises(StateError, match=r"to reach .*run; got no such table"):
            journal.labels()


def test_nothing_is_acknowledged_that_would_go_to_a_file_that_was_removed(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "run")) as journal:
        journal.add_labels(0, [1], [0], "")
        for path in tmp_path.iterdir():
            path.unlink()
        with pytest.raises(StateError, match=r"the file of the run at .*save\(\) to another path"):
            journal.add_labels(0, [2], [0], "")
        (tmp_path / "run").write_text("another file")
        with pytest.raises(StateError, match="got none, or another one"):
            journal.release([2])
        journal.move_to(tmp_path / "saved")
        journal.add_labels(0, [2], [0], "")
    assert Journal.open(tmp_path / "saved").labels() == {1: 0, 2: 0}
