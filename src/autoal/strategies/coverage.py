"""Greedy weighted coverage: the batch whose neighbourhoods, by some kernel, cover the most utility."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.draws import shuffled, topped_up
from autoal.strategies.kernel_rows import KernelRows
from autoal.strategies.kernels import CHUNK, Kernel, covered, rbf, spacing, unit_norm
from autoal.strategies.lazy import lazy_greedy
from autoal.strategies.limit import sampled

# Rows whose coverage `herding` counts, at least, and for each pick: with fewer, a large batch covers the references
# and not the pool.
REFERENCES, PER_PICK = 2000, 20
EXACT_ROWS, SAMPLE = 200_000, 100_000  # a pool of more rows than the first is replaced by a sample of the second
CELLS = 2**19  # entries of a kernel that exist at one time: they stay in the cache

Candidates = Callable[[Tensor], Tensor]  # positions (k,) to rows of unit norm (k, D)


class Coverage:
    """sum_x U(x) max(k(x, c) - m(x), 0) for each row c, as gains of `lazy_greedy`; m is what the picks cover already.

    The first bounds cost one kernel for each pair, or half of that where rows and references are the same; from then
    on only the kernels of rows that become the best are computed, and `KernelRows` keeps them.

    Args:
        candidates: gives the rows (k, D) at positions (k,), of unit norm.
        n: the number of rows.
        x: (r, D) of the references x, of unit norm; the rows themselves if `mutual`.
        u: (r,) their utility U, non-negative.
        m: (r,) how far each is covered from the start.
        kernel: k(c, x).
        mutual: whether the references are all the rows, in the same order.
    """

    def __init__(
        self, candidates: Candidates, n: int, x: Tensor, u: Tensor, m: Tensor, kernel: Kernel, *, mutual: bool = False
    ) -> None:
        self.candidates, self.x, self.u, self.m, self.kernel = candidates, x, u, m, kernel
        self.rows = KernelRows(lambda some: kernel(candidates(some), x), n, x)
        self.bounds = (
            self._mutual() if mutual else torch.cat([self._gain(some) for some in torch.arange(n).split(CHUNK)])
        )

    def refresh(self, rows: Tensor) -> None:
        """Make the bounds of these rows exact."""
        for some in rows.split(CHUNK):
            gain = self._known_gain(self.rows.slots(some)) if len(some) <= self.rows.room else self._gain(some)
            old = self.bounds[some]
            self.bounds[some] = torch.where(old.isneginf(), old, gain)

    def add(self, row: int) -> None:
        """Pick a row: its neighbours are covered from now on."""
        self.m = torch.maximum(self.m, self.rows.kept[self.rows.slots(torch.tensor([row]))[0]])

    def _gain(self, rows: Tensor) -> Tensor:
        c = self.candidates(rows)
        total = c.new_zeros(len(c))
        for part in _parts(len(self.x), len(c)):
            total += self.kernel(c, self.x[part]).sub_(self.m[part]).relu_() @ self.u[part]
        return total

    def _known_gain(self, slots: Tensor) -> Tensor:
        """The same of rows whose kernels are kept."""
        total = self.x.new_zeros(len(slots))
        for part in _parts(len(self.x), len(slots)):
            total += self.rows.kept[:, part].index_select(0, slots).sub_(self.m[part]).relu_() @ self.u[part]
        return total

    def _mutual(self) -> Tensor:
        """The gains of all rows: a block k(x_i, x_j) serves both the rows i and, transposed, the rows j."""
        x, u, m = self.x, self.u, self.m
        total = x.new_zeros(len(x))
        for rows in _slices(len(x), CHUNK):
            for others in _slices(len(x), CELLS // CHUNK, rows.start):
                k = self.kernel(x[rows], x[others])
                total[rows] += (k - m[others]).relu_() @ u[others]
                if others.start >= rows.stop:
                    total[others] += u[rows] @ k.sub_(m[rows, None]).relu_()
        return total


def _slices(n: int, step: int, start: int = 0) -> list[slice]:
    return [slice(at, min(at + step, n)) for at in range(start, n, step)]


def _parts(n_references: int, n_rows: int) -> list[slice]:
    return _slices(n_references, max(CELLS // max(n_rows, 1), 1))


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
    rows = order[:references]
    x = unit_norm(snapshot.embedding[rows])
    u = x.new_ones(len(x)) if utility is None else utility[rows].to(x.dtype)
    m = covered(x, unit_norm(snapshot.labelled_embedding), kernel)
    mutual = len(rows) == len(order)
    candidates = (lambda some: x[some]) if mutual else _normed(snapshot.embedding, order)
    gains = Coverage(candidates, len(order), x, u, m, kernel, mutual=mutual)
    return topped_up(order[lazy_greedy(gains, n, least=0.0)], n, snapshot, rng)


def _normed(embedding: Tensor, order: Tensor) -> Candidates:
    """Rows of the embedding by their position in `order`; no copy of them all."""
    return lambda some: unit_norm(embedding[order[some]])


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
    m = covered(x, anchors, kernel)
    gains = Coverage(_normed(embedding, order), len(embedding), x, u.to(x.dtype), m, kernel)
    return order[lazy_greedy(gains, min(n, len(embedding)))]
