"""Strategies side by side on one task and the same seeds: the numbers, the table and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from rich.table import Table

from autoal.bench.cell import Cell
from autoal.bench.results import Line
from autoal.bench.statistics import Difference, aubc, paired

FloatArray = npt.NDArray[np.float64]
COLUMNS = ("strategy", "AUBC %", "final %", "AutoAL minus it (won)", "s a query", "choosing")
CONTROLS = ("uniform_weights", "random_weights")


@dataclass
class Comparison:
    """Curves of several strategies over the same seeds; arrays are (seeds, rounds)."""

    task: str
    labels: list[int]  # at the end of each round
    accuracy: dict[str, FloatArray] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)  # mean seconds per query
    selection: dict[str, float] = field(default_factory=dict)  # of which choosing, without training and the pass
    weights: dict[str, FloatArray] = field(default_factory=dict)  # AutoAL's mean weight of each candidate

    @classmethod
    def of(cls, cells: Sequence[Cell], results: Sequence[list[Line]]) -> Self:
        """Group the rounds of cells by strategy; the cells of a strategy must come in the same order of seeds."""
        by_name: dict[str, list[list[Line]]] = {}
        for cell, rounds in zip(cells, results, strict=True):
            by_name.setdefault(cell.label, []).append(rounds)
        comparison = cls(cells[0].task, [line["labels"] for line in results[0]])
        for name, runs in by_name.items():
            comparison.accuracy[name] = np.array([[line["accuracy"] for line in run] for run in runs])
            queries = [line["seconds"] for run in runs for line in run[1:]]
            comparison.seconds[name] = _mean(queries, "query")
            comparison.selection[name] = _mean(queries, "selection")
        for candidate in (by_name.get("autoal") or [[{}, {}]])[0][1].get("weights", {}):
            runs = by_name["autoal"]
            comparison.weights[candidate] = np.array([[line["weights"][candidate] for line in run[1:]] for run in runs])
        return comparison

    def aubc(self, name: str) -> FloatArray:
        """Area under the budget curve of each seed (seeds,)."""
        return np.array([aubc(self.labels, curve) for curve in self.accuracy[name]])

    def ranked(self) -> list[str]:
        """Names of the strategies, highest mean AUBC first."""
        return sorted(self.accuracy, key=lambda name: -float(self.aubc(name).mean()))

    def difference(self, name: str, other: str) -> Difference:
        """AUBC of `name` minus that of `other`, paired by seed, in points."""
        return paired(self.aubc(name) * 100, self.aubc(other) * 100)

    def title(self) -> str:
        """What is compared."""
        seeds = len(next(iter(self.accuracy.values())))
        return f"{self.task}: {seeds} paired seeds, {self.labels[0]} to {self.labels[-1]} labels"

    def table(self) -> Table:
        """The comparison as a table for a terminal, best first."""
        table = Table(title=self.title())
        for column in COLUMNS:
            table.add_column(column, justify="left" if column == COLUMNS[0] else "right", min_width=5)
        for name in self.ranked():
            table.add_row(*self._row(name), style="bold" if name == "autoal" else "")
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
        if name != "autoal" and "autoal" in self.accuracy:
            difference = self.difference("autoal", name)
            against = f"{difference.mean:+.2f} ± {difference.standard_error:.2f} ({difference.won:.0%})"
        return (
            name,
            f"{area.mean():.2f} ± {area.std(ddof=1) if len(area) > 1 else 0:.2f}",
            f"{final.mean():.1f} ± {final.std(ddof=1) if len(final) > 1 else 0:.1f}",
            against,
            f"{self.seconds[name]:.3f}",
            f"{self.selection[name]:.3f}",
        )

    def verdict(self) -> list[str]:
        """In words: how AutoAL compares with its best candidate, with Random and with its two controls."""
        if "autoal" not in self.accuracy:
            return []
        candidates = [name for name in self.ranked() if name in self.weights]
        sentences = []
        if candidates:
            sentences.append(self._sentence(candidates[0], "its best candidate in hindsight"))
        for other, role in (("random", "random labelling"), *((name, "the control") for name in CONTROLS)):
            if other in self.accuracy:
                sentences.append(self._sentence(other, role))
        return sentences

    def _sentence(self, other: str, role: str) -> str:
        d = self.difference("autoal", other)
        if abs(d.mean) <= d.standard_error or np.isnan(d.standard_error):
            word = "cannot be told apart from"
        else:
            word = "is above" if d.mean > 0 else "is BELOW"
        figures = f"{d.mean:+.2f} ± {d.standard_error:.2f} points, {d.won:.0%} of {d.pairs} seeds"
        return f"AutoAL {word} {role}, {other}: {figures}."


def _mean(seconds: list[dict[str, Any]], stage: str) -> float:
    return float(np.mean([entry.get(stage, 0.0) for entry in seconds])) if seconds else 0.0
