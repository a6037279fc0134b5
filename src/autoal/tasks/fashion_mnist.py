"""Fashion-MNIST: 70,000 images of 28 x 28 pixels, in four IDX files (Xiao, Rasul and Vollgraf 2017)."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from autoal.models import Model, TorchModel
from autoal.models.small_cnn import small_cnn
from autoal.tasks.base import Budget, DataSet, Task
from autoal.tasks.download import RemoteFile, data_directory, download, find, warn_if_altered
from autoal.tasks.idx import parse_idx, read_bytes

URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # where the Debian package dataset-fashion-mnist puts the files
HOW = "install the Debian package dataset-fashion-mnist, or put the publisher's four files into --data-dir"
# md5 of each packed file, as published, and of what it unpacks to, which stays the same when it is packed anew
FILES = {
    "train-images-idx3-ubyte": ("8d4fb7e6c68d591d4c3dfef9ec88bf0d", "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
    "train-labels-idx1-ubyte": ("25c81989df183df01b3e8a0aad5dffbe", "9018921c3c673c538a1fc5bad174d6f9"),
    "t10k-images-idx3-ubyte": ("bef4ecab320f06d8554ea6380940ec79", "8181f5470baa50b63fa0f6fddb340f0a"),
    "t10k-labels-idx1-ubyte": ("bb300cfdad3c16e7a12a480ee83cd310", "15d484375f8d13e6eb1aabb0c3f46965"),
}
CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


def load(data_dir: Path | None = None) -> DataSet:
    """Images as (n, 1, 28, 28) uint8, from `data_dir`, its folder fashion-mnist or Debian's, else downloaded."""
    root = data_directory(data_dir)
    folders = [root, root / "fashion-mnist", DEBIAN]
    paths = {name: _located(name, folders) for name in FILES}
    contents = {name: read_bytes(path) for name, path in paths.items()}
    warn_if_altered([paths[name] for name, data in contents.items() if _md5(data) != FILES[name][1]])
    arrays = [parse_idx(contents[name], paths[name]) for name in FILES]
    x_train, y_train, x_test, y_test = arrays
    return DataSet("fashion-mnist", _images(x_train), _labels(y_train), _images(x_test), _labels(y_test), CLASSES)


def make_model(data: DataSet) -> Model:
    """A small convolutional network on the pixels."""
    return TorchModel(partial(small_cnn, channels=data.x_train.shape[1]), epochs=15, min_steps=150, lr=0.01)


def _located(name: str, folders: list[Path]) -> Path:
    path = find([name + ".gz", name], folders)
    if path is not None:
        return path
    file = RemoteFile(name + ".gz", f"{URL}{name}.gz", FILES[name][0], HOW)
    return download(file, folders[1], folders)


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _images(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return x[:, None]


def _labels(y: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    return y.astype(np.int64)


FASHION_MNIST = Task(
    "fashion-mnist", "70,000 garments of 28 x 28 pixels, small CNN", load, make_model, Budget(20, 20, 10), 5000, 5000
)
