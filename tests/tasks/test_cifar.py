"""CIFAR-10 and CIFAR-100 on small files of the publisher's format, and the real CIFAR-10 where it is."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
import tarfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_archives import published

from autoal import AutoALError, AutoALWarning
from autoal.errors import DataNotFoundError, InputError
from autoal.tasks.cifar import CIFAR10, CIFAR100, FILES_10, FILES_100
from autoal.tasks.download import md5
from autoal.tasks.source import Source

Offline = Callable[..., Source]

RNG = np.random.default_rng(0)
FOLDER, ARCHIVE = "cifar-10-batches-py", "cifar-10-python.tar.gz"


def write_cifar10(folder: Path, protocol: int = 4) -> np.ndarray:  # type: ignore[type-arg]
    folder.mkdir(parents=True, exist_ok=True)
    x = RNG.integers(0, 255, (4, 3072), dtype=np.uint8)
    for name in FILES_10:
        batch = {b"data": x, b"labels": [0, 1, 2, 9], b"batch_label": b"x"}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=protocol))
    return x


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_cifar10_is_read_from_its_folder(protocol: int, tmp_path: Path) -> None:
    x = write_cifar10(tmp_path / FOLDER, protocol)
    for given in (tmp_path, tmp_path / FOLDER):
        with pytest.warns(AutoALWarning, match="data_batch_1"):
            data = CIFAR10.load(given)
        assert data.x_train.shape == (20, 3, 32, 32)
        assert np.array_equal(data.x_test.reshape(4, 3072), x)
        assert data.y_test.tolist() == [0, 1, 2, 9]


def test_cifar100_is_read_with_its_fine_labels_and_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    x = RNG.integers(0, 255, (3, 3072), dtype=np.uint8)
    for name in ("train", "test"):
        batch = {b"data": x, b"fine_labels": [0, 99, 5], b"coarse_labels": [1, 1, 1]}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    names = [f"class {number}".encode() for number in range(100)]
    (folder / "meta").write_bytes(pickle.dumps({b"fine_label_names": names}, protocol=2))
    with pytest.warns(AutoALWarning, match=", ".join(FILES_100)):
        data = CIFAR100.load(tmp_path)
    assert data.y_train.tolist() == data.y_test.tolist() == [0, 99, 5]
    assert data.classes[99] == "class 99"
    assert np.array_equal(data.x_train.reshape(3, 3072), x)
    (folder / "meta").write_bytes(pickle.dumps({b"fine_label_names": 3}))
    with pytest.warns(AutoALWarning), pytest.raises(AutoALError, match="fine_label_names"):
        CIFAR100.load(tmp_path)


def test_a_missing_archive_says_where_it_was_looked_for(offline: Offline, tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="could not be downloaded") as caught:
        offline(CIFAR10).load(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_cifar10_is_unpacked_from_its_archive(tmp_path: Path) -> None:
    write_cifar10(tmp_path / "made" / FOLDER)
    with tarfile.open(tmp_path / ARCHIVE, "w:gz") as tar:
        tar.add(tmp_path / "made" / FOLDER, FOLDER)
    source = published(CIFAR10, tmp_path / ARCHIVE)
    with pytest.warns(AutoALWarning, match="not the publisher's"):
        assert len(source.load(tmp_path).x_train) == 20
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / ARCHIVE).write_bytes(b"not a tar")
    for other in (CIFAR10, published(CIFAR10, tmp_path / "bad" / ARCHIVE)):
        with pytest.raises(AutoALError, match="a tar archive"):
            other.load(tmp_path / "bad")


def test_an_archive_with_another_checksum_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    write_cifar10(tmp_path / "made" / FOLDER)
    with tarfile.open(tmp_path / ARCHIVE, "w:gz") as tar:
        tar.add(tmp_path / "made" / FOLDER, FOLDER)
    found, wanted = md5(tmp_path / ARCHIVE), "c58f30108f718f92721af3b95e74349a"
    with pytest.raises(InputError, match=rf"publisher's md5 {wanted}; got {found}.*unpack it yourself"):
        CIFAR10.load(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [ARCHIVE, "made"]
    shutil.move(tmp_path / "made" / FOLDER, tmp_path / FOLDER)  # the hint is a way out
    with pytest.warns(AutoALWarning, match="not the publisher's"):
        assert len(CIFAR10.load(tmp_path).x_train) == 20


@pytest.mark.parametrize("damage", [b"", b"\xff" * 4000])
def test_a_damaged_archive_is_named_and_leaves_nothing(damage: bytes, tmp_path: Path) -> None:
    write_cifar10(tmp_path / "made" / FOLDER)
    archive = tmp_path / ARCHIVE
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "made" / FOLDER, FOLDER)
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2] + damage)
    for source in (CIFAR10, published(CIFAR10, archive)):  # what is left must not be taken for the data set
        with pytest.raises(AutoALError, match=archive.name):
            source.load(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [archive.name, "made"]


def test_a_pickle_of_python_2_is_read(tmp_path: Path) -> None:
    """As the publisher wrote it: byte strings, and numpy under its old name."""
    x = np.arange(3072, dtype=np.uint8)
    raw = pickle.dumps({b"data": x, b"labels": [3]}, protocol=2).replace(
        b"numpy._core.multiarray", b"numpy.core.multiarray"
    )
    write_cifar10(tmp_path / FOLDER)
    (tmp_path / FOLDER / "test_batch").write_bytes(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoALWarning)
        assert CIFAR10.load(tmp_path).y_test.tolist() == [3]


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("__import__('pathlib').Path('owned').touch()",)


@pytest.mark.parametrize(
    "content", [pickle.dumps(Evil()), b"garbage", b"", pickle.dumps([1]), pickle.dumps({b"data": 1})]
)
def test_a_pickle_of_anything_else_is_refused(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_cifar10(tmp_path / FOLDER)
    (tmp_path / FOLDER / "data_batch_2").write_bytes(content)
    with pytest.warns(AutoALWarning), pytest.raises(AutoALError, match="data_batch_2"):
        CIFAR10.load(tmp_path)
    assert not Path("owned").exists()


def test_a_folder_without_all_files_names_the_missing_ones(tmp_path: Path) -> None:
    write_cifar10(tmp_path / FOLDER)
    (tmp_path / FOLDER / "data_batch_3").unlink()
    assert CIFAR10.files.find(tmp_path) is None
    with pytest.raises(AutoALError, match="no data_batch_3"):
        CIFAR10.load(tmp_path)


@pytest.mark.shared
def test_the_real_cifar10(shared: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(shared / "tools" / "cifar10_unpack.py"), str(tmp_path)], check=True)
    with pytest.warns(AutoALWarning, match="not the publisher's bytes"):  # the images were compressed on their way
        data = CIFAR10.load(tmp_path)
    assert (len(data.x_train), len(data.x_test)) == (CIFAR10.n_train, 10_000)
    assert np.bincount(data.y_train).tolist() == [5000] * 10
    assert md5(tmp_path / FOLDER / "test_batch") != FILES_10["test_batch"]
