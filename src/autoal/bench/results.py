"""What a benchmark has found: its complete runs, the cells that failed, and how it was run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from autoal.tasks.names import harmless, readable

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

    @classmethod
    def joined(cls, several: Sequence[Self]) -> Self:
        """All of them as one; of a run that is in several, the last counts.

        A cell that has failed is a failure only if it is complete in none.
        """
        runs = {(run.task, run.strategy, run.seed): run for results in several for run in results.runs}
        failures = {(f.task, f.strategy, f.seed): f for results in several for f in results.failures}
        about: dict[str, dict[str, None]] = {}  # the distinct values, in order
        for key, value in (item for results in several for item in results.about.items()):
            about.setdefault(key, {}).update(dict.fromkeys(value.split("; ")))
        return cls(
            tuple(runs.values()),
            tuple(failure for key, failure in failures.items() if key not in runs),
            {key: "; ".join(values) for key, values in about.items()},
        )

    def readable(self) -> Self:
        """The same, with names as people are shown them; HTML, Markdown and pictures take them for nothing else."""
        return replace(
            self,
            runs=tuple(
                replace(run, **_shown(run), rounds=tuple(map(_readable_weights, run.rounds))) for run in self.runs
            ),
            failures=tuple(replace(failure, **_shown(failure)) for failure in self.failures),
        )


def _shown(named: Run | Failure) -> dict[str, Any]:
    return {"task": readable(named.task), "strategy": harmless(named.strategy)}


def _readable_weights(line: Line) -> Line:
    weights = line.get("weights", {})
    return line | {"weights": {harmless(name): weight for name, weight in weights.items()}} if weights else line
