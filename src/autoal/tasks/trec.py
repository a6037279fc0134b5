"""TREC: 5,952 questions by what they ask for, one a line (Li and Roth 2002)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autoal.errors import InputError
from autoal.reading import read_limited, reading
from autoal.tasks.data import DataSet
from autoal.tasks.download import RemoteFile, warn_if_altered
from autoal.tasks.encoders import MiniLM
from autoal.tasks.files import LooseFiles
from autoal.tasks.source import Source

URL = "https://cogcomp.seas.upenn.edu/Data/QA/QC/"
LIMIT, LONGEST = 1 << 24, 10_000  # bytes of a file, and of a question; the published ones have 0.3 million, and 196
NUMBERS = (5452, 500)  # questions for training and for testing
HOW = "put train_5500.label and TREC_10.label, or train.txt and test.txt, into trec below --data-dir"


def read(paths: tuple[Path, ...]) -> DataSet:
    """Questions as texts (n,), of the training file and the test file."""
    (x_train, train), (x_test, test) = (_questions(path) for path in paths)
    classes = tuple(sorted(set(train)))
    index = {name: number for number, name in enumerate(classes)}
    unknown = sorted(set(test) - set(train))
    if unknown:
        raise InputError(f"labels of {paths[0]} in {paths[1]}", ", ".join(unknown), "two files of one data set")
    warn_if_altered([path for path, found, n in zip(paths, (train, test), NUMBERS, strict=True) if len(found) < n])
    y_train, y_test = (np.array([index[label] for label in labels], dtype=np.int64) for labels in (train, test))
    return DataSet("trec", np.array(x_train), y_train, np.array(x_test), y_test, classes)


def _questions(path: Path) -> tuple[list[str], list[str]]:
    """Texts and labels: a line is `LABEL:finer label text`, or `LABEL text`."""
    texts, labels = [], []
    with reading("a file of questions", path, HOW):
        lines = read_limited(path, LIMIT).decode("latin-1").split("\n")
    for number, line in enumerate(lines, start=1):
        label, _, text = line.partition(" ")
        if not line.strip():
            continue
        if not label or not text.strip() or len(line) > LONGEST:
            raise InputError(f"a label, a space and a text in line {number} of {path}", repr(line[:100]), HOW)
        texts.append(text.strip())
        labels.append(label.partition(":")[0])
    if not texts:
        raise InputError(f"a question a line in {path}", "an empty file", HOW)
    return texts, labels


TREC = Source(
    name="trec",
    summary="questions by what they ask for",
    format="train_5500.label and TREC_10.label, or train.txt and test.txt",
    origin="https://cogcomp.seas.upenn.edu/Data/QA/QC/",
    licence="not stated",
    files=LooseFiles(
        (
            RemoteFile("train_5500.label", URL + "train_5500.label", "", HOW, ("train.txt",)),
            RemoteFile("TREC_10.label", URL + "TREC_10.label", "", HOW, ("test.txt",)),
        ),
        ("trec",),
    ),
    read=read,
    encoder=MiniLM(),
    n_classes=6,
    n_train=5452,
)
