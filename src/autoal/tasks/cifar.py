"""CIFAR-10 and CIFAR-100: 60,000 images of 32 x 32 pixels each, in folders of pickles (Krizhevsky 2009)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autoal.errors import InputError
from autoal.reading import reading
from autoal.tasks.data import DataSet
from autoal.tasks.download import RemoteFile, md5, warn_if_altered
from autoal.tasks.encoders import AsTheyAre, EfficientNetLite0
from autoal.tasks.files import Archive
from autoal.tasks.plain_pickle import read_plain_pickle
from autoal.tasks.source import Source

URL = "https://www.cs.toronto.edu/~kriz/"
FILES_10 = {  # md5, as published
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
FILES_100 = {
    "train": "16019d7e3df5f24257cddd939b257f8d",
    "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
    "meta": "7973b15100ade9c7d40fb424638fde48",
}
CLASSES_10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def read_cifar10(paths: tuple[Path, ...]) -> DataSet:
    """Images as (n, 3, 32, 32) uint8, of five training files and one test file."""
    _warn_if_altered(paths, FILES_10)
    parts = [_batch(path, b"labels") for path in paths]
    x_train, y_train = (np.concatenate(arrays) for arrays in zip(*parts[:-1], strict=True))
    return DataSet("cifar10", x_train, y_train, *parts[-1], CLASSES_10)


def read_cifar100(paths: tuple[Path, ...]) -> DataSet:
    """Images as (n, 3, 32, 32) uint8 with their fine labels; the third file names the classes."""
    _warn_if_altered(paths, FILES_100)
    train, test = (_batch(path, b"fine_labels") for path in paths[:2])
    return DataSet("cifar100", *train, *test, _names(paths[2]))


def _batch(
    path: Path, labels: bytes
) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Images (n, 3, 32, 32) and labels (n,) of one file."""
    batch = read_plain_pickle(path)
    with reading(f"data and {labels.decode()} of CIFAR", path, "get the file again"):
        x, y = batch[b"data"], batch[labels]
        whole = y.dtype.kind in "iu" if isinstance(y, np.ndarray) else all(type(label) is int for label in y)
        if x.dtype != np.uint8 or not whole:
            raise InputError(f"bytes and whole numbers in {path}", f"{x.dtype} and {y[:3]}", "get the file again")
        return x.reshape(-1, 3, 32, 32), np.asarray(y, dtype=np.int64)


def _names(path: Path) -> tuple[str, ...]:
    with reading("fine_label_names of CIFAR-100", path, "get the file again"):
        return tuple(name.decode() for name in read_plain_pickle(path)[b"fine_label_names"])


def _warn_if_altered(paths: tuple[Path, ...], published: Mapping[str, str]) -> None:
    warn_if_altered([path for path in paths if md5(path) != published[path.name]])


def _archive(name: str, checksum: str, folder: str, members: Mapping[str, str]) -> Archive:
    how = f"put {name}, or the folder {folder} that it holds, into --data-dir"
    return Archive(RemoteFile(name, URL + name, checksum, how), folder, tuple(members))


CIFAR10 = Source(
    name="cifar10",
    summary="objects of 32 x 32 pixels",
    format="folder cifar-10-batches-py, or cifar-10-python.tar.gz",
    origin="https://www.cs.toronto.edu/~kriz/cifar.html",
    licence="not stated",
    files=_archive("cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a", "cifar-10-batches-py", FILES_10),
    read=read_cifar10,
    encoder=EfficientNetLite0(),
    pixels=AsTheyAre(),
    n_classes=10,
    n_train=50_000,
    flips=True,
)
CIFAR100 = Source(
    name="cifar100",
    summary="objects of 32 x 32 pixels, in finer classes",
    format="folder cifar-100-python, or cifar-100-python.tar.gz",
    origin="https://www.cs.toronto.edu/~kriz/cifar.html",
    licence="not stated",
    files=_archive("cifar-100-python.tar.gz", "eb9058c3a382ffc7106e4002c42a8d85", "cifar-100-python", FILES_100),
    read=read_cifar100,
    encoder=EfficientNetLite0(),
    pixels=AsTheyAre(),
    n_classes=100,
    n_train=50_000,
    flips=True,
)
