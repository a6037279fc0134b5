"""Fashion-MNIST on small IDX files, and the real one where Debian's package is installed."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autoal import AutoALError, AutoALWarning
from autoal.errors import DataNotFoundError
from autoal.tasks.fashion_mnist import DEBIAN, FASHION_MNIST
from autoal.tasks.idx import parse_idx
from autoal.tasks.source import Source

Offline = Callable[..., Source]

RNG = np.random.default_rng(0)


def idx(array: np.ndarray) -> bytes:  # type: ignore[type-arg]
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


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


def test_debians_folder_is_looked_into_last(offline: Offline, tmp_path: Path) -> None:
    debian = tmp_path / "debian"
    write_fashion(debian, packed=True)
    source = offline(FASHION_MNIST, ("fashion-mnist", ".", str(debian)))
    with pytest.warns(AutoALWarning, match="debian"):
        assert len(source.load(tmp_path / "given").x_train) == 12
    assert FASHION_MNIST.files.folders[-1] == DEBIAN  # type: ignore[attr-defined]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("below", [".", "fashion-mnist"])
def test_it_is_read_packed_or_not(packed: bool, below: str, tmp_path: Path) -> None:
    arrays = write_fashion(tmp_path / below, packed)
    with pytest.warns(AutoALWarning, match="not the publisher's bytes"):
        data = FASHION_MNIST.load(tmp_path)
    assert data.x_train.shape == (12, 1, 28, 28)
    assert np.array_equal(data.x_train[:, 0], arrays["train-images-idx3-ubyte"])
    assert data.y_test.tolist() == arrays["t10k-labels-idx1-ubyte"].tolist()


def test_missing_files_say_where_they_were_looked_for(offline: Offline, tmp_path: Path) -> None:
    source = offline(FASHION_MNIST, ("fashion-mnist", "."))
    with pytest.raises(DataNotFoundError, match="could not be downloaded") as caught:
        source.load(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "dataset-fashion-mnist" in str(caught.value)


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
        FASHION_MNIST.load(tmp_path)


@pytest.mark.skipif(not Path(DEBIAN).exists(), reason="Fashion-MNIST is not installed (dataset-fashion-mnist)")
def test_the_real_fashion_mnist(tmp_path: Path) -> None:
    data = FASHION_MNIST.load(tmp_path)  # a warning, that is an error here, would mean that a checksum is wrong
    assert (len(data.x_train), len(data.x_test)) == (FASHION_MNIST.n_train, 10_000)
    assert np.bincount(data.y_train).tolist() == [6000] * 10
