"""What a task is: a data set, a model, a budget, and what is wrong with the pool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError
from autoal.models import Model
from autoal.numeric import whole
from autoal.pool import OUTSIDE
from autoal.random import SeedTree
from autoal.tasks.arms import ARMS
from autoal.tasks.data import DataSet, IntArray
from autoal.tasks.open_set import n_held_out, n_known, open_set, outside_rows
from autoal.tasks.regimes import REGIMES, Budget, Regime
from autoal.tasks.source import PIXELS, Source
from autoal.tasks.variants import Variants, long_tail, near_duplicates, wrong_labels


@dataclass(frozen=True)
class Task:
    """A problem to simulate; `autoal.tasks.get` makes one of its name.

    Args:
        source: where the data come from.
        arm: the model.
        budget_regime: how many labels there are.
        variants: what is wrong with the pool.
    """

    source: Source
    arm: str
    budget_regime: str
    variants: Variants

    @property
    def name(self) -> str:
        """The full name, by which `autoal.tasks.get` makes an equal task."""
        options = (*self.source.options, *self.variants.options())
        return "/".join([self.source.name, self.arm, self.budget_regime, *options])

    @property
    def summary(self) -> str:
        """One line for people."""
        parts = [self.source.summary, self.arm, self.regime.summary, *self.variants.options()]
        return "; ".join(parts)

    @property
    def regime(self) -> Regime:
        """How many labels there are, for any number of classes."""
        return REGIMES[self.budget_regime]

    @cached_property
    def budget(self) -> Budget:
        """How many labels there are; of data that only their owner knows, their files are read for it."""
        n_classes, n_train = self.source.counts()
        n_classes -= n_held_out(n_classes, self.variants.outside)
        return self.regime.budget(n_classes, min(n_train, self._pool_size(n_train)))

    def load(self, data_dir: Path | None = None) -> DataSet:
        """All samples as this task's model sees them: pixels, or features, which are computed once and kept on disk.

        Raises:
            AutoALError: the data cannot be had or are damaged, or an optional package is missing.
        """
        source = self.source
        encoder = source.pixels if self.arm in PIXELS and source.pixels is not None else source.encoder
        return source.load(data_dir, encoder)

    def make_model(self, data: DataSet) -> Model:
        """The untrained model for a data set."""
        return ARMS[self.arm](data, self.source.flips)

    def split(
        self, data_dir: Path | None, seeds: SeedTree, pool_size: int | None = None, budget: Budget | None = None
    ) -> DataSet:
        """The pool (as the training part) and test set of one seed, the same for every strategy.

        Args:
            data_dir: where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal.
            seeds: of the run.
            pool_size: samples in the pool; default: the task's own.
            budget: what the pool must be enough for; default: the task's own, or none if the pool's size is given.

        Raises:
            AutoALError: as for `load`; or a long tail or held-out classes leave fewer samples than the budget needs.
        """
        if pool_size is not None:
            pool_size = whole("pool_size", pool_size, 1)
        data = self.load(data_dir)
        if self.variants.outside:
            data = open_set(data, self.variants.outside, seeds.child("pool", "outside"))
        pool = self._pool(data, pool_size or self._pool_size(len(data.x_train)), seeds)
        if budget is not None or pool_size is None:
            self._require_enough(len(pool), budget or self.budget)
        n_test = None if self.regime.whole else self.source.test_size
        test = _draw(len(data.x_test), n_test, seeds.child("test"))
        x_train, y_train = self._spoilt(np.array(data.x_train[pool]), data.y_train[pool], len(data.classes), seeds)
        x_test, y_test = np.array(data.x_test[test]), data.y_test[test]
        return replace(data, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)

    def _pool_size(self, n_train: int) -> int:
        return n_train if self.regime.whole else min(self.source.pool_size, n_train)

    def _pool(self, data: DataSet, size: int, seeds: SeedTree) -> IntArray:
        """Rows of the training part that the pool is made of."""
        share, imbalance = self.variants.outside, self.variants.imbalance
        known, size = np.flatnonzero(data.y_train != OUTSIDE), n_known(data.y_train, share, size)
        if imbalance == 1:
            rows = known[_draw(len(known), size, seeds.child("pool"))]
        else:
            tail = seeds.child("pool", "imbalance")
            rows = known[long_tail(data.y_train[known], size, imbalance, len(data.classes), tail)]
        strangers = outside_rows(data.y_train, share, len(rows), seeds.child("pool", "outside", "samples"))
        return np.sort(np.concatenate([rows, strangers]))

    def _require_enough(self, n: int, budget: Budget) -> None:
        if n < budget.final:
            rounds = (n - budget.initial) // budget.batch
            fewer = f"--rounds {rounds}, " if rounds > 0 else ""
            hint = f"{fewer}the regime tiny, a smaller imbalance or share outside, or more samples"
            raise InputError(f"a pool of at least {budget.final} samples, for {self.name}", f"{n}", hint)

    def _spoilt(
        self, x: npt.NDArray[Any], y: IntArray, n_classes: int, seeds: SeedTree
    ) -> tuple[npt.NDArray[Any], IntArray]:
        """Duplicates first: somebody who labels two samples that are nearly alike may be wrong about one of them."""
        if self.variants.duplicates:
            x, y = near_duplicates(x, y, self.variants.duplicates, seeds.child("pool", "duplicates"))
        if self.variants.noise:
            known = y != OUTSIDE
            y[known] = wrong_labels(y[known], self.variants.noise, n_classes, seeds.child("pool", "noise"))
        return x, y


def _draw(n: int, size: int | None, seeds: SeedTree) -> IntArray:
    if size is None or size >= n:
        return np.arange(n)
    return np.sort(seeds.generator().permutation(n)[:size])
