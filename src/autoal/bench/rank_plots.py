"""Pictures of all strategies against each other: critical differences, and matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from autoal.bench.findings import Overall
from autoal.bench.palette import FAINT
from autoal.bench.statistics import FloatArray


def draw_ranks(axes: Axes, overall: Overall, colours: Mapping[str, str]) -> None:
    """Critical differences, one row a strategy: its mean rank as a dot, and bars over rows that are not told apart.

    Rows in place of the usual labels at an axis keep it readable with many strategies.
    """
    order = overall.order
    ranks = [overall.ranks[overall.index(name)] for name in order]
    for row, (name, rank) in enumerate(zip(order, ranks, strict=True)):
        axes.plot([1, rank], [row, row], color=FAINT, linewidth=0.8, zorder=1)
        axes.plot(rank, row, "o", color=colours.get(name, "#afb8c1"), markersize=6, zorder=3)
        axes.annotate(f"{rank:.2f}", (rank, row), (7, 0), textcoords="offset points", va="center", fontsize=8)
    step = 0.035 * len(order)
    edge = max(ranks) + 3.2 * step
    for column, group in _columns([[order.index(name) for name in group] for group in overall.groups]):
        x = edge + column * step
        axes.plot([x, x], [min(group) - 0.2, max(group) + 0.2], color="#24292f", linewidth=2.5, solid_capstyle="butt")
    axes.set_yticks(range(len(order)), order, fontsize=9)
    axes.set(ylim=(len(order) - 0.5, -0.5), xlabel="mean rank (1 is best); bars join what is not told apart")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", alpha=0.25)


def draw_matrix(
    axes: Axes, values: FloatArray, names: Sequence[str], high: float, digits: int, last: FloatArray
) -> None:
    """A matrix (s, s) in the order given, with `last` (s,) as an extra row below: means of the columns."""
    s = len(names)
    shown = np.where(np.eye(s, dtype=bool), np.nan, values)
    everything = np.vstack([shown, last[None]])
    axes.imshow(np.ma.masked_invalid(everything), cmap="Blues", vmin=0, vmax=high, aspect="auto")
    if s <= 24:
        for row, column in zip(*np.nonzero(~np.isnan(everything)), strict=True):
            value = everything[row, column]
            ink = "white" if value > 0.6 * high else "#24292f"
            axes.text(column, row, f"{value:.{digits}f}", ha="center", va="center", fontsize=7, color=ink)
    axes.axhline(s - 0.5, color="white", linewidth=3)
    axes.set_xticks(range(s), names, rotation=90, fontsize=8)
    axes.set_yticks(range(s + 1), [*names, "column mean"], fontsize=8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _columns(groups: Sequence[Sequence[int]]) -> list[tuple[int, Sequence[int]]]:
    """Each group of rows with the first column in which it overlaps none before it."""
    ends: list[int] = []
    placed = []
    for group in groups:
        column = next((c for c, end in enumerate(ends) if end < min(group)), len(ends))
        ends[column : column + 1] = [max(group)]
        placed.append((column, group))
    return placed
