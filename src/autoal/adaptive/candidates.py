"""Strategies that ask several candidates and keep what each would have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from autoal.strategies import paper_candidates
from autoal.strategies.base import Strategy
from autoal.strategies.resolve import Composed, several

PAPER = tuple(candidate.name for candidate in paper_candidates())


@dataclass(frozen=True)
class OfCandidates(Composed):
    """A strategy made of candidates, of which those that need what the model cannot give are left out of a query.

    Its own `needs` are therefore those of the class, whatever the candidates need.

    Args:
        candidates: strategies or their names; default: those of the subclass.
    """

    default: ClassVar[tuple[str, ...]] = ()

    candidates: Sequence[Strategy | str] | None = None

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The candidates, or their names."""
        return self.default if self.candidates is None else tuple(self.candidates)

    def __post_init__(self) -> None:
        Strategy.__post_init__(self)  # not that of `Composed`, which would need what the candidates need
        if self.candidates is not None:
            default = f"candidates=None for {', '.join(self.default)}"
            object.__setattr__(self, "candidates", several(self.candidates, "candidates", default))
        _ = self.parts  # so that an unknown name is refused now
