"""What a task is: a data set, a model recipe and a budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError
from autoal.models import Model
from autoal.random import SeedTree

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DataSet:
    """Samples with their labels, split for training and testing; images are (n, channels, height, width)."""

    name: str
    x_train: npt.NDArray[Any]  # (n, ...) uint8 or float32
    y_train: IntArray  # (n,)
    x_test: npt.NDArray[Any]
    y_test: IntArray
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for part, x, y in (("train", self.x_train, self.y_train), ("test", self.x_test, self.y_test)):
            if y.shape != (len(x),) or len(x) == 0:
                got = f"{y.shape} and {len(x)}"
                raise InputError(f"as many labels as samples in {self.name} {part}", got, "whole files")
            if y.min() < 0 or y.max() >= len(self.classes):
                got = f"{y.min()} to {y.max()}"
                raise InputError(f"labels of {self.name} {part} from 0 to {len(self.classes) - 1}", got, "whole files")
        self._check_types()

    def _check_types(self) -> None:
        for x, y in ((self.x_train, self.y_train), (self.x_test, self.y_test)):
            if x.dtype not in (np.uint8, np.float32) or y.dtype != np.int64:
                got = f"{x.dtype} and {y.dtype}"
                raise InputError(f"uint8 or float32 samples and int64 labels in {self.name}", got, "array.astype")
        if self.x_train.shape[1:] != self.x_test.shape[1:]:
            got = f"{self.x_train.shape[1:]} and {self.x_test.shape[1:]}"
            raise InputError(f"training and test samples of one shape in {self.name}", got, "files of one data set")


@dataclass(frozen=True)
class Budget:
    """How many labels there are: at first, in each round, and how many rounds."""

    initial: int
    batch: int
    rounds: int

    @property
    def final(self) -> int:
        """Labels after the last round."""
        return self.initial + self.batch * self.rounds

    def __post_init__(self) -> None:
        if self.initial < 1 or self.batch < 1 or self.rounds < 1:
            raise InputError("initial, batch and rounds of at least 1", repr(self), "Budget(10, 10, 10)")


@dataclass(frozen=True)
class Task:
    """A problem to simulate: where its data come from, how its model is made, how many labels it gets.

    Args:
        name: how the command line calls it.
        summary: one line for people.
        load: reads the data set from a data directory.
        make_model: makes the untrained model for a data set.
        budget: of labels.
        pool_size: samples drawn from the training part for each seed; None takes all.
        test_size: samples drawn from the test part for each seed; None takes all.
    """

    name: str
    summary: str
    load: Callable[[Path | None], DataSet]
    make_model: Callable[[DataSet], Model]
    budget: Budget
    pool_size: int | None = None
    test_size: int | None = None

    def split(self, data_dir: Path | None, seeds: SeedTree, pool_size: int | None = None) -> DataSet:
        """The pool (as the training part) and test set of one seed, the same for every strategy."""
        data = self.load(data_dir)
        train = _draw(len(data.x_train), pool_size or self.pool_size, seeds.child("pool"))
        test = _draw(len(data.x_test), self.test_size, seeds.child("test"))
        return replace(
            data,
            x_train=data.x_train[train],
            y_train=data.y_train[train],
            x_test=data.x_test[test],
            y_test=data.y_test[test],
        )


def _draw(n: int, size: int | None, seeds: SeedTree) -> IntArray:
    if size is None or size >= n:
        return np.arange(n)
    return np.sort(seeds.generator().permutation(n)[:size])
