"""Fashion-MNIST: 70,000 images of 28 x 28 pixels, in four IDX files (Xiao, Rasul and Vollgraf 2017)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError
from autoal.tasks.data import DataSet
from autoal.tasks.download import RemoteFile, warn_if_altered
from autoal.tasks.encoders import AsTheyAre, EfficientNetLite0
from autoal.tasks.files import LooseFiles
from autoal.tasks.idx import parse_idx, read_bytes
from autoal.tasks.source import Source

URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
DEBIAN = "/usr/share/datasets/fashion-mnist"  # where the Debian package dataset-fashion-mnist puts the files
HOW = "install the Debian package dataset-fashion-mnist, or put the publisher's four files into --data-dir"
# md5 of each packed file, as published, and of what it unpacks to, which stays the same when it is packed anew
FILES = {
    "train-images-idx3-ubyte": ("8d4fb7e6c68d591d4c3dfef9ec88bf0d", "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
    "train-labels-idx1-ubyte": ("25c81989df183df01b3e8a0aad5dffbe", "9018921c3c673c538a1fc5bad174d6f9"),
    "t10k-images-idx3-ubyte": ("bef4ecab320f06d8554ea6380940ec79", "8181f5470baa50b63fa0f6fddb340f0a"),
    "t10k-labels-idx1-ubyte": ("bb300cfdad3c16e7a12a480ee83cd310", "15d484375f8d13e6eb1aabb0c3f46965"),
}
CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


def read(paths: tuple[Path, ...]) -> DataSet:
    """Images as (n, 1, 28, 28) uint8, of the four files in the order of `FILES`, packed or not."""
    contents = [read_bytes(path) for path in paths]
    published = (unpacked for _, unpacked in FILES.values())
    known = zip(paths, contents, published, strict=True)
    warn_if_altered([path for path, data, checksum in known if _md5(data) != checksum])
    dimensions = (3, 1, 3, 1)
    images, labels, test_images, test_labels = (
        _array(data, path, n) for data, path, n in zip(contents, paths, dimensions, strict=True)
    )
    train, test = (images[:, None], labels.astype(np.int64)), (test_images[:, None], test_labels.astype(np.int64))
    return DataSet("fashion-mnist", *train, *test, CLASSES)


def _array(data: bytes, path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    """Images (n, h, w) or labels (n,)."""
    array = parse_idx(data, path)
    if array.ndim != dimensions:
        raise InputError(f"an array of {dimensions} dimensions in {path}", f"{array.shape}", HOW)
    return array


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


FASHION_MNIST = Source(
    name="fashion-mnist",
    summary="garments of 28 x 28 pixels",
    format="four IDX files, packed with gzip or not",
    origin="https://github.com/zalandoresearch/fashion-mnist",
    licence="MIT",
    files=LooseFiles(
        tuple(RemoteFile(f"{n}.gz", f"{URL}{n}.gz", packed, HOW, (n,)) for n, (packed, _) in FILES.items()),
        ("fashion-mnist", ".", DEBIAN),
    ),
    read=read,
    encoder=EfficientNetLite0(),
    pixels=AsTheyAre(),
    n_classes=10,
    n_train=60_000,
)
