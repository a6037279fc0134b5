"""Letter: 20,000 rows of 16 measures of printed capitals, in an ARFF file (Frey and Slate 1991)."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from scipy.io import arff

from autoal.errors import InputError
from autoal.reading import read_limited, reading
from autoal.tasks.data import DataSet
from autoal.tasks.download import RemoteFile, warn_if_altered
from autoal.tasks.encoders import Standardised
from autoal.tasks.files import LooseFiles
from autoal.tasks.source import Source

LIMIT = 1 << 26  # bytes of a file; the published one has 0.7 million
N = 20_000
TRAIN = 0.8  # the first 16,000 of 20,000 rows, by convention, are for training
FILE = RemoteFile(
    "letter.arff",
    "https://www.openml.org/data/download/6/dataset_6_letter.arff",
    "",
    "put letter.arff, or dataset_6_letter.arff of OpenML, into --data-dir",
    ("dataset_6_letter.arff",),
)


def read(paths: tuple[Path, ...]) -> DataSet:
    """Measures as (n, 16) float32, of a file whose nominal column is the class and whose others are numbers."""
    table, kinds = _parsed(paths[0])
    nominal = [name for name in kinds.names() if kinds[name][0] == "nominal"]
    others = [name for name in kinds.names() if name not in nominal]
    if len(nominal) != 1 or not others or any(kinds[name][0] != "numeric" for name in others):
        got = ", ".join(f"{name} {kinds[name][0]}" for name in kinds.names())
        raise InputError(f"numeric columns and one nominal one in {paths[0]}", got, FILE.how)
    classes = tuple(kinds[nominal[0]][1])
    index = {name.encode(): number for number, name in enumerate(classes)}
    x = np.stack([table[name] for name in others], axis=1).astype(np.float32)
    if (bad := np.flatnonzero(~np.isfinite(x).all(axis=1))).size:
        raise InputError(f"a number in every field of {paths[0]}", f"none in row {bad[0] + 1}", FILE.how)
    if unknown := [label for label in table[nominal[0]] if label not in index]:
        raise InputError(f"a class in every row of {paths[0]}", repr(unknown[0]), FILE.how)
    y = np.array([index[label] for label in table[nominal[0]]], dtype=np.int64)
    warn_if_altered(paths if len(x) < N else ())
    cut = int(TRAIN * len(x))
    return DataSet("letter", x[:cut], y[:cut], x[cut:], y[cut:], classes)


def _parsed(path: Path):  # type: ignore[no-untyped-def]  # scipy's classes are not typed
    with reading("an ARFF file", path):
        return arff.loadarff(io.StringIO(read_limited(path, LIMIT).decode()))


LETTER = Source(
    name="letter",
    summary="16 measures of printed capital letters",
    format="letter.arff",
    origin="https://archive.ics.uci.edu/dataset/59",
    licence="CC BY 4.0",
    files=LooseFiles((FILE,), (".", "letter")),
    read=read,
    encoder=Standardised(),
    n_classes=26,
    n_train=16_000,
)
