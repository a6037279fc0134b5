"""Radial kernels on rows of unit norm, and what they say of distances between such rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

CHUNK = 1024  # rows worked on at one time
LEAST_WIDTH = 1e-3  # points nearer than this are at one place
LEAST_NORM = 1e-12  # below this, and where it is infinite, a norm is not the root of a sum of squares


@dataclass(frozen=True)
class Kernel:
    """k(a, b) of rows of unit norm, as a function of scale * cosine + shift: what a matrix product gives at no cost."""

    scale: float
    shift: float
    shape: Callable[[Tensor], Tensor]  # overwrites its argument

    def __call__(self, a: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
        """k (len(a), len(b)) of all pairs of rows, written to `out` if that is given."""
        return self.shape(torch.addmm(a.new_full((1, 1), self.shift), a, b.T, alpha=self.scale, out=out))


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
    """How finely the labels cover: the geometric mean of the median and the smallest distance of an anchor to the next.

    The median alone lets labels that lie far apart hide what only close ones tell apart; the smallest alone hangs on
    two samples. Anchors at one place count as close, but not as the smallest distance. With fewer than two anchors it
    is the median for the rows `otherwise`, as many as are about to be labelled: which are closest is chance.
    """
    points = anchors if len(anchors) >= 2 else otherwise
    if len(points) < 2:
        return 1.0
    distances = nearest_other(points)
    median = max(float(distances.median()), LEAST_WIDTH)
    return median if points is otherwise else math.sqrt(median * smallest(distances, otherwise=LEAST_WIDTH))


def smallest(distances: Tensor, otherwise: float) -> float:
    """The smallest distance of two points that are not at one place; `otherwise` where all are."""
    distinct = distances[distances > LEAST_WIDTH]
    return float(distinct.min()) if len(distinct) else otherwise


def nearest_other(points: Tensor) -> Tensor:
    """Distance (n,) from each of the points of unit norm to the nearest other point."""
    return torch.cat([_nearest_other(points, start) for start in range(0, len(points), CHUNK)])


def _nearest_other(points: Tensor, start: int) -> Tensor:
    similarity = points[start : start + CHUNK] @ points.T
    own = torch.arange(len(similarity))
    similarity[own, own + start] = -torch.inf
    return (2 - 2 * similarity.amax(dim=1)).clamp_min(0).sqrt()


def unit_norm(x: Tensor, *, overwrite: bool = False) -> Tensor:
    """Rows scaled to norm one, whatever their size, float32 unless they are float64; a row of zeros stays."""
    x = x if x.dtype == torch.float64 else x.float()
    norm = torch.linalg.vector_norm(x, dim=1, keepdim=True)
    extreme = ~((norm > LEAST_NORM) & (norm < torch.inf)).squeeze(1)
    if bool(extreme.any()):
        x, overwrite = x if overwrite else x.clone(), True
        x[extreme] /= magnitude(x[extreme])
        norm[extreme] = torch.linalg.vector_norm(x[extreme], dim=1, keepdim=True)
    return torch.div(x, norm.clamp_min_(LEAST_NORM), out=x if overwrite else None)


def magnitude(x: Tensor) -> Tensor:
    """The power of two (n, 1) at or below the largest absolute value of each row (n, D), 1 for zeros.

    A row divided by it is of moderate size, and rounded nowhere.
    """
    largest = x.abs().amax(dim=1, keepdim=True) if x.shape[1] else x.new_zeros(len(x), 1)
    return torch.where(largest > 0, largest / (2 * torch.frexp(largest).mantissa), 1.0)
