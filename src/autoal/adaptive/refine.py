"""REFINE: many strategies narrow the pool down round by round, and one covers what is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.adaptive.candidates import OfCandidates
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import shuffled, topped_up
from autoal.strategies.guard import tolerant_select
from autoal.strategies.resolve import usable
from autoal.strategies.settings import require_share, require_whole


@dataclass(frozen=True)
class Refine(OfCandidates):
    """Progressive filtering: in each round, every candidate selects batches from random parts of the pool.

    The union of all these batches is the pool of the next round, and `final` selects among what the last one leaves.
    Memory is linear in the pool; the time is that of `rounds` x `batches` queries of each candidate to a part.

    Args:
        candidates: strategies or their names; default: those of the paper that there are. One that needs what the model
            cannot give is left out, with a warning.
        rounds: of filtering, R.
        batches: that each candidate selects in a round, J.
        share: of the pool that a batch is selected from, alpha, above 0 and at most 1.
        part: rows that a batch is selected from, at most, unless the batch itself is larger.
        kept: rows that a round leaves, at most, unless the batch itself is larger; of more, a random sample.
        final: which selects the batch in the end, or its name.

    Source: Huseljic et al., CVPR 2026.
    """

    name = "refine"
    reference = "Huseljic et al. 2026"
    needs = frozenset({"log_probs", "embedding"})
    default = ("random", "margin", "typiclust", "alfa_mix", "drop_query", "max_herding", "u_herding")

    rounds: int = 5
    batches: int = 10
    share: float = 0.4
    part: int = 5_000
    kept: int = 10_000
    final: Strategy | str = "u_herding"

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The candidates, and the one that selects in the end."""
        return *super().given, self.final

    def __post_init__(self) -> None:
        require_whole(self, "rounds", "batches", "part", "kept")
        require_share(self, "share")
        super().__post_init__()

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order in which `final` selects them."""
        *candidates, final = self.parts
        final.require(snapshot)
        candidates = usable(candidates, snapshot)
        rows, pool = torch.arange(len(snapshot)), snapshot
        for _ in range(self.rounds):
            left = self.filtered(pool, candidates, n, rng)
            rows, pool = rows[left], pool.subset(left)
        return rows[topped_up(tolerant_select(final, pool, n, rng), n, pool, rng)]

    def filtered(self, pool: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator) -> Tensor:
        """Rows of the pool in some batch of one round, at least `n` in ascending order; all if no candidate answers."""
        size = max(min(math.ceil(self.share * len(pool)), self.part), n)
        batches = []
        for candidate in candidates:
            for _ in range(self.batches):
                some = shuffled(pool, rng)[:size].sort().values
                batches.append(some[tolerant_select(candidate, pool.subset(some), n, rng)])
        union: Tensor = torch.cat(batches).unique()
        if len(union) == 0:
            return torch.arange(len(pool))
        limit = max(self.kept, n)
        if len(union) > limit:
            union = union[shuffled(pool.subset(union), rng)[:limit]].sort().values
        return union
