"""`npz:PATH`: anybody's data as the arrays x_train, y_train, x_test and y_test of one .npz file."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.arrays import some
from autoal.errors import InputError
from autoal.tasks.data import DataSet, IntArray
from autoal.tasks.encoders import AsTheyAre, Flattened
from autoal.tasks.own import OwnFile, own_name, require_classes
from autoal.tasks.source import Source

Labels = npt.NDArray[Any]
NAMES = ("x_train", "y_train", "x_test", "y_test")
HOW = "numpy.savez(PATH, x_train=..., y_train=..., x_test=..., y_test=...)"


def read(paths: tuple[Path, ...]) -> DataSet:
    """Samples as given: bytes, or numbers as float32; classes are the distinct labels for training, sorted."""
    x_train, y_train, x_test, y_test = read_arrays(paths[0], NAMES)
    for x, y, part in ((x_train, y_train, "train"), (x_test, y_test, "test")):
        _require_labels(x, y, f"{part} of {paths[0]}")
    classes, train, test = _encoded(y_train, y_test, paths[0])
    try:
        samples = [x if x.dtype == np.uint8 else x.astype(np.float32) for x in (x_train, x_test)]
    except (TypeError, ValueError) as error:
        raise InputError(f"samples (n, ...) in {paths[0]}, numbers", str(error), HOW) from error
    if any(not np.isfinite(x).all() for x in samples):
        raise InputError(f"finite samples in {paths[0]}", "NaN or infinite values", "numpy.nan_to_num(x)")
    return require_classes(DataSet("npz", samples[0], train, samples[1], test, classes))


def _require_labels(x: npt.NDArray[Any], y: npt.NDArray[Any], where: str) -> None:
    if x.ndim == 0 or y.shape != x.shape[:1] or not len(x):
        hint = f"{HOW}; of one-hot rows, y.argmax(axis=1)"
        raise InputError(f"as many labels (n,) as samples (n, ...) in {where}", f"{y.shape} and {x.shape}", hint)
    numbers = y.dtype.kind in "fiu"
    if numbers and not (np.isfinite(y) & (y >= 0) & (np.floor(y) == y)).all():
        got = "NaN, negative or broken numbers"
        raise InputError(f"a class for every sample in {where}, a whole number or a name", got, "leave the others out")
    if y.dtype.kind == "U" and (y == "").any():
        raise InputError(f"a class for every sample in {where}", "an empty name", "leave the others out")


def _encoded(y_train: Labels, y_test: Labels, path: Path) -> tuple[tuple[str, ...], IntArray, IntArray]:
    """The names of the classes, and the indices of both parts; whole numbers are the same of every type."""
    y_train, y_test = (y.astype(np.int64) if y.dtype.kind == "f" else y for y in (y_train, y_test))
    names = [str(name) for name in np.unique(y_train)]
    index = {name: place for place, name in enumerate(names)}
    if unknown := sorted({str(name) for name in np.unique(y_test)} - index.keys()):
        raise InputError(
            f"test samples of the classes {some(names)} in {path}", some(unknown), "one set of names in both"
        )
    train, test = (np.array([index[str(name)] for name in y.tolist()], dtype=np.int64) for y in (y_train, y_test))
    return tuple(names), train, test


def read_arrays(path: Path, names: Sequence[str]) -> list[npt.NDArray[Any]]:
    """Those arrays of a .npz file, none of which may hold Python objects."""
    hint = f"an .npz file with {', '.join(names)}"
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as content:
            if not isinstance(content, np.lib.npyio.NpzFile):
                raise InputError(f"{', '.join(names)} in {path}", "a single array", hint)
            missing = [name for name in names if name not in content.files]
            if missing:
                raise InputError(f"{', '.join(names)} in {path}", f"no {', '.join(missing)}", hint)
            return [content[name] for name in names]
    except (AttributeError, EOFError, OSError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"an .npz file of plain arrays at {path}", str(error), hint) from error


def source(path: str, options: tuple[str, ...] = ()) -> Source:
    """The data set in the file at `path`."""
    return Source(
        name=own_name("npz", path),
        summary="your own arrays",
        format="one .npz file with x_train, y_train, x_test and y_test",
        origin="yours",
        licence="yours",
        files=OwnFile(path, HOW),
        read=read,
        encoder=Flattened(),
        pixels=AsTheyAre(),
        options=options,
    )
