"""Greedy weighted coverage: the batch whose neighbourhoods, by some kernel, cover the most utility."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from autoal.strategies.lazy import lazy_greedy

REFERENCES = 2000  # pool rows whose coverage AutoAL counts; a random sample of larger pools
CHUNK = 4096  # rows worked on at one time
CELLS = 2**23  # entries of a kernel that exist at one time

Kernel = Callable[[Tensor], Tensor]  # of the cosines, which it may overwrite


class Coverage:
    """sum_x U(x) max(k(x, c) - m(x), 0) for each row c, as gains of `lazy_greedy`; m is what the picks cover already.

    Args:
        embedding: (n, D) of the rows c, of any norm.
        x: (r, D) of the references x, of unit norm.
        u: (r,) their utility U, non-negative.
        m: (r,) how far each is covered from the start.
        kernel: k, of the cosine of c and x.
    """

    def __init__(self, embedding: Tensor, x: Tensor, u: Tensor, m: Tensor, kernel: Kernel) -> None:
        self.embedding, self.x, self.u, self.m, self.kernel = embedding, x, u, m, kernel
        self.bounds = torch.cat([self._gain(chunk) for chunk in embedding.split(CHUNK)])

    def refresh(self, rows: Tensor) -> None:
        """Make the bounds of these rows exact."""
        for some in rows.split(CHUNK):
            old = self.bounds[some]
            self.bounds[some] = torch.where(old.isneginf(), old, self._gain(self.embedding[some]))

    def add(self, row: int) -> None:
        """Pick a row: its neighbours are covered from now on."""
        self.m = torch.maximum(self.m, self.kernel(self.x @ unit_norm(self.embedding[row : row + 1])[0]))

    def _gain(self, candidates: Tensor) -> Tensor:
        candidates = unit_norm(candidates)
        total = candidates.new_zeros(len(candidates))
        step = max(CELLS // max(len(candidates), 1), 1)
        for x, u, m in zip(self.x.split(step), self.u.split(step), self.m.split(step), strict=True):
            total += self.kernel(candidates @ x.T).sub_(m).clamp_min_(0) @ u
        return total


def herding(
    embedding: Tensor,
    utility: Tensor,
    n: int,
    rng: np.random.Generator,
    labelled_embedding: Tensor | None = None,
    references: int = REFERENCES,
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
        references: the number of reference rows x.

    Source: Bae, Noh and Sutherland, ECCV 2024 (MaxHerding, U = 1); weighted as in Bae et al., ICLR 2025.
    """
    anchors = unit_norm(labelled_embedding if labelled_embedding is not None else embedding[:0])
    rows = torch.from_numpy(np.sort(rng.permutation(len(embedding))[:references]))
    x, u = unit_norm(embedding[rows]), utility[rows]
    kernel = rbf(spacing(anchors, x[torch.from_numpy(rng.permutation(len(rows)))][:n]))
    gains = Coverage(embedding, x, u.to(x.dtype), covered(x, anchors, kernel), kernel)
    return lazy_greedy(gains, min(n, len(embedding)))


def rbf(h: float) -> Kernel:
    """exp(-|a - b|^2 / h^2) for rows of unit norm."""
    return partial(_rbf, scale=2 / h**2)


def _rbf(cosines: Tensor, scale: float) -> Tensor:
    return cosines.mul_(scale).sub_(scale).clamp_max_(0).exp_()


def top_hat(delta: float) -> Kernel:
    """1 where |a - b| <= delta for rows of unit norm, 0 elsewhere."""
    return lambda cosines: (cosines >= 1 - delta**2 / 2).to(cosines.dtype)


def angular(cosines: Tensor) -> Tensor:
    """(1 + cos) / 2, in [0, 1]."""
    return cosines.add_(1).div_(2).clamp_min_(0)


def covered(x: Tensor, anchors: Tensor, kernel: Kernel) -> Tensor:
    """m (r,), the kernel of each x (r, D) with the anchor that covers it most; 0 without anchors. Rows of unit norm."""
    m = x.new_zeros(len(x))
    for some in anchors.split(CHUNK):
        for rows in range(0, len(x) if len(some) else 0, CHUNK):
            part = kernel(x[rows : rows + CHUNK] @ some.T).amax(dim=1)
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
