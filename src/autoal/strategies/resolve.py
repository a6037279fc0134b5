"""Strategies made of strategies: names become instances, and the whole needs what its parts need."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeGuard

import numpy as np
from torch import Tensor

from autoal.errors import AutoALWarning, InputError
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy, name_of, top_rows


def resolve(strategy: Strategy | str) -> Strategy:
    """The strategy itself, or the one of that name in the registry, with its default settings."""
    from autoal.strategies import get  # only now, as the registry imports the strategies that are made of others

    found = get(strategy)() if isinstance(strategy, str) else strategy
    if not isinstance(found, Strategy):
        raise InputError("a strategy or its name", repr(found), "'margin', or Margin()")
    return found


def is_several(given: Any) -> TypeGuard[Iterable[Any]]:
    """Tell whether it can be iterated; a text and an array of a single value do not count."""
    return isinstance(given, Iterable) and not isinstance(given, str) and getattr(given, "shape", None) != ()


def several(given: Any, name: str, none: str) -> tuple[Strategy | str, ...]:
    """Strategies or their names, or a single one, as a tuple, which is equal once it was saved and read.

    Args:
        given: an argument of a strategy.
        name: what it is called.
        none: what to write to get the default.

    Raises:
        InputError: it holds none, or is no list of them.
    """
    listed = (given,) if isinstance(given, Strategy | str) else given
    if not is_several(listed):
        raise InputError(f"{name}, a list of strategies or their names", repr(given), f"{name}=['margin', 'core_set']")
    found = tuple(listed)
    if not found:
        raise InputError(f"at least one strategy in {name}", "none", none)
    return found


def usable(candidates: Sequence[Strategy], snapshot: Snapshot) -> list[Strategy]:
    """The candidates whose needs the snapshot meets, with a warning that names the others.

    Raises:
        InputError: it meets the needs of none.
    """
    served = [candidate for candidate in candidates if candidate.needs <= snapshot.offers]
    if not served:
        candidates[0].require(snapshot)
    if len(served) < len(candidates):
        left_out = ", ".join(name_of(candidate) for candidate in candidates if candidate not in served)
        warnings.warn(f"left out, as the model has no stochastic passes: {left_out}", AutoALWarning, stacklevel=4)
    return served


@dataclass(frozen=True)
class Composed(Strategy):
    """A strategy made of others. The fields keep them as given; `parts` are the instances.

    The class's `needs` are those of its default arguments, for tables of all strategies; each instance has its own,
    which hide them.
    """

    own_needs: ClassVar[frozenset[str]] = frozenset()  # what the composition reads itself

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The strategies it is made of, or their names."""
        raise NotImplementedError

    @cached_property
    def parts(self) -> tuple[Strategy, ...]:
        """The strategies it is made of."""
        return tuple(resolve(strategy) for strategy in self.given)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "needs", self.own_needs.union(*(part.needs for part in self.parts)))

    @property
    def uses(self) -> frozenset[str]:
        """All that it or any part reads."""
        return self.own_needs.union(*(part.uses for part in self.parts))


@dataclass(frozen=True)
class Scored(Composed):
    """A composition with scores. A part that only selects is asked for the batch, or for one row in a hundred."""

    def batch_scores(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Finite scores (n_rows,), higher = label first, where `n` rows are wanted."""
        raise NotImplementedError

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """The scores (n_rows,) for a batch of one in a hundred."""
        return self.batch_scores(snapshot, max(len(snapshot) // 100, 1), rng)

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """The rows (n,) of the highest scores, highest first; ties are broken at random."""
        return top_rows(self.batch_scores(snapshot, n, rng), n, snapshot, rng)
