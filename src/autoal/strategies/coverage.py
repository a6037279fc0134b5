"""Greedy weighted coverage: the batch whose neighbourhoods, by some kernel, cover the most utility."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.base import top
from autoal.strategies.draws import shuffled, topped_up
from autoal.strategies.kernels import CHUNK, Kernel, covered, rbf, spacing, unit_norm
from autoal.strategies.lazy import lazy_greedy
from autoal.strategies.limit import sampled
from autoal.strategies.reach import Reach

# Rows whose coverage `herding` counts, at least, and for each pick: with fewer, the batch covers the references and not
# the pool.
REFERENCES, PER_PICK = 10_000, 20
EXACT_ROWS, SAMPLE = 200_000, 100_000  # a pool of more rows than the first is replaced by a sample of the second
CELLS = 2**19  # entries of a kernel that exist at one time: they stay in the cache
AT_ONCE = 2**22  # entries of long rows that are looked for at one time
NOTHING = 1e-6  # of the first gain: what rounding leaves of a gain of zero
PROBES, FILL = 128, 0.8  # rows whose reach is looked at beforehand, and how full by that of all it may get

Candidates = Callable[[Tensor], Tensor]  # positions (k,) to rows of unit norm (k, D)


class Coverage:
    """sum_x U(x) max(k(x, c) - m(x), 0) for each row c, as gains of `lazy_greedy`; m is what the picks cover already.

    A row is computed in full once. From then on, only the references that it could still cover better count, and
    `Reach` keeps them. Where these are few, that one pass also gives the first bounds; where there are too many, as
    with few labels, the first bounds come first, at half the products if rows and references are the same.

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
        self.reach = Reach(n, x)
        self.step = CHUNK
        rows = torch.arange(n)
        if self._fits(n):
            self.bounds = torch.cat([self._kept(some) for some in rows.split(CHUNK)])
            return
        self.bounds = self._mutual() if mutual else torch.cat([self._gain(some) for some in rows.split(CHUNK)])
        self.step = max(AT_ONCE // len(x), 1)

    def refresh(self, rows: Tensor) -> None:
        """Make the bounds of these rows exact."""
        rows = rows[~self.bounds[rows].isneginf()]
        known = self.reach.known(rows)
        self.bounds[rows[known]] = self.reach.gain(rows[known], self.m, self.u)
        for some in rows[~known].split(self.step) if not bool(known.all()) else ():
            self.bounds[some] = self._kept(some)

    def add(self, row: int) -> None:
        """Pick a row: its neighbours are covered from now on."""
        one = torch.tensor([row])
        if bool(self.reach.known(one)):
            x, k = self.reach.row(row)
            self.m[x] = torch.maximum(self.m[x], k)
        else:
            self.m = torch.maximum(self.m, self.kernel(self.candidates(one), self.x)[0])

    def _gain(self, rows: Tensor, hear: Callable[[Tensor, Tensor, Tensor], None] | None = None) -> Tensor:
        """The gains (k,) of rows; `hear` is told of each block of kernels, and by how much it exceeds m.

        The blocks share their memory: what `hear` keeps would otherwise lie between them, and none could take the room
        of the one before.
        """
        c = self.candidates(rows)
        total, step = c.new_zeros(len(c)), max(CELLS // len(c), 1)
        block, excess = c.new_empty(2, len(c) * step)
        for part, x in self._references(rows, step):
            shape = len(c), len(x)
            kernels, more = (memory[: shape[0] * shape[1]].view(shape) for memory in (block, excess))
            self.kernel(c, x, out=kernels)
            torch.sub(kernels, self.m[part], out=more).relu_()
            total += more @ self.u[part]
            if hear is not None:
                hear(part, kernels, more)
        return total

    def _references(self, rows: Tensor, step: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Those that the rows may cover, at most `step` at a time: their numbers, and themselves (s, D)."""
        for part in torch.arange(len(self.x)).split(step):
            yield part, self.x[part[0] : part[-1] + 1]

    def _kept(self, rows: Tensor) -> Tensor:
        """The gains (k,) of rows, whose reach is kept."""
        entries: list[tuple[Tensor, Tensor, Tensor]] = []  # of each block: row, reference, kernel

        def hear(part: Tensor, kernels: Tensor, more: Tensor) -> None:
            row, column = more.nonzero().unbind(dim=1)
            entries.append((row, part[column], kernels[row, column]))

        total = self._gain(rows, hear)
        row, x, k = (torch.cat(column) for column in zip(*entries, strict=True))
        order = row.argsort(stable=True)
        self.reach.keep(rows, row.bincount(minlength=len(rows)), x[order], k[order])
        return total

    def _fits(self, n: int) -> bool:
        """Whether the reach of all rows can be kept, by the look of some."""
        some = torch.arange(0, n, max(n // PROBES, 1))
        c = self.candidates(some)
        share = [float((self.kernel(c, self.x[part]) > self.m[part]).sum()) for part in _slices(len(self.x), 4096)]
        return sum(share) / len(some) * n <= FILL * self.reach.room

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
    x = unit_norm(snapshot.embedding[rows], overwrite=True)  # of a copy, which need not be there twice
    u = x.new_ones(len(x)) if utility is None else utility[rows].to(x.dtype)
    m = covered(x, unit_norm(snapshot.anchors), kernel)
    gains = _gains(snapshot.embedding, order, x, u, m, kernel)
    return topped_up(order[lazy_greedy(gains, n, least=0.0)], n, snapshot, rng)


def _gains(embedding: Tensor, order: Tensor, x: Tensor, u: Tensor, m: Tensor, kernel: Kernel) -> Coverage:
    """Of the rows in `order`; the references x are some of them, or all in the same order."""
    mutual = len(x) == len(order)
    candidates = (lambda some: x[some]) if mutual else normed(embedding, order)
    return Coverage(candidates, len(order), x, u, m, kernel, mutual=mutual)


def normed(embedding: Tensor, order: Tensor) -> Candidates:
    """Rows of the embedding by their position in `order`; no copy of them all."""
    return lambda some: unit_norm(embedding[order[some]])


def herding(
    embedding: Tensor,
    utility: Tensor,
    n: int,
    rng: np.random.Generator,
    labelled_embedding: Tensor | None = None,
    references: int = REFERENCES,
    order: Tensor | None = None,
) -> Tensor:
    """`n` distinct rows (n,), each the one that adds most weighted coverage to those before it.

    gain(c) = sum_x U(x) max(k(x, c) - m(x), 0), with m(x) the coverage of x by what is labelled or picked so far, and
    k(x, c) = exp(-|x - c|^2 / h^2) on features of unit norm; h is how finely the labels cover (`spacing`). Once nothing
    is left to gain, as among copies of few samples, the rest is drawn in proportion to utility.

    Memory is O(n_rows + references x D); the time is one pass of n_rows x references kernels, and a few blocks a pick.

    Args:
        embedding: (n_rows, D).
        utility: U (n_rows,), non-negative.
        n: the size of the batch.
        rng: draws the reference rows, and the rest.
        labelled_embedding: (m, D), covered from the start.
        references: how many reference rows x are drawn at random; 20 a pick if that is more.
        order: (n_rows,) the rows in an order that does not depend on how they are stored; default: as they are.

    Source: Bae, Noh and Sutherland, ECCV 2024 (MaxHerding, U = 1); weighted as in Bae et al., ICLR 2025.
    """
    anchors = unit_norm(labelled_embedding if labelled_embedding is not None else embedding[:0])
    order = torch.arange(len(embedding)) if order is None else order
    drawn = rng.permutation(len(embedding))[: max(references, PER_PICK * n)]
    rows = order[torch.from_numpy(np.sort(drawn))]
    x, u = unit_norm(embedding[rows]), utility[rows]
    kernel = rbf(spacing(anchors, x[torch.from_numpy(rng.permutation(len(rows)))][:n]))
    m = covered(x, anchors, kernel)
    gains = _gains(embedding, order, x, u.to(x.dtype), m, kernel)
    n = min(n, len(order))
    picks = lazy_greedy(gains, n, least=NOTHING * float(gains.bounds.max()))
    if len(picks) < n:
        picks = torch.cat([picks, _in_proportion(utility[order], picks, n - len(picks), rng)])
    return order[picks]


def _in_proportion(utility: Tensor, picked: Tensor, n: int, rng: np.random.Generator) -> Tensor:
    """`n` positions (n,) that are not `picked`, drawn without replacement in proportion to the utility."""
    keys = utility.double() / torch.from_numpy(rng.standard_exponential(len(utility))).clamp_min(1e-300)
    keys[picked] = -1.0
    return top(keys, n, rng)
