"""Tasks to simulate active learning on: data sets in their publishers' formats, with a model and a budget."""

from __future__ import annotations

import difflib
from pathlib import Path

from autoal.errors import InputError
from autoal.tasks.cifar import CIFAR10, CIFAR100
from autoal.tasks.data import DataSet
from autoal.tasks.digits import DIGITS
from autoal.tasks.fashion_mnist import FASHION_MNIST
from autoal.tasks.letter import LETTER
from autoal.tasks.listing import Row, rows
from autoal.tasks.medmnist import ORGANCMNIST, PATHMNIST, TISSUEMNIST
from autoal.tasks.names import OWN, parse
from autoal.tasks.regimes import Budget
from autoal.tasks.source import Source
from autoal.tasks.suites import SUITES
from autoal.tasks.svhn import SVHN
from autoal.tasks.task import Task
from autoal.tasks.tiny_imagenet import TINY_IMAGENET
from autoal.tasks.trec import TREC

__all__ = ["Budget", "DataSet", "Row", "Source", "Task", "all", "get", "listing", "suite"]

SOURCES = (
    *(DIGITS, FASHION_MNIST, CIFAR10, CIFAR100, SVHN, TINY_IMAGENET),
    *(ORGANCMNIST, PATHMNIST, TISSUEMNIST, TREC, LETTER),
)


def all() -> dict[str, Source]:
    """Every data set with a name of its own; any other file is named by its path, as `npz:PATH`."""
    return {source.name: source for source in SOURCES}


def get(name: str) -> Task:
    """The task of that name: `DATASET/ARM/REGIME/OPTION=VALUE/...`; what is left out takes the data set's default.

    Raises:
        InputError: there is none.
    """
    return parse(name, all())


def suite(name: str) -> tuple[str, ...]:
    """The full names of the tasks of a suite: smoke, dev or paper.

    Raises:
        InputError: there is no such suite.
    """
    if not isinstance(name, str) or name not in SUITES:
        close = difflib.get_close_matches(str(name), SUITES, n=1) or SUITES
        raise InputError("the name of a suite", repr(name), ", ".join(close))
    return SUITES[name]


def listing(data_dir: Path | None = None) -> list[Row]:
    """What data sets there are, and which of them are at hand; the last ones stand for your own files."""
    return rows([*SOURCES, *(make("PATH") for make in OWN.values())], data_dir)
