"""Greedy weighted coverage: the batch whose neighbourhoods, by some kernel, cover the most utility."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.draws import shuffled, topped_up
from autoal.strategies.lazy import lazy_greedy
from autoal.strategies.limit import sampled

REFERENCES, PER_PICK = (
    2000,
    20,
)  # rows whose coverage `herding` counts, at least, and for each pick: with fewer, a large
# batch covers the references and not the pool
EXACT_ROWS, SAMPLE = 200_000, 100_000  # a pool of more rows than the first is replaced by a sample of the second
CHUNK = 1024  # rows worked on at one time
CELLS = 2**19  # entries of a kernel that exist at one time: they stay in the cache


@dataclass(frozen=True)
class Kernel:
    """k(a, b) of rows of unit norm, as a function of scale * cosine + shift: what a matrix product gives at no cost."""

    scale: float
    shift: float
    shape: Callable[[Tensor], Tensor]  # may overwrite its argument

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """k (len(a), len(b)) of all pairs of rows."""
        return self.shape(torch.addmm(a.new_full((1, 1), self.shift), a, b.T, alpha=self.scale))


class Coverage:
    """sum_x U(x) max(k(x, c) - m(x), 0) for each row c, as gains of `lazy_greedy`; m is what the picks cover already.

    Args:
        embedding: (n, D) of the rows c, of any norm.
        x: (r, D) of the references x, of unit norm.
        u: (r,) their utility U, non-negative.
        m: (r,) how far each is covered from the start.
        kernel: k(c, x).
        order: (n,) the order in which rows are looked at, which decides ties; positions in it are what is picked.
    """

    def __init__(self, embedding: Tensor, x: Tensor, u: Tensor, m: Tensor, kernel: Kernel, order: Tensor) -> None:
        self.embedding, self.x, self.u, self.m, self.kernel, self.order = embedding, x, u, m, kernel, order
        self.bounds = torch.cat([self._gain(embedding[rows]) for rows in order.split(CHUNK)])

    def refresh(self, rows: Tensor) -> None:
        """Make the bounds of these rows exact."""
        for some in rows.split(CHUNK):
            old = self.bounds[some]
            self.bounds[some] = torch.where(old.isneginf(), old, self._gain(self.embedding[self.order[some]]))

    def add(self, row: int) -> None:
        """Pick a row: its neighbours are covered from now on."""
        c = unit_norm(self.embedding[self.order[row]][None])
        self.m = torch.maximum(self.m, self.kernel(c, self.x)[0])

    def _gain(self, candidates: Tensor) -> Tensor:
        candidates = unit_norm(candidates)
        total = candidates.new_zeros(len(candidates))
        step = max(CELLS // max(len(candidates), 1), 1)
        for x, u, m in zip(self.x.split(step), self.u.split(step), self.m.split(step), strict=True):
            total += self.kernel(candidates, x).sub_(m).relu_() @ u
        return total


def cover(
    snapshot: Snapshot, utility: Tensor | None, kernel: Kernel, n: int, rng: np.random.Generator, references: int | None
) -> Tensor:
    """`n` distinct rows (n,), each the one that adds most weighted coverage of the pool to what is labelled or picked.

    Once nothing is left to gain, the rest is random. O(n_rows + references) memory beside the references themselves.

    Args:
        snapshot: the pool, and what is covered from the start.
        utility: U (n_rows,), non-negative; default: ones.
        kernel: of two embeddings.
        n: the size of the batch.
        rng: decides ties, and draws the references.
        references: pool rows whose coverage is counted; default: all. They should be many more than `n`, or the batch
            covers them rather than the pool.

    Of more than 200,000 rows a random sample of 100,000 is covered and picked from, with a warning.
    """
    large = len(snapshot) > EXACT_ROWS
    order = sampled(snapshot, SAMPLE, rng, "coverage counts and picks from") if large else shuffled(snapshot, rng)
    rows = order[:references].sort().values
    x = unit_norm(snapshot.embedding[rows])
    u = x.new_ones(len(x)) if utility is None else utility[rows].to(x.dtype)
    m = covered(x, unit_norm(snapshot.labelled_embedding), kernel)
    picks = order[lazy_greedy(Coverage(snapshot.embedding, x, u, m, kernel, order), n, least=0.0)]
    return topped_up(picks, n, snapshot, rng)


def herding(
    embedding: Tensor,
    utility: Tensor,
    n: int,
    rng: np.random.Generator,
    labelled_embedding: Tensor | None = None,
    references: int | None = None,
    order: Tensor | None = None,
) -> Tensor:
    """`n` distinct rows (n,), each the one that adds most weighted coverage to those before it.

    gain(c) = sum_x U(x) max(k(x, c) - m(x), 0), with m(x) the coverage of x by what is labelled or picked so far, and
    k(x, c) = exp(-|x - c|^2 / h^2) on features of unit norm; h is the spacing of what is labelled (`spacing`).

    Memory is O(n_rows + references x D); the time is one pass of n_rows x references kernels, and a few blocks a pick.

    Args:
        embedding: (n_rows, D).
        utility: U (n_rows,), non-negative.
        n: the size of the batch.
        rng: draws the reference rows.
        labelled_embedding: (m, D), covered from the start.
        references: the number of reference rows x, a random sample; default: 2,000, or 20 a pick if that is more.
        order: (n_rows,) the rows in an order that does not depend on how they are stored; default: as they are.

    Source: Bae, Noh and Sutherland, ECCV 2024 (MaxHerding, U = 1); weighted as in Bae et al., ICLR 2025.
    """
    anchors = unit_norm(labelled_embedding if labelled_embedding is not None else embedding[:0])
    order = torch.arange(len(embedding)) if order is None else order
    references = max(REFERENCES, PER_PICK * n) if references is None else references
    rows = order[torch.from_numpy(np.sort(rng.permutation(len(embedding))[:references]))]
    x, u = unit_norm(embedding[rows]), utility[rows]
    kernel = rbf(spacing(anchors, x[torch.from_numpy(rng.permutation(len(rows)))][:n]))
    gains = Coverage(embedding, x, u.to(x.dtype), covered(x, anchors, kernel), kernel, order)
    return order[lazy_greedy(gains, min(n, len(embedding)))]


def rbf(h: float) -> Kernel:
    """exp(-|a - b|^2 / h^2)."""
    return Kernel(2 / h**2, -2 / h**2, torch.Tensor.exp_)


def top_hat(delta: float) -> Kernel:
    """1 where |a - b| <= delta, 0 elsewhere."""
    return Kernel(1.0, delta**2 / 2 - 1, lambda over: over.ge_(0))


def angular() -> Kernel:
    """(1 + cos) / 2, in [0, 1]."""
    return Kernel(0.5, 0.5, lambda share: share)


def covered(x: Tensor, anchors: Tensor, kernel: Kernel) -> Tensor:
    """m (r,), the kernel of each x (r, D) with the anchor that covers it most; 0 without anchors. Rows of unit norm."""
    m = x.new_zeros(len(x))
    for some in anchors.split(CHUNK):
        for rows in range(0, len(x) if len(some) else 0, CHUNK):
            part = kernel(x[rows : rows + CHUNK], some).amax(dim=1)
            m[rows : rows + CHUNK] = torch.maximum(m[rows : rows + CHUNK], part)
    return m


def spacing(anchors: Tensor, otherwise: Tensor) -> float:
    """The median distance from an anchor to its nearest other anchor: the spacing that the labels have reached.

    With fewer than two anchors the rows `otherwise` stand in, as many as are about to be labelled.
    """
    points = anchors if len(anchors) >= 2 else otherwise
    return max(float(nearest_other(points).median()), 1e-3) if len(points) >= 2 else 1.0


def nearest_other(points: Tensor) -> Tensor:
    """Distance (n,) from each of the points of unit norm to the nearest other point."""
    return torch.cat([_nearest_other(points, start) for start in range(0, len(points), CHUNK)])


def _nearest_other(points: Tensor, start: int) -> Tensor:
    similarity = points[start : start + CHUNK] @ points.T
    own = torch.arange(len(similarity))
    similarity[own, own + start] = -torch.inf
    return (2 - 2 * similarity.amax(dim=1)).clamp_min(0).sqrt()


def unit_norm(x: Tensor) -> Tensor:
    """Rows scaled to norm one, float32 unless they are float64; a row of zeros stays."""
    return torch.nn.functional.normalize(x if x.dtype == torch.float64 else x.float(), dim=1)
