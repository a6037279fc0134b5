"""The two pictures of a comparison: learning curves, and the weight of each candidate over the rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autoal import strategies
from autoal.bench.comparison import Comparison, FloatArray

OURS = "autoal"
STANDING_OUT: Mapping[str, str] = {
    "autoal": "#d1242f",
    "uniform_weights": "#0969da",
    "random_weights": "#8250df",
    "random": "#24292f",
}
CANDIDATES = (
    "#b35900",
    "#1a7f37",
    "#bf3989",
    "#0f7d8c",
    "#9a8700",
    "#6e7781",
    "#7d4e37",
    "#4c6ef5",
    "#87a922",
    "#e8590c",
)


def colour(name: str) -> str:
    """The same colour for the same strategy in every picture; the paper's candidates come first and share none."""
    names = list(
        dict.fromkeys([candidate.name for candidate in strategies.paper_candidates()] + list(strategies.all()))
    )
    position = names.index(name) if name in names else len(names)
    return STANDING_OUT.get(name) or CANDIDATES[position % len(CANDIDATES)]


def learning_curves(comparison: Comparison, path: Path) -> None:
    """Mean accuracy by number of labels, with a band of one standard error; and the difference to Random."""
    figure = Figure(figsize=(12, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    base = comparison.accuracy.get("random", next(iter(comparison.accuracy.values())))
    for name in comparison.ranked()[::-1]:  # the best last, on top of the others
        accuracy = comparison.accuracy[name] * 100
        _curve(left, comparison.labels, accuracy, name)
        _curve(right, comparison.labels, accuracy - base * 100, name)
    left.set(xlabel="labels", ylabel="test accuracy (%)", title=f"{comparison.task}: accuracy")
    right.set(xlabel="labels", ylabel="points above random, same seed", title="gain over random labelling")
    handles, names = left.get_legend_handles_labels()
    figure.legend(handles[::-1], names[::-1], loc="outside right upper", frameon=False, title="best AUBC first")
    _save(figure, (left, right), path)


def strategy_weights(comparison: Comparison, path: Path) -> None:
    """Mean weight that AutoAL gave each candidate in each round (the paper's Figure 5), over the seeds."""
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    rounds = range(1, len(next(iter(comparison.weights.values()))[0]) + 1) if comparison.weights else range(0)
    for name, weights in comparison.weights.items():
        mean, error = _mean_and_error(np.asarray(weights))
        axes.plot(rounds, mean, label=name, color=colour(name), marker="o", markersize=3)
        axes.fill_between(rounds, mean - error, mean + error, color=colour(name), alpha=0.12, linewidth=0)
    if comparison.weights:
        axes.axhline(1 / len(comparison.weights), color="#57606a", linewidth=0.8, linestyle="--", label="uniform")
        figure.legend(loc="outside right upper", frameon=False)
    axes.set(xlabel="round", ylabel="mean weight over the pool", title=f"{comparison.task}: what AutoAL trusts")
    _save(figure, (axes,), path)


def _curve(axes: Axes, labels: Sequence[int], values: FloatArray, name: str) -> None:
    """The mean of values (seeds, rounds) with its band; AutoAL and its controls stand out."""
    mean, error = _mean_and_error(values)
    axes.plot(
        labels,
        mean,
        label=name,
        color=colour(name),
        linewidth=2.4 if name == OURS else 1.2,
        linestyle="-" if name in STANDING_OUT else "--",
    )
    axes.fill_between(labels, mean - error, mean + error, color=colour(name), alpha=0.12, linewidth=0)


def _mean_and_error(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    error = values.std(axis=0, ddof=1) / len(values) ** 0.5 if len(values) > 1 else np.zeros(values.shape[1])
    return values.mean(axis=0), error


def _save(figure: Figure, all_axes: Sequence[Axes], path: Path) -> None:
    for axes in all_axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    figure.savefig(path, dpi=120)
