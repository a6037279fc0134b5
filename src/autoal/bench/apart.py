"""What is not compared with all others: variants of a strategy that ran too, and oracles, which cheat."""

from __future__ import annotations

from dataclasses import dataclass, replace

from autoal import strategies
from autoal.bench.results import Results


@dataclass(frozen=True)
class Parts:
    """The results of a benchmark, by what they are for."""

    compared: Results  # strategies, each once
    variants: dict[str, Results]  # by strategy: its own runs, and those of its variants
    oracles: Results  # bounds

    @classmethod
    def of(cls, results: Results) -> Parts:
        """Set variants and oracles apart. A variant whose strategy did not run as it is stays among the others."""
        cheating = strategies.oracles()
        oracles = {label for label in _labels(results) if base(label) in cheating}
        bases = _labels(results) - oracles
        variants = {label for label in bases if ":" in label and base(label) in bases}
        return cls(
            compared=_only(results, bases - variants),
            variants={
                own: _only(results, {own} | {label for label in variants if base(label) == own})
                for own in sorted({base(label) for label in variants})
            },
            oracles=_only(results, oracles),
        )


def base(label: str) -> str:
    """The strategy that a label like `autoal:topk` is a variant of."""
    return label.partition(":")[0]


def _labels(results: Results) -> set[str]:
    return {run.strategy for run in results.runs}


def _only(results: Results, labels: set[str]) -> Results:
    return replace(results, runs=tuple(run for run in results.runs if run.strategy in labels))
