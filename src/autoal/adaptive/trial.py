"""A trial of all candidates on shared batches, after which one of them asks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.adaptive.feedback import Adaptive, Memory, answered, waiting
from autoal.adaptive.round_robin import turns
from autoal.snapshot import Snapshot
from autoal.strategies.draws import topped_up
from autoal.strategies.guard import tolerant_select
from autoal.strategies.resolve import usable

Batches = dict[int, list[int]]  # ids that a candidate asked for, by the round in which it did


@dataclass(frozen=True)
class Trial(Adaptive):
    """Shares each batch among all candidates until each was tried, and then asks the one that seems best.

    In a shared batch the candidates take turns sample by sample, those that have asked for less so far first. They are
    thus tried by the same model, at the same number of labels: in turns of whole batches, those that come first would
    seem better, as labels are worth more while there are few.

    The trial is over once each candidate has answers from `rounds` batches. One that returned nothing when it was asked
    last is not waited for.
    """

    @property
    @abstractmethod
    def rounds(self) -> int:
        """In how many batches each candidate is tried."""

    @abstractmethod
    def ranked(
        self, batches: Sequence[Batches], memory: Memory, snapshot: Snapshot, n: int
    ) -> tuple[list[int], Memory]:
        """The candidates, best first, and the memory of having ranked them.

        Args:
            batches: of each candidate, the answers to what it asked for.
            memory: is not changed.
            snapshot: of the model as it is now.
            n: samples that are wanted now.
        """

    def begin(self, snapshot: Snapshot) -> Memory:
        """`asked` and `known` hold, for each id, who asked for it and in which round; `able` may be waited for."""
        return {"round": 0, "able": list(range(len(self.parts))), "asked": {}, "known": {}}

    def learn(self, memory: Memory, snapshot: Snapshot) -> Memory:
        """Note which ids were answered."""
        new = answered(memory, snapshot)
        known = memory["known"] | {id_: memory["asked"][id_] for id_ in new}
        return {**memory, "known": known, "asked": waiting(memory, snapshot)}

    def choose(self, snapshot: Snapshot, n: int, rng: np.random.Generator, memory: Memory) -> tuple[Tensor, Memory]:
        """Rows (n,): turns of all during the trial; then those of the best that answers."""
        batches, rng_of_rest = self.batches(memory), rng.spawn(1)[0]
        tried = all(len(batches[arm]) >= self.rounds for arm in memory["able"]) and memory["known"]
        if tried:
            order, memory = self.ranked(batches, memory, snapshot, n)
            owners = self.first_answer(order, snapshot, n, rng)
        else:
            owners, memory = self.shared(batches, memory, snapshot, n, rng)
        picks = torch.tensor(list(owners), dtype=torch.int64)
        ids = map(str, snapshot.ids[picks].tolist())
        asked = {id_: [arm, memory["round"]] for id_, arm in zip(ids, owners.values(), strict=True)}
        memory = {**memory, "round": memory["round"] + 1, "asked": memory["asked"] | asked}
        return topped_up(picks, n, snapshot, rng_of_rest), memory

    def batches(self, memory: Memory) -> list[Batches]:
        """Of each candidate, the answers to what it asked for."""
        found: list[Batches] = [{} for _ in self.parts]
        for id_, (arm, round_) in memory["known"].items():
            found[arm].setdefault(round_, []).append(int(id_))
        return found

    def shared(
        self, batches: Sequence[Batches], memory: Memory, snapshot: Snapshot, n: int, rng: np.random.Generator
    ) -> tuple[dict[int, int], Memory]:
        """Rows, at most `n`, each with the candidate whose turn it was, and the memory of who could be asked."""
        orders = self.rankings(snapshot, n, rng)
        pending = [arm for arm, _ in memory["asked"].values()]
        so_far = [sum(map(len, mine.values())) + pending.count(arm) for arm, mine in enumerate(batches)]
        first = sorted(range(len(orders)), key=lambda arm: (so_far[arm], arm))
        owners = {row: first[turn] for row, turn in turns([orders[arm] for arm in first], n).items()}
        return owners, {**memory, "able": [arm for arm, order in enumerate(orders) if len(order)]}

    def first_answer(
        self, order: Sequence[int], snapshot: Snapshot, n: int, rng: np.random.Generator
    ) -> dict[int, int]:
        """Rows (n,) of the first of these candidates that returns any, each with that candidate; none if none does."""
        able, generators = usable(self.parts, snapshot), rng.spawn(len(self.parts))
        for arm in order:
            if self.parts[arm] in able:
                rows = tolerant_select(self.parts[arm], snapshot, n, generators[arm])
                if len(rows):
                    return dict.fromkeys(rows.tolist(), arm)
        return {}
