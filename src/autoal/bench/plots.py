"""Learning curves, and the weight of each candidate over the rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autoal.bench.comparison import Comparison
from autoal.bench.findings import OURS, RANDOM, Findings
from autoal.bench.palette import FAINT, STANDING_OUT, palette
from autoal.bench.statistics import FloatArray, band

Bounds = tuple[float, float]
ROOM = 0.25  # of what the seeds span, that bands get above and below: those of two seeds would take all room otherwise
PERCENT, POINTS, SHARES = (0.0, 100.0), (-100.0, 100.0), (0.0, 1.0)  # what accuracies, gains and weights can be
NAMED = 6  # strategies in colour, the best, besides AutoAL, its controls and Random


def learning_curves(comparison: Comparison, path: Path) -> None:
    """Mean accuracy by number of labels with 95 % bands, and the difference to Random, of one task."""
    figure = Figure(figsize=(12, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    curves = {name: comparison.accuracy[name] * 100 for name in comparison.ranked()}
    base = curves.get(RANDOM, next(iter(curves.values())))
    colours = palette(curves)
    draw_curves(left, comparison.labels, curves, colours, PERCENT)
    draw_curves(right, comparison.labels, {name: curve - base for name, curve in curves.items()}, colours, POINTS)
    left.set(xlabel="labels", ylabel="test accuracy (%)", title=f"{comparison.task}: accuracy")
    right.set(xlabel="labels", ylabel="points above random, same seed", title="gain over random labelling")
    handles, names = left.get_legend_handles_labels()
    figure.legend(handles[::-1], names[::-1], loc="outside right upper", frameon=False, title="best AUBC first")
    figure.savefig(path, dpi=120)


def strategy_weights(comparison: Comparison, path: Path) -> None:
    """Mean weight that AutoAL gave each candidate in each round (the paper's Figure 5), over the seeds."""
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    draw_weights(axes, comparison.weights, palette(comparison.weights))
    if comparison.weights:
        figure.legend(loc="outside right upper", frameon=False)
    axes.set(xlabel="round", ylabel="mean weight over the pool", title=f"{comparison.task}: what AutoAL trusts")
    figure.savefig(path, dpi=120)


def named(findings: Findings) -> list[str]:
    """The strategies that learning curves show in colour, in order: the best few, AutoAL, its controls and Random."""
    others = [name for name in findings.order if name not in STANDING_OUT]
    shown = {*others[:NAMED], *STANDING_OUT}
    return [name for name in findings.order if name in shown]


def task_curves(findings: Findings, task: str, colours: Mapping[str, str], axes: Axes) -> None:
    """One small picture: the curves of one task, those with a colour on top of the others."""
    t = findings.scores.tasks.index(task)
    _small(findings, t, findings.scores.curves["accuracy"][t] * 100, colours, PERCENT, axes)


def task_gains(findings: Findings, task: str, colours: Mapping[str, str], axes: Axes) -> None:
    """One small picture: the curves of one task minus Random's of the same seed, in points."""
    t = findings.scores.tasks.index(task)
    accuracy = findings.scores.curves["accuracy"][t] * 100
    base = accuracy[findings.scores.strategies.index(RANDOM)]
    _small(findings, t, accuracy - base, colours, POINTS, axes)


def _small(
    findings: Findings, t: int, values: FloatArray, colours: Mapping[str, str], bounds: Bounds, axes: Axes
) -> None:
    """Curves of a task from values (s, seeds, rounds), by strategies in order, without the seeds that are missing."""
    curves = {}
    for name in findings.order:
        curve = values[findings.scores.strategies.index(name)]
        if len(curve := curve[~np.isnan(curve).any(axis=1)]):
            curves[name] = curve
    draw_curves(axes, findings.scores.labels[t], curves, colours, bounds)
    axes.set_title(_broken(findings.scores.tasks[t]), fontsize=9)


def task_weights(findings: Findings, task: str, ensemble: str, colours: Mapping[str, str], axes: Axes) -> None:
    """One small picture: the weights that an ensemble gave on one task."""
    draw_weights(axes, findings.scores.weights[task, ensemble], colours)
    axes.set_title(f"{_broken(task)}\n{ensemble}", fontsize=9)


def draw_curves(
    axes: Axes,
    labels: Sequence[int] | npt.NDArray[np.int64],
    curves: Mapping[str, FloatArray],
    colours: Mapping[str, str],
    bounds: Bounds,
) -> None:
    """Mean and 95 % band of each strategy's curves (seeds, rounds), best first; thin and grey if it has no colour.

    `bounds` are the least and the most that a curve can be: a band ends there.
    """
    for name in [name for name in curves if name not in colours]:
        axes.plot(labels, curves[name].mean(axis=0), color=FAINT, linewidth=0.7)
    for name in [name for name in curves if name in colours][::-1]:  # the best last, on top of the others
        style = "-" if name in STANDING_OUT else "--"
        width = 2.4 if name == OURS else 1.3
        mean = curves[name].mean(axis=0)
        axes.plot(labels, mean, label=name, color=colours[name], linewidth=width, linestyle=style)
        _draw_band(axes, labels, curves[name], colours[name], bounds)
    _keep_in_view(axes, curves)
    plain_axes(axes)


def draw_weights(axes: Axes, weights: Mapping[str, FloatArray], colours: Mapping[str, str]) -> None:
    """Mean and 95 % band of each candidate's weights (seeds, rounds)."""
    for name, values in weights.items():
        rounds = range(1, values.shape[1] + 1)
        axes.plot(rounds, values.mean(axis=0), label=name, color=colours[name], marker="o", markersize=3, linewidth=1.2)
        _draw_band(axes, rounds, values, colours[name], SHARES)
    if weights:
        _keep_in_view(axes, weights)
        axes.axhline(1 / len(weights), color="#57606a", linewidth=0.8, linestyle=":", label="uniform")
    plain_axes(axes)


def _draw_band(axes: Axes, x: npt.ArrayLike, curves: FloatArray, colour: str, bounds: Bounds) -> None:
    mean, half = band(curves)
    low, high = np.clip([mean - half, mean + half], *bounds)
    axes.fill_between(x, low, high, color=colour, alpha=0.1, linewidth=0)


def _keep_in_view(axes: Axes, curves: Mapping[str, FloatArray]) -> None:
    """Cut the axis where bands go far beyond all curves (seeds, rounds); where they do not, it stays as it is."""
    low, high = (float(end([end(values) for values in curves.values()])) for end in (np.nanmin, np.nanmax))
    room = ROOM * (high - low)
    bottom, top = axes.get_ylim()
    if room > 0:
        axes.set_ylim(max(bottom, low - room), min(top, high + room))


def plain_axes(axes: Axes) -> None:
    """No frame, a faint grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def _broken(task: str) -> str:
    """A long task name over two lines."""
    head, slash, options = task.partition("/imbalance=") if "/imbalance=" in task else (task, "", "")
    return f"{head}\nimbalance={options}" if slash else task
