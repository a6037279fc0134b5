"""The loaders on small files of the publishers' formats, and on the real ones where they are."""

from __future__ import annotations

import gzip
import pickle
import struct
import subprocess
import sys
import tarfile
import warnings
from pathlib import Path

import numpy as np
import pytest

from autoal import AutoALError, AutoALWarning, tasks
from autoal.errors import DataNotFoundError
from autoal.inputs import ArrayInputs
from autoal.random import SeedTree
from autoal.tasks import Budget, DataSet, cifar10, digits, fashion_mnist
from autoal.tasks.download import md5
from autoal.tasks.idx import parse_idx

SHARED = Path(__file__).resolve().parents[3] / "shared"
RNG = np.random.default_rng(0)


def idx(array: np.ndarray) -> bytes:  # type: ignore[type-arg]
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server answers, wherever the tests run."""
    monkeypatch.setattr(fashion_mnist, "URL", "http://127.0.0.1:9/")
    monkeypatch.setattr(fashion_mnist, "DEBIAN", Path("/nowhere"))
    monkeypatch.setattr(
        cifar10, "ARCHIVE", cifar10.RemoteFile(cifar10.ARCHIVE.name, "http://127.0.0.1:9/", "", "by hand")
    )


def write_fashion(folder: Path, packed: bool) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        "train-images-idx3-ubyte": RNG.integers(0, 255, (12, 28, 28), dtype=np.uint8),
        "train-labels-idx1-ubyte": RNG.integers(0, 10, 12, dtype=np.uint8),
        "t10k-images-idx3-ubyte": RNG.integers(0, 255, (5, 28, 28), dtype=np.uint8),
        "t10k-labels-idx1-ubyte": RNG.integers(0, 10, 5, dtype=np.uint8),
    }
    for name, array in arrays.items():
        path, data = (folder / f"{name}.gz", gzip.compress(idx(array))) if packed else (folder / name, idx(array))
        path.write_bytes(data)
    return arrays


def test_fashion_mnist_falls_back_on_debians_folder(
    offline: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_fashion(tmp_path / "debian", packed=True)
    monkeypatch.setattr(fashion_mnist, "DEBIAN", tmp_path / "debian")
    with pytest.warns(AutoALWarning, match="debian"):
        assert len(fashion_mnist.load(tmp_path / "given").x_train) == 12


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("below", [".", "fashion-mnist"])
def test_fashion_mnist_is_read_packed_or_not(packed: bool, below: str, tmp_path: Path) -> None:
    arrays = write_fashion(tmp_path / below, packed)
    with pytest.warns(AutoALWarning, match="not the publisher's bytes"):
        data = fashion_mnist.load(tmp_path)
    assert data.x_train.shape == (12, 1, 28, 28)
    assert np.array_equal(data.x_train[:, 0], arrays["train-images-idx3-ubyte"])
    assert data.y_test.tolist() == arrays["t10k-labels-idx1-ubyte"].tolist()


def test_missing_files_say_where_they_were_looked_for(offline: None, tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="could not be downloaded") as caught:
        fashion_mnist.load(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "dataset-fashion-mnist" in str(caught.value)
    with pytest.raises(DataNotFoundError, match="could not be downloaded"):
        cifar10.load(tmp_path)


def test_damaged_idx_files_are_refused(tmp_path: Path) -> None:
    whole = idx(np.zeros((3, 2), dtype=np.uint8))
    assert parse_idx(whole, tmp_path).shape == (3, 2)
    with pytest.raises(AutoALError, match="5 bytes of the 6"):
        parse_idx(whole[:-1], tmp_path)
    with pytest.raises(AutoALError, match="an IDX file of bytes"):
        parse_idx(b"garbage", tmp_path)
    write_fashion(tmp_path, packed=True)
    torn = tmp_path / "train-images-idx3-ubyte.gz"
    torn.write_bytes(torn.read_bytes()[:100])
    with pytest.raises(AutoALError, match="a gzip file at"):
        fashion_mnist.load(tmp_path)


def write_cifar(folder: Path, protocol: int = 4) -> np.ndarray:  # type: ignore[type-arg]
    folder.mkdir(parents=True, exist_ok=True)
    x = RNG.integers(0, 255, (4, 3072), dtype=np.uint8)
    for name in cifar10.FILES:
        batch = {b"data": x, b"labels": [0, 1, 2, 9], b"batch_label": b"x"}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=protocol))
    return x


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_cifar10_is_read_from_its_folder(protocol: int, tmp_path: Path) -> None:
    x = write_cifar(tmp_path / cifar10.FOLDER, protocol)
    for given in (tmp_path, tmp_path / cifar10.FOLDER):
        with pytest.warns(AutoALWarning, match="data_batch_1"):
            data = cifar10.load(given)
        assert data.x_train.shape == (20, 3, 32, 32)
        assert np.array_equal(data.x_test.reshape(4, 3072), x)
        assert data.y_test.tolist() == [0, 1, 2, 9]


def test_cifar10_is_unpacked_from_its_archive(tmp_path: Path) -> None:
    write_cifar(tmp_path / "made" / cifar10.FOLDER)
    with tarfile.open(tmp_path / cifar10.ARCHIVE.name, "w:gz") as tar:
        tar.add(tmp_path / "made" / cifar10.FOLDER, cifar10.FOLDER)
    with pytest.warns(AutoALWarning, match="not the publisher's"):
        assert len(cifar10.load(tmp_path).x_train) == 20
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / cifar10.ARCHIVE.name).write_bytes(b"not a tar")
    with pytest.raises(AutoALError, match="a tar archive"):
        cifar10.load(tmp_path / "bad")


@pytest.mark.parametrize("damage", [b"", b"\xff" * 4000])
def test_a_damaged_archive_is_named_and_leaves_nothing(damage: bytes, tmp_path: Path) -> None:
    write_cifar(tmp_path / "made" / cifar10.FOLDER)
    archive = tmp_path / cifar10.ARCHIVE.name
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "made" / cifar10.FOLDER, cifar10.FOLDER)
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2] + damage)
    for _ in range(2):  # what is left must not be taken for the data set
        with pytest.raises(AutoALError, match=archive.name):
            cifar10.load(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [archive.name, "made"]


def test_unpacking_keeps_what_another_process_has_just_unpacked(tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    cifar10._moved(tmp_path / "mine", tmp_path / "theirs")
    assert [path.name for path in (tmp_path / "theirs").iterdir()] == ["theirs"]
    with pytest.raises(FileNotFoundError):
        cifar10._moved(tmp_path / "nothing", tmp_path / "new")


def test_a_pickle_of_python_2_is_read(tmp_path: Path) -> None:
    """As the publisher wrote it: byte strings, and numpy under its old name."""
    x = np.arange(3072, dtype=np.uint8)
    raw = pickle.dumps({b"data": x, b"labels": [3]}, protocol=2).replace(
        b"numpy._core.multiarray", b"numpy.core.multiarray"
    )
    write_cifar(tmp_path / cifar10.FOLDER)
    (tmp_path / cifar10.FOLDER / "test_batch").write_bytes(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoALWarning)
        assert cifar10.load(tmp_path).y_test.tolist() == [3]


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("__import__('pathlib').Path('owned').touch()",)


@pytest.mark.parametrize(
    "content", [pickle.dumps(Evil()), b"garbage", b"", pickle.dumps([1]), pickle.dumps({b"data": 1})]
)
def test_a_pickle_of_anything_else_is_refused(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_cifar(tmp_path / cifar10.FOLDER)
    (tmp_path / cifar10.FOLDER / "data_batch_2").write_bytes(content)
    with pytest.warns(AutoALWarning), pytest.raises(AutoALError, match="data_batch_2"):
        cifar10.load(tmp_path)
    assert not Path("owned").exists()


def test_a_folder_without_all_files_names_the_missing_ones(tmp_path: Path) -> None:
    write_cifar(tmp_path / cifar10.FOLDER)
    (tmp_path / cifar10.FOLDER / "data_batch_3").unlink()
    with pytest.raises(AutoALError, match="no data_batch_3"):
        cifar10.load(tmp_path)


def test_digits_are_there_without_any_file(tmp_path: Path) -> None:
    data = digits.load(tmp_path)
    assert (len(data.x_train), len(data.x_test)) == (1347, 450)
    assert data.x_train.max() == 1
    assert np.bincount(data.y_test).min() > 30


def test_the_pool_of_a_seed_is_always_the_same_and_of_another_is_not() -> None:
    task = tasks.get("digits")
    first, second, other = (task.split(None, SeedTree(seed)) for seed in (0, 0, 1))
    assert len(first.x_train) == task.pool_size == 1000
    assert np.array_equal(first.x_train, second.x_train)
    assert not np.array_equal(first.x_train, other.x_train)
    assert len(task.split(None, SeedTree(0), pool_size=50).x_train) == 50


def test_every_task_has_a_model_that_trains_on_its_data() -> None:
    for task in tasks.all().values():
        channels = 3 if task.name == "cifar10" else 1
        shape = (40, 64) if task.name == "digits" else (40, channels, 28, 28)
        x, y = RNG.integers(0, 255, shape, dtype=np.uint8), np.arange(40) % 10
        data = DataSet(task.name, x, y, x, y, tuple("0123456789"))
        model = task.make_model(data)
        model.settings.update(epochs=1, min_steps=2)  # type: ignore[attr-defined]
        model.fit(ArrayInputs(x), ArrayInputs(y).take(np.arange(40)), 10, np.random.default_rng(0))


def test_tasks_travel_to_worker_processes_by_name() -> None:
    for name, task in tasks.all().items():
        assert pickle.loads(pickle.dumps(task)) == tasks.get(name)


def test_a_budget_ends_after_its_last_round() -> None:
    assert Budget(20, 10, 3).final == 50


def test_unknown_tasks_and_impossible_data_are_refused() -> None:
    with pytest.raises(AutoALError, match="Try: cifar10"):
        tasks.get("cifar11")
    with pytest.raises(AutoALError, match="as many labels as samples"):
        DataSet("x", np.zeros((3, 1)), np.zeros(2, dtype=int), np.zeros((1, 1)), np.zeros(1, dtype=int), ("a",))
    with pytest.raises(AutoALError, match="labels of x test from 0 to 0"):
        DataSet("x", np.zeros((1, 1)), np.zeros(1, dtype=int), np.zeros((1, 1)), np.ones(1, dtype=int), ("a",))
    with pytest.raises(AutoALError, match="got float64 and int64"):
        DataSet("x", np.zeros((1, 1)), np.zeros(1, dtype=int), np.zeros((1, 1)), np.zeros(1, dtype=int), ("a",))
    narrow, wide, y = np.zeros((1, 1), np.float32), np.zeros((1, 2), np.float32), np.zeros(1, np.int64)
    with pytest.raises(AutoALError, match="of one shape"):
        DataSet("x", narrow, y, wide, y, ("a",))
    with pytest.raises(AutoALError, match="at least 1"):
        Budget(0, 1, 1)


@pytest.mark.skipif(not fashion_mnist.DEBIAN.exists(), reason="Fashion-MNIST is not installed (dataset-fashion-mnist)")
def test_the_real_fashion_mnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUTOAL_DATA", str(tmp_path))
    data = fashion_mnist.load(None)  # a warning, that is an error here, would mean that a checksum is wrong
    assert (len(data.x_train), len(data.x_test)) == (60_000, 10_000)
    assert np.bincount(data.y_train).tolist() == [6000] * 10


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "data" / "cifar10_jpeg.npz").exists(), reason="CIFAR-10 is not beside the checkout")
def test_the_real_cifar10(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SHARED / "tools" / "cifar10_unpack.py"), str(tmp_path)], check=True)
    with pytest.warns(AutoALWarning, match="not the publisher's bytes"):  # the images were compressed on their way
        data = cifar10.load(tmp_path)
    assert (len(data.x_train), len(data.x_test)) == (50_000, 10_000)
    assert np.bincount(data.y_train).tolist() == [5000] * 10
    assert md5(tmp_path / cifar10.FOLDER / "test_batch") != cifar10.FILES["test_batch"]
