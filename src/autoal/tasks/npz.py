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
from autoal.labels import Classes, is_missing, is_outside, listed
from autoal.tasks.data import DataSet
from autoal.tasks.encoders import AsTheyAre, Flattened
from autoal.tasks.own import OwnFile, own_name
from autoal.tasks.source import Source

NAMES = ("x_train", "y_train", "x_test", "y_test")
HOW = "numpy.savez(PATH, x_train=..., y_train=..., x_test=..., y_test=...)"


def read(paths: tuple[Path, ...]) -> DataSet:
    """Samples as given: bytes, or numbers as float32; classes are the distinct labels for training, sorted."""
    x_train, y_train, x_test, y_test = read_arrays(paths[0], NAMES)
    train, test = (_labels(y, f"y_{part} of {paths[0]}") for y, part in ((y_train, "train"), (y_test, "test")))
    classes = Classes(None, train)
    if unknown := [label for label in dict.fromkeys(test) if classes.find(label) is None]:
        expected = f"y_test of the classes {some(classes.names)}, as in y_train of {paths[0]}"
        raise InputError(expected, some(unknown), "one set of names in both")
    try:
        samples = [x if x.dtype == np.uint8 else x.astype(np.float32) for x in (x_train, x_test)]
    except (TypeError, ValueError) as error:
        raise InputError(f"samples (n, ...) in {paths[0]}, numbers", str(error), HOW) from error
    if any(not np.isfinite(x).all() for x in samples):
        raise InputError(f"finite samples in {paths[0]}", "NaN or infinite values", "numpy.nan_to_num(x)")
    y = [np.array([classes.find(label) for label in labels], dtype=np.int64) for labels in (train, test)]
    return DataSet("npz", samples[0], y[0], samples[1], y[1], tuple(str(name) for name in classes.names))


def _labels(y: npt.NDArray[Any], where: str) -> list[Any]:
    labels = listed(y, f"labels (n,) in {where}", HOW)
    if any(is_missing(label) or is_outside(label) for label in labels):
        raise InputError(f"a class for every sample in {where}", "some without one", "leave these samples out")
    return labels


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
