"""Ranks and their tests over many tasks: Friedman, and Wilcoxon's signed ranks with Holm's correction.

Demšar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7 (2006); Benavoli, Corani and Mangili,
"Should we really use post-hoc tests based on mean-ranks?", JMLR 17 (2016), for pairwise Wilcoxon in Nemenyi's place;
Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy import stats

from autoal.bench.statistics import ALPHA, FloatArray, settled


def mean_ranks(values: FloatArray) -> FloatArray:
    """Mean rank (s,) over the rows of complete values (blocks, s), in points; 1 is the highest, ties share theirs."""
    return np.asarray(np.mean(_ranks(values), axis=0), dtype=float)


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks (blocks, s) within each row of values in points; what differs by rounding alone is a tie."""
    ranks = [1 + (np.sign(settled(row[None] - row[:, None])) + 1).sum(axis=1) / 2 - 0.5 for row in values]
    return np.asarray(ranks, dtype=float)


def friedman(values: FloatArray) -> float:
    """p-value of Friedman's test that all s strategies rank alike over the blocks of values (blocks, s).

    NaN with fewer than two blocks or three strategies; 1 if no block tells any two strategies apart. Corrected for
    ties, which are those of `mean_ranks`.
    """
    blocks, s = values.shape
    if blocks < 2 or s < 3:
        return float("nan")
    ranks = _ranks(values)  # which scipy ranks again, to the same
    if (ranks == ranks[:, :1]).all():
        return 1.0
    return float(stats.friedmanchisquare(*ranks.T).pvalue)


def holm(p: FloatArray) -> FloatArray:
    """Holm's adjusted p-values (m,) of p-values (m,); NaN is no test and stays NaN."""
    adjusted = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1)
    return adjusted


def wilcoxon(differences: FloatArray) -> float:
    """Two-sided p-value of Wilcoxon's signed-rank test of differences in points (blocks,); 1 if all are ties."""
    differences = settled(differences)
    return float(stats.wilcoxon(differences).pvalue) if np.any(differences) else 1.0


def wilcoxon_holm(values: FloatArray) -> FloatArray:
    """Holm-adjusted p-values (s, s), one on the diagonal, of all pairs of columns of complete values (blocks, s)."""
    s = values.shape[1]
    p = np.ones((s, s))
    pairs = list(combinations(range(s), 2))
    adjusted = holm(np.array([wilcoxon(values[:, i] - values[:, j]) for i, j in pairs]))
    for (i, j), value in zip(pairs, adjusted, strict=True):
        p[i, j] = p[j, i] = value
    return p


def wilcoxon_against(values: FloatArray, column: int) -> FloatArray:
    """Wilcoxon p-values (s,) of one column of values (blocks, s) against each other, Holm-adjusted for s - 1 tests.

    For comparisons with one strategy that was chosen beforehand, which need less correction than all pairs; one for
    the column itself.
    """
    others = [j for j in range(values.shape[1]) if j != column]
    p = np.ones(values.shape[1])
    p[others] = holm(np.array([wilcoxon(values[:, column] - values[:, j]) for j in others]))
    return p


def smallest_p(blocks: int, s: int) -> float:
    """The smallest p-value that `wilcoxon_holm` can give the clearest of all pairs: above 0.05, no test can succeed."""
    return min(1.0, 2.0 ** (1 - blocks) * (s * (s - 1) // 2))


def groups(ranks: FloatArray, p: FloatArray, alpha: float = ALPHA) -> list[tuple[int, ...]]:
    """Longest runs of neighbours by rank in which no pair is told apart, as columns, best first.

    These are the bars of a critical-difference picture; a bar never spans a pair that is told apart.
    """
    order = np.argsort(ranks, kind="stable")
    found: list[tuple[int, ...]] = []
    end = 0
    for start in range(len(order)):
        stop = max(end, start + 1)
        while stop < len(order) and (p[order[stop], order[start:stop]] >= alpha).all():
            stop += 1
        if stop > end and stop - start > 1:
            found.append(tuple(int(column) for column in order[start:stop]))
        end = max(end, stop)
    return found
