"""`npz:PATH`: anybody's data as the arrays x_train, y_train, x_test and y_test of one .npz file."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.arrays import some
from autoal.errors import InputError
from autoal.labels import Classes, is_missing, is_outside, listed
from autoal.reading import EXPANSION, open_regular, reading, require_size
from autoal.tasks.data import DataSet
from autoal.tasks.encoders import AsTheyAre, Flattened
from autoal.tasks.own import OwnFile, own_name
from autoal.tasks.source import Source

NAMES = ("x_train", "y_train", "x_test", "y_test")
MAGIC = b"\x93NUMPY"
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
HOW = "numpy.savez(PATH, x_train=..., y_train=..., x_test=..., y_test=...)"


def read(paths: tuple[Path, ...]) -> DataSet:
    """Samples as given: bytes, or numbers as float32; classes are the distinct labels for training, sorted."""
    x_train, y_train, x_test, y_test = read_arrays(paths[0], NAMES)
    train, test = (_labels(y, f"y_{part} of {paths[0]}") for y, part in ((y_train, "train"), (y_test, "test")))
    classes = Classes(None, train)
    if unknown := [label for label in dict.fromkeys(test) if classes.find(label) is None]:
        expected = f"y_test of the classes {some(classes.names)}, as in y_train of {paths[0]}"
        raise InputError(expected, some(unknown), "one set of names in both")
    if strange := [x.dtype for x in (x_train, x_test) if x.dtype.kind not in "biuf" or x.ndim == 0]:
        raise InputError(f"samples (n, ...) in {paths[0]}, numbers", f"{strange[0]}", HOW)
    with np.errstate(over="ignore"):  # infinite is what they become
        samples = [x if x.dtype == np.uint8 else x.astype(np.float32) for x in (x_train, x_test)]
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
    """Those arrays of a .npz file, none of which may hold Python objects.

    Raises:
        InputError: the file is damaged, lacks one of them, or announces more than it can hold.
    """
    hint = f"an .npz file with {', '.join(names)}"
    with reading("an .npz file of plain arrays", path, hint), open_regular(path) as file:
        if file.read(len(MAGIC)) == MAGIC:
            raise InputError(f"{', '.join(names)} in {path}", "a single array", hint)
        with zipfile.ZipFile(file) as pack:
            members = {info.filename: info for info in pack.infolist()}
            missing = [name for name in names if f"{name}.npy" not in members]
            if missing:
                raise InputError(f"{', '.join(names)} in {path}", f"no {', '.join(missing)}", hint)
            return [_array(pack, members[f"{name}.npy"]) for name in names]


def _array(pack: zipfile.ZipFile, member: zipfile.ZipInfo) -> npt.NDArray[Any]:
    """One array, for which memory is taken only if there are as many bytes as its header says."""
    with pack.open(member) as file:
        shape, _, dtype = HEADERS[np.lib.format.read_magic(file)](file)
        start = file.tell()
    size = start + math.prod(shape) * dtype.itemsize
    if dtype.hasobject:
        raise ValueError(f"{member.filename} holds Python objects")
    if min(shape, default=0) < 0 or size != member.file_size:
        raise ValueError(f"{member.filename} has {member.file_size} bytes, and its header announces {shape} of {dtype}")
    if member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        require_size(size, EXPANSION * member.compress_size, f"{member.filename} of {pack.filename}")
    with pack.open(member) as file:
        array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
        file.read(1)  # at the end, the checksum is compared
    return array


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
