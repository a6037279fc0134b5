"""Pools with samples of no class: some classes are held out, and a share of the pool is of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autoal.errors import InputError
from autoal.pool import OUTSIDE
from autoal.random import SeedTree
from autoal.tasks.data import DataSet, IntArray


def n_held_out(n_classes: int, share: float) -> int:
    """How many classes are held out: round(share C), at least one if there is a share, and all but two at most.

    Raises:
        InputError: there are fewer than three classes to hold one out of.
    """
    if share == 0:
        return 0
    if n_classes < 3:
        raise InputError("at least three classes, to hold one out", f"{n_classes}", "outside=0")
    return min(max(round(share * n_classes), 1), n_classes - 2)


def open_set(data: DataSet, share: float, seeds: SeedTree) -> DataSet:
    """The data without the classes held out, which are drawn: as training labels they become `OUTSIDE`.

    The test part keeps the samples of the other classes alone.
    """
    n_classes = len(data.classes)
    held_out = seeds.generator().permutation(n_classes)[: n_held_out(n_classes, share)]
    kept = np.setdiff1d(np.arange(n_classes), held_out)
    label = np.full(n_classes, OUTSIDE, dtype=np.int64)
    label[kept] = np.arange(len(kept))
    known = np.isin(data.y_test, kept)
    return replace(
        data,
        y_train=label[data.y_train],
        x_test=data.x_test[known],
        y_test=label[data.y_test[known]],
        classes=tuple(data.classes[k] for k in kept),
    )


def n_known(y: IntArray, share: float, size: int) -> int:
    """How many of `size` samples have a class, as many as leave the share right: where one kind lacks, both shrink."""
    have = int((y != OUTSIDE).sum())
    possible = min(size, have / (1 - share), (len(y) - have) / share if share else size)
    return round((1 - share) * possible)


def outside_rows(y: IntArray, share: float, n_known: int, seeds: SeedTree) -> IntArray:
    """Rows of samples of no class, drawn to be that share of a pool with `n_known` others."""
    rows = np.flatnonzero(y == OUTSIDE)
    return seeds.generator().permutation(rows)[: round(n_known * share / (1 - share))]
