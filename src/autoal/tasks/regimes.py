"""Budget regimes: how many labels there are at first, in each round, and for how many rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autoal.errors import InputError


@dataclass(frozen=True)
class Budget:
    """How many labels there are: at first, in each round, and how many rounds."""

    initial: int
    batch: int
    rounds: int

    @property
    def final(self) -> int:
        """Labels after the last round."""
        return self.initial + self.batch * self.rounds

    def __post_init__(self) -> None:
        if self.initial < 1 or self.batch < 1 or self.rounds < 1:
            raise InputError("initial, batch and rounds of at least 1", repr(self), "Budget(10, 10, 10)")


@dataclass(frozen=True)
class Regime:
    """A budget as a benchmark names it.

    Args:
        summary: one line for people.
        initial: labels at first; None takes one for each class.
        batch: labels a round; None takes one for each class.
        rounds: at most, as the pool allows.
        whole: take the whole training part as the pool, and the whole test part, rather than draw from them.
    """

    summary: str
    initial: int | None
    batch: int | None
    rounds: int = 10
    whole: bool = False

    def budget(self, n_classes: int, n_pool: int | None = None) -> Budget:
        """The budget for so many classes, with as many rounds as a pool of `n_pool` can pay.

        Raises:
            InputError: it cannot pay a single one.
        """
        budget = Budget(self.initial or n_classes, self.batch or n_classes, self.rounds)
        if n_pool is None or budget.final <= n_pool:
            return budget
        rounds = (n_pool - budget.initial) // budget.batch
        if rounds < 1:
            needed = budget.initial + budget.batch
            raise InputError(f"a pool of at least {needed} samples", f"{n_pool}", "the regime tiny, or more data")
        return Budget(budget.initial, budget.batch, rounds)


REGIMES: Mapping[str, Regime] = {
    "tiny": Regime("one label a class at first and in each round", None, None),
    "low": Regime("50 labels, then 50 a round", 50, 50),
    "mid": Regime("500 labels, then 250 a round", 500, 250),
    "paper": Regime("2,000 labels, then 1,000 a round, of the whole training part", 2000, 1000, 16, whole=True),
}
