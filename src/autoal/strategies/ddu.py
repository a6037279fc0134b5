"""Deep deterministic uncertainty: how unlikely an embedding is under Gaussians around the labelled classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.points import by_chunks
from autoal.strategies.settings import require_share

LEAST = 1e-4  # shrinkage at least, so that the covariance can be inverted
ROUNDING = 1e-24  # share of the sum of squares that means may leave behind where all samples of a class are the same


@dataclass(frozen=True)
class Ddu(Strategy):
    """-log sum_c pi_c N(h; mu_c, Sigma), with a Gaussian for each class fitted to the labelled embedding.

    All classes share one covariance, shrunk towards its scaled identity, since labels are fewer than features; the
    paper has one for each class, on features of a network that was trained with spectral normalisation. Here they are
    those of the model as it is. O((m + n) D^2) time. Without labels all scores are 0.

    Args:
        shrinkage: alpha in (0, 1] of Sigma = (1 - alpha) S + alpha (tr S / D) I; default: by Ledoit and Wolf.

    Source: Mukhoti et al., CVPR 2023; Ledoit and Wolf, J. Multivariate Analysis 88, 2004, for alpha.
    """

    name = "ddu"
    reference = "Mukhoti et al. 2023"
    needs = frozenset({"embedding"})

    shrinkage: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_share(self, "shrinkage")

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Negative log density (n,), in double."""
        if len(snapshot.labels) == 0:
            return torch.zeros(len(snapshot), dtype=torch.float64)
        mixture = fitted(snapshot.labelled_embedding, snapshot.labels, self.shrinkage)
        return by_chunks(lambda h: -mixture.log_density(h), snapshot.embedding)


@dataclass(frozen=True)
class Mixture:
    """sum_c pi_c N(mu_c, Sigma), in double."""

    pi: Tensor  # (k,)
    mu: Tensor  # (k, D)
    covariance: Tensor  # (D, D), positive definite

    @cached_property
    def _root(self) -> Tensor:
        return torch.as_tensor(torch.linalg.cholesky(self.covariance))

    def log_density(self, h: Tensor) -> Tensor:
        """(n,) at h (n, D): with w = L^-1 h, where Sigma = L L^T, the Mahalanobis distances are Euclidean."""
        w, mu = self._white(h.double()), self._white(self.mu)
        sq = torch.addmm(mu.square().sum(dim=1), w, mu.T, alpha=-2).add_(w.square().sum(dim=1, keepdim=True))
        log_volume = self._root.diagonal().log().sum() + 0.5 * h.shape[1] * math.log(2 * math.pi)
        return torch.as_tensor((self.pi.log() - 0.5 * sq.clamp_min_(0)).logsumexp(dim=1) - log_volume)

    def _white(self, h: Tensor) -> Tensor:
        centred = h - self.mu.mean(dim=0)  # around the origin, where inner products round least
        return torch.as_tensor(torch.linalg.solve_triangular(self._root, centred.T, upper=False).T)


def fitted(h: Tensor, labels: Tensor, shrinkage: float | None) -> Mixture:
    """Shares, means and the common covariance of the classes that have labels; h (m, D), m >= 1."""
    h = h.double()
    _, owner, counts = labels.unique(return_inverse=True, return_counts=True)
    pi = counts.double() / len(h)
    mu = h.new_zeros(len(counts), h.shape[1]).index_add_(0, owner, h) / counts[:, None]
    residual = h - mu[owner]
    if bool(residual.square().sum() <= ROUNDING * h.square().sum()):  # as with one label a class: their own spread
        return Mixture(pi, mu, _scaled_identity(h - h.mean(dim=0)))
    S = residual.T @ residual / len(h)
    alpha = max(ledoit_wolf(residual, S), LEAST) if shrinkage is None else shrinkage
    return Mixture(pi, mu, (1 - alpha) * S + alpha * _scaled_identity(residual))


def ledoit_wolf(x: Tensor, S: Tensor) -> float:
    """The alpha in [0, 1] that is least wrong in expectation, from centred rows x (m, D) and S = x^T x / m.

    It is b^2 / d^2 with d^2 = |S - (tr S / D) I|^2 and b^2 = sum_i |x_i x_i^T - S|^2 / m^2, in Frobenius norms.
    """
    sq = S.square().sum()
    d2 = sq - S.trace() ** 2 / len(S)
    b2 = (x.square().sum(dim=1).square().mean() - sq) / len(x)
    return float((b2 / d2).clamp(0, 1)) if d2 > 1e-12 * sq else 1.0


def _scaled_identity(residual: Tensor) -> Tensor:
    variance = float(residual.square().mean())
    return (variance if variance > 0 else 1.0) * torch.eye(residual.shape[1], dtype=torch.float64)
