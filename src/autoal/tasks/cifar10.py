"""CIFAR-10: 60,000 images of 32 x 32 pixels, in the folder cifar-10-batches-py (Krizhevsky 2009)."""

from __future__ import annotations

import tarfile
import tempfile
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autoal.errors import InputError
from autoal.models import Model, TorchModel
from autoal.models.augment import crop_flip
from autoal.models.small_cnn import small_cnn
from autoal.tasks.base import Budget, DataSet, Task
from autoal.tasks.download import RemoteFile, data_directory, download, find, md5, warn_if_altered
from autoal.tasks.plain_pickle import read_plain_pickle

FOLDER = "cifar-10-batches-py"
ARCHIVE = RemoteFile(
    "cifar-10-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "c58f30108f718f92721af3b95e74349a",
    "put cifar-10-python.tar.gz, or the folder cifar-10-batches-py that it holds, into --data-dir",
)
FILES = {  # md5, as published
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def load(data_dir: Path | None = None) -> DataSet:
    """Images as (n, 3, 32, 32) uint8, read from `data_dir`; the archive is downloaded and unpacked if need be."""
    folder = _folder(data_directory(data_dir))
    _require_files(folder, folder)
    warn_if_altered([folder / name for name, known in FILES.items() if md5(folder / name) != known])
    parts = [_batch(folder / name) for name in FILES]
    x_train, y_train = (np.concatenate(arrays) for arrays in zip(*parts[:-1], strict=True))
    return DataSet("cifar10", x_train, y_train, *parts[-1], CLASSES)


def make_model(data: DataSet) -> Model:
    """A small convolutional network on the pixels, trained with random crops and flips."""
    factory = partial(small_cnn, channels=data.x_train.shape[1], width=32)
    return TorchModel(factory, epochs=30, min_steps=200, lr=0.01, augment=crop_flip)


def _require_files(folder: Path, source: Path) -> None:
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(f"the files of CIFAR-10 in {source}", f"no {', '.join(missing)}", ARCHIVE.how)


def _folder(root: Path) -> Path:
    if root.name == FOLDER and root.is_dir():
        return root
    folder = find([FOLDER], [root])
    if folder is None:
        archive = find([ARCHIVE.name], [root]) or download(ARCHIVE, root, [root])
        folder = _unpacked(archive, root)
    return folder


def _unpacked(archive: Path, root: Path) -> Path:
    """The folder of the archive, which appears in `root` only whole."""
    try:
        with tempfile.TemporaryDirectory(dir=root, prefix=FOLDER) as draft, tarfile.open(archive) as tar:
            tar.extractall(draft, filter="data")
            _require_files(Path(draft) / FOLDER, archive)  # a damaged archive may seem to end early
            _moved(Path(draft) / FOLDER, root / FOLDER)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise InputError(f"a tar archive of {FOLDER} at {archive}", str(error), "remove it and get it again") from error
    return root / FOLDER


def _moved(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was quicker
            raise


def _batch(path: Path) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Images (n, 3, 32, 32) and labels (n,) of one file."""
    batch = read_plain_pickle(path)
    try:
        x, y = np.asarray(batch[b"data"], dtype=np.uint8), np.asarray(batch[b"labels"], dtype=np.int64)
        return x.reshape(-1, 3, 32, 32), y
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"data and labels of CIFAR-10 in {path}", repr(error), "get the file again") from error


CIFAR10 = Task(
    "cifar10", "60,000 objects of 32 x 32 pixels, small CNN", load, make_model, Budget(100, 100, 8), 5000, 5000
)
