"""Weighted herding: pick the batch whose neighbourhoods cover the most utility, greedily and lazily."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

REFERENCES = 2000  # pool rows whose coverage is counted; a random sample of larger pools
CHUNK = 4096  # rows whose kernel with the references exists at one time
BLOCK = 64  # candidates whose gain is brought up to date at one time


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
    k(x, c) = exp(-|x - c|^2 / h^2) on features of unit norm.

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
    features = unit_norm(embedding)
    anchors = unit_norm(labelled_embedding) if labelled_embedding is not None else features[:0]
    rows = torch.from_numpy(np.sort(rng.permutation(len(features))[:references]))
    x, u = features[rows], utility[rows].to(features.dtype)
    h = bandwidth(anchors, features[rows][torch.from_numpy(rng.permutation(len(rows)))][:n])
    m = coverage(x, anchors, h)
    return _lazy_greedy(features, x, u, m, h, min(n, len(features)))


def _lazy_greedy(features: Tensor, x: Tensor, u: Tensor, m: Tensor, h: float, n: int) -> Tensor:
    """Gains only shrink as coverage grows, so an old gain is an upper bound: only the best are brought up to date."""
    bounds = torch.cat([gain(chunk, x, u, m, h) for chunk in features.split(CHUNK)])
    picks: list[int] = []
    while len(picks) < n:
        block = bounds.topk(min(BLOCK, len(bounds))).indices
        bounds[block] = torch.where(bounds[block].isneginf(), bounds[block], gain(features[block], x, u, m, h))
        best = int(bounds.argmax())
        if bool((block == best).any()):
            picks.append(best)
            bounds[best] = -torch.inf
            m = torch.maximum(m, kernel(x, features[best : best + 1], h).squeeze(1))
    return torch.tensor(picks, dtype=torch.int64)


def gain(candidates: Tensor, x: Tensor, u: Tensor, m: Tensor, h: float) -> Tensor:
    """Weighted coverage (c,) that each of the candidates (c, D) would add to m (r,) over the references x (r, D)."""
    return (kernel(candidates, x, h) - m).clamp_min_(0) @ u


def kernel(a: Tensor, b: Tensor, h: float) -> Tensor:
    """exp(-|a_i - b_j|^2 / h^2) (len(a), len(b)) for rows of unit norm."""
    return (a @ b.T).mul_(2 / h**2).sub_(2 / h**2).clamp_max_(0).exp_()


def coverage(x: Tensor, anchors: Tensor, h: float) -> Tensor:
    """m (r,), the kernel of each x with its nearest anchor; 0 without anchors."""
    m = x.new_zeros(len(x))
    for chunk in anchors.split(CHUNK):
        if len(chunk):
            m = torch.maximum(m, kernel(x, chunk, h).amax(dim=1))
    return m


def bandwidth(anchors: Tensor, otherwise: Tensor) -> float:
    """h, the median distance from an anchor to its nearest other anchor: the spacing that the labels have reached.

    With fewer than two anchors the rows `otherwise` stand in, as many as are about to be labelled.
    """
    points = anchors if len(anchors) >= 2 else otherwise
    if len(points) < 2:
        return 1.0
    nearest = [_nearest_other(points, start) for start in range(0, len(points), CHUNK)]
    return max(float(torch.cat(nearest).median()), 1e-3)


def _nearest_other(points: Tensor, start: int) -> Tensor:
    """Distance from each of the points in one chunk to the nearest other point."""
    similarity = points[start : start + CHUNK] @ points.T
    own = torch.arange(len(similarity))
    similarity[own, own + start] = -torch.inf
    return (2 - 2 * similarity.amax(dim=1)).clamp_min(0).sqrt()


def unit_norm(x: Tensor) -> Tensor:
    """Rows scaled to norm one, float32 unless they are float64; a row of zeros stays."""
    return torch.nn.functional.normalize(x if x.dtype == torch.float64 else x.float(), dim=1)
