"""The contract of a query strategy: score the rows of a snapshot, or select some of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from autoal.errors import InputError
from autoal.snapshot import OFFERED, Snapshot
from autoal.stochastic import StochasticStatistics
from autoal.strategies.answers import as_scores
from autoal.strategies.draws import by_id
from autoal.strategies.limit import limited
from autoal.strategies.settings import require_whole


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """A rule that says which unlabelled samples of a snapshot to label first.

    A subclass defines `scores`, or `select`, or both, and reads nothing but the snapshot. It is a plain value: its
    constructor's arguments are all there is to it, and it keeps no state that a later query depends on.

    Args:
        max_candidates: `select` considers a random sample of so many rows, with a warning; default: all of them.
    """

    name: ClassVar[str] = ""  # how the registry and the command line call it
    reference: ClassVar[str] = ""  # the paper that proposed it
    needs: ClassVar[frozenset[str]] = frozenset({"log_probs"})  # of OFFERED
    log_scale: ClassVar[bool] = False  # whether `scores` returns logarithms of what the literature calls the score

    max_candidates: int | None = None

    def __post_init__(self) -> None:
        require_whole(self, "max_candidates")

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Every `select`, also one written elsewhere, honours `max_candidates` and is asked for 1 to n_rows rows."""
        super().__init_subclass__(**keywords)
        needs = vars(cls).get("needs", cls.needs)
        if isinstance(needs, str) or (isinstance(needs, Iterable) and not OFFERED.issuperset(needs)):
            hint = f"frozenset of {', '.join(sorted(OFFERED))}"
            raise InputError(f"needs of {cls.__name__} that a snapshot can serve", repr(needs), hint)
        if "select" in vars(cls):
            cls.select = limited(cls.select)  # type: ignore[method-assign]

    @property
    def uses(self) -> frozenset[str]:
        """What the strategy reads of a snapshot if it is there; nothing else is computed for it."""
        return self.needs

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """A number for each row (n,), higher = label first. Only the order of the numbers means anything."""
        got = f"{type(self).__name__}, which only selects" if type(self).select is not Strategy.select else "neither"
        raise InputError("a strategy that defines scores, or select", got, "def scores(self, snapshot, rng)")

    @limited
    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """`n` distinct rows of the snapshot (n,) int64, in the order chosen."""
        return top_rows(as_scores(self, self.scores(snapshot, rng), len(snapshot)), n, snapshot, rng)

    def require(self, snapshot: Snapshot) -> None:
        """Refuse a snapshot that lacks what this strategy needs."""
        missing = self.needs - snapshot.offers
        if missing:
            raise InputError(
                f"a snapshot with {', '.join(sorted(self.needs))} for {type(self).__name__}",
                f"one without {', '.join(sorted(missing))}",
                "a model with stochastic passes, or Snapshot.from_arrays(..., stochastic_log_probs=...)",
            )

    def stochastic(self, snapshot: Snapshot) -> StochasticStatistics:
        """The snapshot's statistics of stochastic passes, which this strategy needs."""
        self.require(snapshot)
        assert snapshot.stochastic is not None
        return snapshot.stochastic


def name_of(strategy: Strategy) -> str:
    """What reports and warnings call a strategy, also one that has no name."""
    return strategy.name or type(strategy).__name__


def distinct_names(strategies: Sequence[Strategy]) -> tuple[str, ...]:
    """What reports call each of several strategies: two of one name are numbered."""
    names, seen = [name_of(strategy) for strategy in strategies], Counter[str]()
    for place, name in enumerate(names):
        seen[name] += 1
        names[place] = name if seen[name] == 1 else f"{name} {seen[name]}"
    return tuple(names)


def has_scores(strategy: Strategy) -> bool:
    """Whether the strategy scores every row, rather than only selecting some."""
    return type(strategy).scores is not Strategy.scores


def top_rows(scores: Any, n: int, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """The rows of the `n` highest scores, highest first; ties are broken by sample, whatever the order of the rows."""
    order = by_id(snapshot)
    return order[top(torch.as_tensor(scores).detach().cpu().reshape(-1)[order], n, rng)]


def top(scores: Tensor, n: int, rng: np.random.Generator) -> Tensor:
    """The rows of the `n` highest scores, highest first; ties are broken at random.

    O(n_rows) but for the sort of the ties at the edge: the rows above the n-th score, then a random choice at it.
    """
    n = min(n, len(scores))
    if n == 0:
        return torch.empty(0, dtype=torch.int64)
    values = torch.nan_to_num(scores, nan=-torch.inf)
    edge = values.topk(n).values[-1]
    shuffled = torch.from_numpy(rng.permutation(int((values >= edge).sum())))
    rows = (values >= edge).nonzero().squeeze(1)[shuffled]
    return rows[values[rows].sort(descending=True, stable=True).indices[:n]]
