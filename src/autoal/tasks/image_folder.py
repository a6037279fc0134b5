"""`folder:PATH`: anybody's images, in sub-folders named after their classes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autoal.errors import InputError
from autoal.image_files import image_paths, load_image
from autoal.labels import Classes
from autoal.progress import track
from autoal.tasks.data import DataSet
from autoal.tasks.encoders import EfficientNetLite0, Kept
from autoal.tasks.own import OwnFile, own_name
from autoal.tasks.source import Source
from autoal.undecoded import name_bytes

SMALLEST = 8  # pixels a side that the networks can pool
TEST_EVERY = 5  # one image of so many is for testing, by a hash of its name
HOW = "a folder of CLASS/IMAGE, or of train/CLASS/IMAGE and test/CLASS/IMAGE"
Labelled = tuple[Path, str]


@dataclass(frozen=True)
class ReadFolder:
    """Reads images (n, 3, size, size) uint8 of the sub-folders train and test, or of a split by hash of the names."""

    size: int = 64

    def __post_init__(self) -> None:
        if self.size < SMALLEST:
            raise InputError(f"a size of at least {SMALLEST} pixels", f"size={self.size}", "size=64")

    def __call__(self, paths: tuple[Path, ...]) -> DataSet:
        """The images below the one folder of `paths`."""
        train, test = _split(paths[0])
        classes = _classes(train + test)
        parts = [read_images(part, classes, (self.size, self.size)) for part in (train, test)]
        return DataSet("folder", *parts[0], *parts[1], classes)


def count(paths: tuple[Path, ...]) -> tuple[int, int]:
    """Classes and images for training below the one folder of `paths`, of which none is read."""
    train, test = _split(paths[0])
    return len(_classes(train + test)), len(train)


def _split(folder: Path) -> tuple[list[Labelled], list[Labelled]]:
    if (folder / "train").is_dir() and (folder / "test").is_dir():
        train, test = _images(folder / "train"), _images(folder / "test")
    else:
        parts: tuple[list[Labelled], list[Labelled]] = ([], [])
        for image in _images(folder):
            parts[_is_for_testing(image[0].relative_to(folder))].append(image)
        train, test = parts
    if not train or not test:
        got = f"{len(train)} and {len(test)}"
        raise InputError(f"images for training and for testing below {folder}", got, HOW)
    return train, test


def _classes(images: list[Labelled]) -> tuple[str, ...]:
    return Classes(sorted({label for _, label in images})).names


def _images(folder: Path) -> list[Labelled]:
    """Every image that lies in a sub-folder, with its name, in the order of their paths; as `Pool.from_folder` does."""
    return [(path, path.parent.name) for path in image_paths(folder) if path.parent != folder]


def _is_for_testing(path: Path) -> bool:
    """Depends on the name alone, so that images that are added later move none from one part to the other."""
    return hashlib.sha256(name_bytes(path.as_posix())).digest()[0] % TEST_EVERY == 0


def read_images(
    images: list[Labelled], classes: tuple[str, ...], size: tuple[int, int]
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]], np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Images (n, 3, *size) and the indices (n,) of their classes; those of another size are resized."""
    index = {name: number for number, name in enumerate(classes)}
    x = np.empty((len(images), 3, *size), dtype=np.uint8)
    for row, (path, _) in enumerate(track(images, len(images), "reading images", show=True)):
        x[row] = load_image(path, size).numpy()
    return x, np.array([index[label] for _, label in images], dtype=np.int64)


def source(path: str, options: tuple[str, ...] = (), size: int = 64) -> Source:
    """The data set of the images below `path`."""
    return Source(
        name=own_name("folder", path),
        summary="your own images",
        format="a folder of CLASS/IMAGE, or of train/CLASS/IMAGE and test/CLASS/IMAGE",
        origin="yours",
        licence="yours",
        files=OwnFile(path, HOW),
        read=ReadFolder(size),
        count=count,
        encoder=EfficientNetLite0(),
        pixels=Kept(),
        flips=True,
        options=options,
    )
