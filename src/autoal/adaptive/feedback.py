"""Strategies that learn from the answers to what they asked; what they learn is plain data, which the loop keeps."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from autoal.adaptive.candidates import PAPER, OfCandidates
from autoal.snapshot import Snapshot
from autoal.strategies.base import name_of
from autoal.strategies.guard import repaired, tolerant_select
from autoal.strategies.limit import limited
from autoal.strategies.resolve import usable

Memory = dict[str, Any]  # what JSON can hold: dicts with text as keys, lists, text, numbers


@dataclass(frozen=True)
class Adaptive(OfCandidates):
    """Chooses among candidates by what their earlier picks turned out to be.

    The strategy itself stays a value. `ActiveLearner` hands it its memory, writes the new one down together with the
    ids asked, and so a run that was saved goes on as it would have. Asked without a loop, it begins anew each time.

    Args:
        candidates: strategies or their names; default: the seven of the AutoAL paper. One that needs what the model
            cannot give, or that fails, is passed over with a warning.
    """

    default = PAPER

    @abstractmethod
    def begin(self, snapshot: Snapshot) -> Memory:
        """The memory before anything was asked."""

    @abstractmethod
    def learn(self, memory: Memory, snapshot: Snapshot) -> Memory:
        """The feedback: what the answers since the last query teach, by the model that was trained on them.

        Args:
            memory: is not changed.
            snapshot: of the model as it is now; `labelled_ids` says which samples its labels belong to.
        """

    @abstractmethod
    def choose(self, snapshot: Snapshot, n: int, rng: np.random.Generator, memory: Memory) -> tuple[Tensor, Memory]:
        """Rows (n,) in the order chosen, and the memory of having asked for them."""

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) chosen without any memory."""
        return self.choose(snapshot, n, rng, self.begin(snapshot))[0]

    def remember(
        self, memory: Memory | None, snapshot: Snapshot, n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Memory]:
        """One query of the loop: learn from the answers, choose, and say what is to be remembered.

        A memory of another strategy, or of other candidates, is not used.
        """
        who = {"strategy": self.name, "candidates": [name_of(part) for part in self.parts]}
        ours = memory is not None and all(memory.get(key) == value for key, value in who.items())
        state = self.learn(memory["memory"], snapshot) if memory and ours else self.begin(snapshot)

        def ask(strategy: Self, part: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
            nonlocal state
            rows, state = strategy.choose(part, n, rng, state)
            return rows

        rows = repaired(self, limited(ask)(self, snapshot, n, rng), snapshot, n, rng)
        return rows, {**who, "memory": state}

    def rankings(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> list[Tensor]:
        """The first `n` rows of each candidate in its own order; none of one that cannot be asked, with a warning."""
        asked, generators = usable(self.parts, snapshot), rng.spawn(len(self.parts))
        return [
            tolerant_select(part, snapshot, n, generator) if part in asked else torch.empty(0, dtype=torch.int64)
            for part, generator in zip(self.parts, generators, strict=True)
        ]


def answered(memory: Memory, snapshot: Snapshot) -> dict[str, int]:
    """Of what `memory["asked"]` is waiting for: the row among the labelled samples, by id as text."""
    place = {str(id_): row for row, id_ in enumerate(snapshot.labelled_ids.tolist())}
    return {id_: place[id_] for id_ in memory["asked"] if id_ in place}


def strangers(memory: Memory, snapshot: Snapshot) -> list[str]:
    """Of what `memory["asked"]` is waiting for: the ids as text of what turned out to be of none of the classes."""
    outside = {str(id_) for id_ in snapshot.outside_ids.tolist()}
    return [id_ for id_ in memory["asked"] if id_ in outside]


def waiting(memory: Memory, snapshot: Snapshot) -> Memory:
    """The part of `memory["asked"]` that has no answer yet."""
    done = {*answered(memory, snapshot), *strangers(memory, snapshot)}
    return {id_: pick for id_, pick in memory["asked"].items() if id_ not in done}
