"""Strategies side by side on one task and the same seeds: the numbers, the table and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from rich.table import Table

from autoal.bench.findings import CONTROLS, OURS, RANDOM
from autoal.bench.results import Results
from autoal.bench.scores import Scores
from autoal.bench.statistics import ALPHA, Difference, FloatArray, mean_known, paired
from autoal.bench.tables import ties
from autoal.errors import StateError

COLUMNS = ("strategy", "AUBC %", "final %", "AutoAL minus it (won)", "s a query", "choosing")


@dataclass(frozen=True)
class Comparison:
    """Curves of several strategies on one task, over the seeds that all of them have."""

    scores: Scores

    @classmethod
    def of(cls, results: Results) -> Self:
        """Compare the runs of one task.

        Raises:
            StateError: there are runs of several tasks, or no seed that all strategies have.
        """
        scores = Scores.of(results)
        if len(scores.tasks) > 1:
            raise StateError("runs of one task", f"of {', '.join(scores.tasks)}", "autoal report, for many tasks")
        scores = scores.complete()
        if not scores.tasks:
            raise StateError("a seed that all strategies have", "none", "the same --seeds for every strategy")
        return cls(scores)

    @property
    def task(self) -> str:
        """What was learned."""
        return self.scores.tasks[0]

    @property
    def labels(self) -> list[int]:
        """How many are known at the end of each round."""
        return [int(label) for label in self.scores.labels[0]]

    @property
    def accuracy(self) -> dict[str, FloatArray]:
        """Each strategy's curves (seeds, rounds)."""
        curves = self.scores.curves["accuracy"][0]
        shared = ~np.isnan(curves).any(axis=(0, 2))
        return {name: curves[s, shared] for s, name in enumerate(self.scores.strategies)}

    @property
    def weights(self) -> dict[str, FloatArray]:
        """AutoAL's mean weight of each candidate (seeds, rounds - 1); empty if it did not run."""
        return dict(self.scores.weights.get((self.task, OURS), {}))

    def seconds(self, name: str, stage: str = "query") -> float:
        """Mean seconds a query, or of one of its stages; 0 if it was not measured."""
        if stage not in self.scores.seconds:
            return 0.0
        return float(np.nan_to_num(mean_known(self.scores.seconds[stage][0, self.scores.strategies.index(name)])))

    def aubc(self, name: str) -> FloatArray:
        """Area under the budget curve of each seed (seeds,)."""
        area: FloatArray = self.scores.area()[0, self.scores.strategies.index(name)]
        return area[~np.isnan(area)]

    def ranked(self) -> list[str]:
        """Names of the strategies, highest mean AUBC first."""
        return sorted(self.scores.strategies, key=lambda name: -float(self.aubc(name).mean()))

    def difference(self, name: str, other: str) -> Difference:
        """AUBC of `name` minus that of `other`, paired by seed, in points."""
        return paired(self.aubc(name) * 100, self.aubc(other) * 100)

    def title(self) -> str:
        """What is compared."""
        seeds = len(self.aubc(self.scores.strategies[0]))
        return f"{self.task}: {seeds} paired seeds, {self.labels[0]} to {self.labels[-1]} labels"

    def table(self) -> Table:
        """The comparison as a table for a terminal, best first."""
        table = Table(title=self.title())
        for column in COLUMNS:
            table.add_column(column, justify="left" if column == COLUMNS[0] else "right", min_width=5)
        for name in self.ranked():
            table.add_row(*self._row(name), style="bold" if name == OURS else "")
        return table

    def markdown(self) -> str:
        """The comparison as a Markdown table, best first, and the verdict."""
        rows = [COLUMNS, ("---", *["---:"] * (len(COLUMNS) - 1)), *(self._row(name) for name in self.ranked())]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        verdict = "\n".join(f"- {sentence}" for sentence in self.verdict())
        return f"{self.title().capitalize()}.\n\n{table}\n\n{verdict}\n"

    def _row(self, name: str) -> tuple[str, ...]:
        area, final = self.aubc(name) * 100, self.accuracy[name][:, -1] * 100
        against = ""
        if name != OURS and OURS in self.scores.strategies:
            difference = self.difference(OURS, name)
            against = f"{difference.mean:+.2f} ± {_shown(difference.standard_error)} ({difference.won:.0%})"
        return (
            name,
            f"{area.mean():.2f} ± {area.std(ddof=1) if len(area) > 1 else 0:.2f}",
            f"{final.mean():.1f} ± {final.std(ddof=1) if len(final) > 1 else 0:.1f}",
            against,
            f"{self.seconds(name):.3f}",
            f"{self.seconds(name, 'selection'):.3f}",
        )

    def verdict(self) -> list[str]:
        """In words: how AutoAL compares with its best candidate, with Random and with its two controls."""
        if OURS not in self.scores.strategies:
            return []
        candidates = [name for name in self.ranked() if name in self.weights]
        sentences = []
        if candidates:
            level = ties({name: float(self.aubc(name).mean()) * 100 for name in candidates}, candidates[0])
            sentences.append(self._sentence(candidates[0], "its best candidate in hindsight", level))
        for other, role in ((RANDOM, "random labelling"), *((name, "the control") for name in CONTROLS)):
            if other in self.scores.strategies:
                sentences.append(self._sentence(other, role))
        return sentences

    def _sentence(self, other: str, role: str, level: str = "") -> str:
        d = self.difference(OURS, other)
        word = "cannot be told apart from" if not d.p < ALPHA else "is above" if d.mean > 0 else "is BELOW"
        word = "has the same mean as" if d.none else word
        figures = f"{d.mean:+.2f} ± {_shown(d.standard_error)} points, {d.won:.0%} of {d.pairs} seeds"
        return f"AutoAL {word} {role}, {other}{level}: {figures}."


def _shown(standard_error: float) -> str:
    """A dash for the error of a single seed, which nobody knows."""
    return f"{standard_error:.2f}" if np.isfinite(standard_error) else "–"
