"""Points whose distances are computed in blocks, from norms and inner products, and never stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from torch import Tensor

from autoal.strategies.origin import near_origin

CHUNK = 16384  # rows worked on at one time where a temporary copy of them is needed
CACHED = 2**16  # numbers worked on at one time where several temporary copies are


class Points(Protocol):
    """n points in an inner product space."""

    @property
    def sq_norms(self) -> Tensor:
        """|x_i|^2 (n,)."""
        ...

    def inner(self, rows: Tensor | slice, others: Tensor) -> Tensor:
        """<x_i, x_j> (len(rows), len(others))."""
        ...


@dataclass(frozen=True)
class Plain:
    """The rows of a matrix; of their inner products only distances are made, so the origin does not matter."""

    x: Tensor  # (n, D)

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", near_origin(self.x)[0])

    @cached_property
    def sq_norms(self) -> Tensor:
        """|x_i|^2 (n,)."""
        return by_chunks(lambda x: x.square().sum(dim=1), self.x)

    def inner(self, rows: Tensor | slice, others: Tensor) -> Tensor:
        """<x_i, x_j>."""
        return self.x[rows] @ self.x[others].T


@dataclass(frozen=True)
class Outer:
    """Outer products a_i h_i^T, never formed: <a_i h_i^T, a_j h_j^T> = <a_i, a_j><h_i, h_j>.

    Source: Ash et al., ICLR 2020, for the gradient embedding; Zhang et al., LabelBench 2023, for the factors.
    """

    a: Tensor  # (n, C)
    h: Tensor  # (n, D)

    @cached_property
    def sq_norms(self) -> Tensor:
        """|a_i|^2 |h_i|^2 (n,)."""
        return by_chunks(lambda a, h: a.square().sum(dim=1) * h.square().sum(dim=1), self.a, self.h)

    def inner(self, rows: Tensor | slice, others: Tensor) -> Tensor:
        """<a_i, a_j><h_i, h_j>."""
        return (self.a[rows] @ self.a[others].T).mul_(self.h[rows] @ self.h[others].T)


def sq_distances(points: Points, rows: Tensor | slice, others: Tensor) -> Tensor:
    """|x_i - x_j|^2 (len(rows), len(others)), never negative."""
    product = points.inner(rows, others)
    return product.mul_(-2).add_(points.sq_norms[rows, None]).add_(points.sq_norms[others]).clamp_min_(0)


def by_chunks(function: Callable[..., Tensor], *columns: Tensor) -> Tensor:
    """A row-wise function of one or more tensors with n rows each, evaluated on as many rows as stay in the cache.

    Results are written in place: kept as parts, they would lie between the temporary copies, and no copy could take
    the room of the one before.
    """
    n, step = len(columns[0]), max(CACHED // max(column.shape[1] for column in columns), 64)
    first = function(*(column[:step] for column in columns))
    out = first.new_empty(n, *first.shape[1:])
    out[:step] = first
    for start in range(step, n, step):
        out[start : start + step] = function(*(column[start : start + step] for column in columns))
    return out
