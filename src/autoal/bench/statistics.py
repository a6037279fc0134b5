"""What the curves of paired seeds say: areas, drops, differences and their intervals.

All functions take plain arrays in which NaN stands for a run that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

FloatArray = npt.NDArray[np.float64]
ALPHA = 0.05  # every test's level; every interval covers 1 - ALPHA
ROUNDING = 1e-9  # points or ranks: means that differ by less are equal, summed in another order
TIE = (
    2e-4  # points of AUBC: less is rounding (archives have six digits); one of 10,000 test samples in one round is more
)


def areas(labels: Sequence[int] | npt.NDArray[np.int64], curves: npt.ArrayLike) -> FloatArray:
    """Areas (...) under budget curves (..., rounds): the mean over the budget, by the trapezoid rule."""
    curves, span = np.asarray(curves, dtype=float), float(labels[-1] - labels[0])
    return np.asarray(np.trapezoid(curves, labels, axis=-1) / span if span else curves[..., -1], dtype=float)


def aubc(labels: Sequence[int], accuracy: Sequence[float]) -> float:
    """Area under the budget curve of one run: its mean accuracy over the budget."""
    return float(areas(labels, accuracy))


def largest_drop(curves: npt.ArrayLike) -> FloatArray:
    """The most that each curve (..., rounds) loses from one round to the next, 0 if it never falls."""
    falls = -np.diff(np.asarray(curves, dtype=float), axis=-1)
    return np.asarray(np.max(falls, axis=-1, initial=0.0) + 0 * np.sum(falls, axis=-1), dtype=float)  # NaN stays NaN


@dataclass(frozen=True)
class Difference:
    """Mean of paired differences, its standard error, and the share of pairs above zero (ties count half)."""

    mean: float
    standard_error: float  # NaN with fewer than two pairs
    won: float
    pairs: int

    @property
    def _half(self) -> float:
        return float(stats.t.ppf(1 - ALPHA / 2, self.pairs - 1)) * self.standard_error if self.pairs > 1 else np.nan

    @property
    def low(self) -> float:
        """Lower end of the 95 % t-interval, NaN with fewer than two pairs."""
        return self.mean - self._half

    @property
    def high(self) -> float:
        """Upper end of the 95 % t-interval, NaN with fewer than two pairs."""
        return self.mean + self._half

    @property
    def none(self) -> bool:
        """Whether the two are equal on average."""
        return equal(self.mean, 0.0)

    @property
    def p(self) -> float:
        """Two-sided p-value of the paired t-test, NaN with fewer than two pairs."""
        return float(t_test(np.array(self.mean), np.array(self.standard_error), np.array(self.pairs)))


def equal(one: float, other: float) -> bool:
    """Whether two means are the same but for rounding."""
    return bool(abs(one - other) < ROUNDING)


def settled(differences: npt.ArrayLike) -> FloatArray:
    """Differences in points, ties as zero."""
    values = np.asarray(differences, dtype=float)
    return np.asarray(np.where(np.abs(values) < TIE, 0.0, values), dtype=float)


def summary(differences: npt.ArrayLike) -> Difference:
    """What paired differences in points (pairs,) say; NaN marks a pair that is not complete."""
    known = settled(differences)
    known = known[~np.isnan(known)]
    if not len(known):
        return Difference(np.nan, np.nan, np.nan, 0)
    error = float(known.std(ddof=1) / len(known) ** 0.5) if len(known) > 1 else np.nan
    won = float((known > 0).mean() + (known == 0).mean() / 2)
    return Difference(float(known.mean()), error, won, len(known))


def paired(ours: npt.ArrayLike, theirs: npt.ArrayLike) -> Difference:
    """Compare two methods on the same seeds, in the same order, by points."""
    return summary(np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float))


def t_test(mean: FloatArray, standard_error: FloatArray, pairs: npt.NDArray[np.int64]) -> FloatArray:
    """Two-sided p-values (...) of paired t-tests; equal differences in all pairs are certain, or no difference at all.

    NaN where there are fewer than two pairs.
    """
    exact = np.abs(standard_error) <= 1e-12 * np.maximum(np.abs(mean), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(mean) / standard_error, pairs - 1)
    p = np.where(exact, np.where(np.abs(mean) > 1e-12, 0.0, 1.0), p)
    return np.asarray(np.where(pairs > 1, p, np.nan), dtype=float)


def mean_known(values: npt.ArrayLike, axis: int | tuple[int, ...] | None = None) -> FloatArray:
    """Mean over what is known; NaN, without a warning, where nothing is."""
    values = np.asarray(values, dtype=float)
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=axis) / known.sum(axis=axis), dtype=float)


def deviation(values: npt.ArrayLike) -> FloatArray:
    """Standard deviation over the last axis of what is known, NaN where fewer than two values are."""
    values = np.asarray(values, dtype=float)
    n = (~np.isnan(values)).sum(axis=-1)
    squares = (values - mean_known(values, axis=-1)[..., None]) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(n > 1, np.sqrt(np.nansum(squares, axis=-1) / (n - 1)), np.nan), dtype=float)


def band(curves: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean (rounds,) of curves (seeds, rounds) and half the width of its 95 % t-interval, 0 with one seed."""
    n = len(curves)
    factor = float(stats.t.ppf(1 - ALPHA / 2, n - 1)) / n**0.5 if n > 1 else 0.0
    return curves.mean(axis=0), curves.std(axis=0, ddof=1 if n > 1 else 0) * factor


def share_won(values: FloatArray) -> FloatArray:
    """Share of pairs (s, s) in which row beats column, ties half, over the rows of values (pairs, s) in points.

    NaN where two strategies have no pair in common.
    """
    difference = settled(values[:, :, None] - values[:, None, :])
    return mean_known(np.where(np.isnan(difference), np.nan, (np.sign(difference) + 1) / 2), axis=0)


def regret(values: FloatArray, group: Sequence[int] | None = None) -> FloatArray:
    """How far each mean (tasks, s) stays below the best of its task, or of the strategies in `group`.

    Never negative without a group; negative where a strategy outside the group beats all of it.
    """
    best = np.where(np.isnan(values), -np.inf, values)[:, slice(None) if group is None else list(group)].max(axis=1)
    return np.asarray(np.where(np.isfinite(best), best, np.nan)[:, None] - values, dtype=float)
