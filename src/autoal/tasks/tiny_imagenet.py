"""TinyImageNet: 110,000 images of 64 x 64 pixels in 200 classes, in the folder tiny-imagenet-200 (Le and Yang 2015)."""

from __future__ import annotations

from pathlib import Path

from autoal.errors import InputError
from autoal.reading import read_limited, reading
from autoal.tasks.data import DataSet
from autoal.tasks.download import RemoteFile
from autoal.tasks.encoders import EfficientNetLite0, Kept
from autoal.tasks.files import Archive
from autoal.tasks.image_folder import Labelled, read_images
from autoal.tasks.source import Source

SIZE = (64, 64)
LIMIT = 1 << 24  # bytes of a list
FILE = RemoteFile(
    "tiny-imagenet-200.zip",
    "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
    "90528d7ca1a48142e341f4ef8d21d0de",
    "put tiny-imagenet-200.zip, or the folder tiny-imagenet-200 that it holds, into --data-dir",
)
MEMBERS = ("wnids.txt", "val/val_annotations.txt", "train", "val/images")


def read(paths: tuple[Path, ...]) -> DataSet:
    """Images as (n, 3, 64, 64) uint8; for testing serves the validation part, as the test part has no labels."""
    names, annotations, train, val = paths
    classes = tuple(sorted(set(_text(names).split())))
    if strange := [name for name in classes if not _is_plain(name)]:
        raise InputError(f"names of classes in {names}", repr(strange[0]), FILE.how)
    images = [(path, name) for name in classes for path in sorted((train / name / "images").glob("*.JPEG"))]
    parts = [read_images(part, classes, SIZE) for part in (images, _validation(annotations, val, classes))]
    return DataSet("tiny-imagenet", *parts[0], *parts[1], classes)


def _validation(annotations: Path, folder: Path, classes: tuple[str, ...]) -> list[Labelled]:
    """A line is the name of a file, its class and a box, with tabs between them."""
    rows = [line.split("\t") for line in _text(annotations).splitlines() if line]
    for row in rows:
        if len(row) < 2 or row[1] not in classes or not _is_plain(row[0]):
            raise InputError(f"a file and one of the classes a line in {annotations}", repr(row), FILE.how)
    return [(folder / row[0], row[1]) for row in rows]


def _text(path: Path) -> str:
    with reading("a text in UTF-8", path, FILE.how):
        return read_limited(path, LIMIT).decode()


def _is_plain(name: str) -> bool:
    """Tell whether it is the name of a file, and leads nowhere else."""
    return name not in ("", ".", "..") and not {"/", "\\", "\0"}.intersection(name)


TINY_IMAGENET = Source(
    name="tiny-imagenet",
    summary="objects of 64 x 64 pixels in 200 classes",
    format="folder tiny-imagenet-200, or tiny-imagenet-200.zip",
    origin="http://cs231n.stanford.edu/tiny-imagenet-200.zip",
    licence="not stated",
    files=Archive(FILE, "tiny-imagenet-200", MEMBERS),
    read=read,
    encoder=EfficientNetLite0(),
    pixels=Kept(),
    n_classes=200,
    n_train=100_000,
    flips=True,
)
