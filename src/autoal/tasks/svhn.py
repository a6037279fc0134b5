"""SVHN: 99,289 house numbers of 32 x 32 pixels, in two MATLAB files (Netzer et al. 2011)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from autoal.errors import InputError
from autoal.reading import read_limited, reading
from autoal.tasks.data import DataSet
from autoal.tasks.download import RemoteFile, md5, warn_if_altered
from autoal.tasks.encoders import AsTheyAre, EfficientNetLite0
from autoal.tasks.files import LooseFiles
from autoal.tasks.mat_file import read_mat
from autoal.tasks.source import Source

URL = "http://ufldl.stanford.edu/housenumbers/"
HOW = "put train_32x32.mat and test_32x32.mat into --data-dir"
LIMIT = 1_000_000  # images of a file; the largest that is published has 531,131
IMAGE = 4096  # bytes that one takes at most, with what stands around it
FILES = {  # md5, as published
    "train_32x32.mat": "e26dedcc434d2e4c54c9b2d4a06d8373",
    "test_32x32.mat": "eb5a983be6a315427106f1b164d9cef3",
}


def read(paths: tuple[Path, ...]) -> DataSet:
    """Images as (n, 3, 32, 32) uint8, of the training file and the test file."""
    warn_if_altered([path for path in paths if md5(path) not in FILES.values()])
    train, test = (_part(path) for path in paths)
    return DataSet("svhn", *train, *test, tuple("0123456789"))


def _part(path: Path) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Images and labels of one file, which stores (32, 32, 3, n) and calls the digit 0 the class 10."""
    expected = "X (32, 32, 3, n) and y of SVHN"
    with reading(expected, path, HOW):
        content = read_mat(read_limited(path, LIMIT * IMAGE), LIMIT * IMAGE)
        x, y = content["X"], content["y"]
        n = x.shape[-1]
        if x.shape != (32, 32, 3, n) or y.shape != (n, 1) or not 0 < n <= LIMIT:
            raise InputError(f"{expected} at {path}", f"{x.shape} and {y.shape}", HOW)
        if x.dtype != np.uint8 or y.dtype.kind not in "uif":
            raise InputError(f"{expected}, bytes and numbers, at {path}", f"{x.dtype} and {y.dtype}", HOW)
        return np.ascontiguousarray(x.transpose(3, 2, 0, 1)), y.astype(np.int64).reshape(-1) % 10


SVHN = Source(
    name="svhn",
    summary="house numbers of 32 x 32 pixels",
    format="train_32x32.mat and test_32x32.mat",
    origin="http://ufldl.stanford.edu/housenumbers/",
    licence="non-commercial use",
    files=LooseFiles(tuple(RemoteFile(name, URL + name, md5, HOW) for name, md5 in FILES.items()), (".", "svhn")),
    read=read,
    encoder=EfficientNetLite0(),
    pixels=AsTheyAre(),
    n_classes=10,
    n_train=73_257,
)
