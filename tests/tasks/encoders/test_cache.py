"""Encoded data sets on disk: kept, found again, and made anew when they are damaged or of other files."""

from __future__ import annotations

import json
import multiprocessing
import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from autoal.errors import AutoALWarning
from autoal.tasks.data import DataSet
from autoal.tasks.encoders import EfficientNetLite0, MiniLM
from autoal.tasks.encoders.cache import cached, fingerprint


def made(fill: float = 1.0) -> DataSet:
    x, y = np.full((50, 30), fill, dtype=np.float32), np.arange(50) % 2
    return DataSet("made", x, y, x[:5], y[:5], ("a", "b"))


def never() -> DataSet:
    raise AssertionError("it was kept")


def test_what_was_made_is_found_again_as_a_memory_map(tmp_path: Path) -> None:
    first = cached(tmp_path / "features", "key", made)
    again = cached(tmp_path / "features", "key", never)
    assert isinstance(again.x_train, np.memmap)
    assert np.array_equal(first.x_train, again.x_train)
    assert (again.classes, again.name, again.y_test.tolist()) == (("a", "b"), "made", [0, 1, 0, 1, 0])
    assert [path.name for path in (tmp_path / "features").iterdir()] == ["key"]


@pytest.mark.parametrize("name", ["x_train.npy", "y_test.npy", "about.json"])
@pytest.mark.parametrize("left", [0, 0.5])
def test_a_file_that_was_cut_short_is_noticed_and_made_anew(name: str, left: float, tmp_path: Path) -> None:
    cached(tmp_path, "key", made)
    path = tmp_path / "key" / name
    os.truncate(path, int(left * path.stat().st_size))
    with pytest.warns(AutoALWarning, match="are damaged and are made again"):
        assert cached(tmp_path, "key", partial(made, 2.0)).x_train[0, 0] == 2
    assert cached(tmp_path, "key", never).x_train[0, 0] == 2
    (tmp_path / "key" / name).unlink()
    with pytest.warns(AutoALWarning, match="are damaged and are made again"):
        assert cached(tmp_path, "key", partial(made, 3.0)).x_train[0, 0] == 3


@pytest.mark.parametrize("name", ["x_train", "y_train", "x_test", "y_test"])
def test_a_flipped_bit_is_noticed_and_all_is_made_anew(name: str, tmp_path: Path) -> None:
    cached(tmp_path, "key", made)
    path = tmp_path / "key" / f"{name}.npy"
    content = bytearray(path.read_bytes())
    content[-4] ^= 1
    path.write_bytes(content)
    with pytest.warns(AutoALWarning, match=f"made again: ValueError: {name} with another checksum"):
        found = cached(tmp_path, "key", made)
    assert found.x_train.min() == 1
    assert found.y_test.tolist() == [0, 1, 0, 1, 0]


def test_features_of_earlier_versions_get_their_checksums(tmp_path: Path) -> None:
    cached(tmp_path, "key", made)
    about = json.loads((tmp_path / "key" / "about.json").read_text())
    checksums = about.pop("sha256")
    (tmp_path / "key" / "about.json").write_text(json.dumps(about))
    cached(tmp_path, "key", never)
    assert json.loads((tmp_path / "key" / "about.json").read_text())["sha256"] == checksums


def test_processes_may_make_the_same_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=cached, args=(tmp_path, "key", partial(made, 1.0 * i))) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert len(np.unique(cached(tmp_path, "key", never).x_train)) == 1


def test_where_nothing_can_be_written_the_features_are_used_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.warns(AutoALWarning, match="not kept"):
        assert len(cached(tmp_path / "file", "key", made).x_train) == 50


def test_a_fingerprint_is_of_the_contents_and_of_the_recipe(tmp_path: Path) -> None:
    path, copy = tmp_path / "data", tmp_path / "copy"
    path.write_bytes(b"abc")
    copy.write_bytes(b"abc")
    recipe = repr(MiniLM())
    first = fingerprint([path], recipe)
    assert fingerprint([copy], recipe) == first
    assert len({first, fingerprint([path], repr(MiniLM(64))), fingerprint([path], repr(EfficientNetLite0()))}) == 3
    path.write_bytes(b"abd")
    os.utime(path, ns=(1, 1))
    assert fingerprint([path], recipe) != first
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "a.png").write_bytes(b"a")
    before = fingerprint([folder], recipe)
    (folder / "below" / "b.png").write_bytes(b"b")
    assert fingerprint([folder], recipe) != before
