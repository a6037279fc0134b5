"""What a benchmark has found: its complete runs, the cells that failed, and how it was run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Line = dict[str, Any]  # one round of one cell


@dataclass(frozen=True)
class Run:
    """One strategy on one task with one seed, from the first labels to the last."""

    task: str
    strategy: str  # the name that tables show
    seed: int
    rounds: tuple[Line, ...]  # the first is the initial set


@dataclass(frozen=True)
class Failure:
    """A cell that ended with an error."""

    task: str
    strategy: str
    seed: int
    error: str


@dataclass(frozen=True)
class Results:
    """Everything that a report is made of."""

    runs: tuple[Run, ...]
    failures: tuple[Failure, ...] = ()
    about: dict[str, str] = field(default_factory=dict)  # versions, machine, command
