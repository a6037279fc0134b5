"""A control: candidates take turns, and nothing is learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.adaptive.candidates import PAPER, OfCandidates
from autoal.snapshot import Snapshot
from autoal.strategies.draws import topped_up
from autoal.strategies.guard import tolerant_select
from autoal.strategies.resolve import usable


@dataclass(frozen=True)
class RoundRobin(OfCandidates):
    """Each candidate in turn adds the first sample of its own batch that is not taken yet.

    The turns follow the order of the candidates; who begins is drawn.

    Args:
        candidates: strategies or their names; default: the seven of the AutoAL paper. One that needs what the model
            cannot give is left out, with a warning.
    """

    name = "round_robin"
    reference = "control: turns without learning"
    needs = frozenset({"log_probs", "embedding"})
    default = PAPER

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order of the turns."""
        candidates = usable(self.parts, snapshot)
        first = int(rng.integers(len(candidates)))
        orders = [tolerant_select(candidate, snapshot, n, rng) for candidate in candidates]
        return topped_up(in_turn(orders[first:] + orders[:first], n), n, snapshot, rng)


def in_turn(orders: list[Tensor], n: int) -> Tensor:
    """At most `n` distinct rows, each the next of an order (k,) that is not taken, the orders taking turns.

    An order whose rows are all taken has no turn any more.
    """
    return torch.tensor(list(turns(orders, n)), dtype=torch.int64)


def turns(orders: list[Tensor], n: int) -> dict[int, int]:
    """The rows of `in_turn`, in its order, each with the number of the order whose turn it was."""
    picks: dict[int, int] = {}
    queues = [(number, iter(order.tolist())) for number, order in enumerate(orders)]
    while queues and len(picks) < n:
        number, queue = queues.pop(0)
        row = next((row for row in queue if row not in picks), None)
        if row is not None:
            picks[row] = number
            queues.append((number, queue))
    return picks
