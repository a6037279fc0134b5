"""BAIT with the Fisher information of the most probable class against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.limit import sampled
from autoal.strategies.points import by_chunks
from autoal.strategies.settings import require_positive

EXACT_ROWS = 200_000


@dataclass(frozen=True)
class Bait(Strategy):
    """Label what makes the Fisher information of the labelled set resemble that of the pool: min tr(F_S^-1 F_U).

    The Fisher information of a sample is p (1 - p) h h^T with p its highest probability (the binary approximation), so
    that matrices are D x D. Greedy: `oversample` times the batch is picked forwards, and the excess dropped again.
    Each step is one product of the pool's embedding with two vectors, O(n_rows D), and O(n_rows + D^2) memory.

    Args:
        ridge: lambda of F_S = lambda I + sum over the labelled and picked.
        oversample: rows picked before some are dropped, as a multiple of the batch.

    Source: Ash et al., NeurIPS 2021; Huseljic et al., 2024, for the approximation.
    """

    name = "bait"
    reference = "Ash et al. 2021; Huseljic et al. 2024"
    needs = frozenset({"log_probs", "embedding"})

    ridge: float = 1.0
    oversample: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "ridge", "oversample")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,): what forward steps picked and backward steps left, in the order picked."""
        rows = _considered(snapshot, rng)
        x, c = snapshot.embedding, confusion(snapshot.log_probs)
        labelled = snapshot.labelled_embedding
        F_L = fisher(labelled, confusion(snapshot.labelled_log_probs))
        F = (fisher(x, c) + F_L) / (len(x) + len(labelled))
        M = torch.linalg.inv(F_L + self.ridge * torch.eye(x.shape[1], dtype=torch.float64))
        if len(rows) < len(x):
            x, c = x[rows], c[rows]
        design = Design(x, c.sqrt(), M, M @ F @ M)
        picks: list[int] = []
        for _ in range(min(max(n, round(self.oversample * n)), len(x))):
            picks.append(design.best())
            design.add(picks[-1])
        few, kept = design.of(torch.tensor(picks)), list(range(len(picks)))
        while len(kept) > n:
            few.drop(kept.pop(few.worst(kept)))
        return rows[torch.tensor(picks)[kept]]


class Design:
    """M = F_S^-1 and A = M F M as rows v_i = s_i h_i join or leave S, and the two forms of each row.

    Adding v lowers tr(M F) by v^T A v / (1 + v^T M v), dropping it raises it by v^T A v / (1 - v^T M v)
    (Sherman and Morrison), and either changes M and A by vectors M v and A v only.
    """

    def __init__(self, h: Tensor, s: Tensor, M: Tensor, A: Tensor) -> None:
        self.h, self.s, self.M, self.A = h, s.double(), M, A
        self.vMv, self.vAv = (
            by_chunks(lambda part, Q=Q: ((part @ Q.to(part.dtype)) * part).sum(dim=1), h).double() * self.s**2
            for Q in (M, A)
        )
        self.free = torch.ones(len(h), dtype=torch.bool)

    def of(self, rows: Tensor) -> Design:
        """The same S, seen by some rows only."""
        return Design(self.h[rows], self.s[rows], self.M, self.A)

    def best(self) -> int:
        """The row whose addition lowers the trace most."""
        return int((self.vAv / (1 + self.vMv)).where(self.free, -torch.inf).argmax())

    def worst(self, picks: list[int]) -> int:
        """The position in `picks` of the row that raises the trace least when dropped."""
        rows = torch.tensor(picks)
        return int((self.vAv[rows] / (1 - self.vMv[rows]).clamp_min(1e-12)).argmin())

    def add(self, row: int) -> None:
        """S gains a row."""
        self.free[row] = False
        self._update(row, 1.0)

    def drop(self, row: int) -> None:
        """S loses a row."""
        self.free[row] = True
        self._update(row, -1.0)

    def _update(self, row: int, sign: float) -> None:
        """M' = M - sign w w^T / d and A' = M' F M' with w = M v, q = A v and d = 1 + sign v^T w."""
        v = self.h[row].double() * self.s[row]
        w, q = self.M @ v, self.A @ v
        d, a = max(1 + sign * float(v @ w), 1e-12), float(v @ q)
        wq = torch.stack([w, q])
        both = wq.to(self.h.dtype) @ self.h.T  # h is read once; for so few columns quicker than its transpose
        vw, vq = both.double().mul_(self.s)
        self.vMv -= sign * vw**2 / d
        self.vAv += -2 * sign * vw * vq / d + a * vw**2 / d**2
        self.M.addr_(w, w, alpha=-sign / d)
        middle = w.new_tensor([[a / d**2, -sign / d], [-sign / d, 0]])
        self.A.addmm_(wq.T @ middle, wq)  # both matrices are read and written once


def confusion(log_probs: Tensor) -> Tensor:
    """p (1 - p) (n,) of the most probable class."""
    p = log_probs.exp().amax(dim=1)
    return (p * (1 - p)).clamp_min(0)


def fisher(h: Tensor, c: Tensor) -> Tensor:
    """sum_i c_i h_i h_i^T (D, D), in double."""
    total = torch.zeros(h.shape[1], h.shape[1], dtype=torch.float64)
    for part, weight in zip(h.split(4096), c.split(4096), strict=True):
        total += (part.T @ (part * weight[:, None])).double()
    return total


def _considered(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """All rows, or a sample of a larger pool."""
    if len(snapshot) <= EXACT_ROWS:
        return torch.arange(len(snapshot))
    return sampled(snapshot, EXACT_ROWS, rng, "Bait picks from").sort().values
