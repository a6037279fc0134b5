"""The pairwise penalty matrix: at how many budgets does one strategy beat another beyond chance?

Ash, Zhang, Krishnamurthy, Langford and Agarwal, "Deep batch active learning by diverse, uncertain gradient lower
bounds", ICLR 2020.
"""

from __future__ import annotations

import numpy as np

from autoal.bench.statistics import ALPHA, FloatArray, mean_known, t_test

SATURATED = 0.99  # of the best final value of the task: above it, nothing is left to win


def penalties(curves: FloatArray) -> FloatArray:
    """Share of a task's budgets (s, s) at which row beats column, by a paired t-test over seeds at p < 0.05.

    The initial set, which all strategies share, is not counted, nor is a budget at which both strategies of the pair
    are saturated: their means reach 0.99 of the best final value that any run shows.

    Args:
        curves: (s, seeds, rounds), NaN where a run is missing; higher is better.

    Returns:
        Shares of the budgets that count; NaN where a pair has none with two seeds in common.
    """
    later = curves[:, :, 1:]
    difference = later[:, None] - later[None]  # (s, s, seeds, rounds - 1)
    pairs = (~np.isnan(difference)).sum(axis=2)
    mean = mean_known(difference, axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(np.nansum((difference - mean[:, :, None]) ** 2, axis=2) / (pairs - 1) / pairs)
    beats = (t_test(mean, error, pairs) < ALPHA) & (mean > 0)
    counted = (pairs > 1) & ~_both_saturated(curves)
    with np.errstate(invalid="ignore"):
        return np.asarray((beats & counted).sum(axis=2) / counted.sum(axis=2), dtype=float)


def _both_saturated(curves: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(s, s, rounds - 1)"""
    finals = curves[:, :, -1]
    best = np.where(np.isnan(finals), -np.inf, finals).max()
    reached = mean_known(curves[:, :, 1:], axis=1) >= SATURATED * best
    return np.asarray(reached[:, None] & reached[None])


def matrix(by_task: FloatArray) -> FloatArray:
    """Sum over tasks of their shares (tasks, s, s): at most the number of tasks; a pair never compared counts 0."""
    return np.asarray(np.nansum(by_task, axis=0), dtype=float)


def column_means(total: FloatArray) -> FloatArray:
    """Mean penalty (s,) that each strategy takes from another: lower is better; 0 if it stands alone."""
    s = len(total)
    return np.asarray((total.sum(axis=0) - np.diagonal(total)) / max(s - 1, 1), dtype=float)
