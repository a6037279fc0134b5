"""The colour of each strategy, the same in every picture of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autoal import strategies
from autoal.bench.findings import CONTROLS, OURS, RANDOM

STANDING_OUT: Mapping[str, str] = {
    OURS: "#d1242f",
    CONTROLS[0]: "#0969da",
    CONTROLS[1]: "#8250df",
    RANDOM: "#24292f",
}
COLOURS = (
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
FAINT = "#c4cad1"  # of a strategy that a picture shows without naming it


def colour(name: str) -> str:
    """The colour a strategy prefers: the paper's candidates come first and share none."""
    names = list(
        dict.fromkeys([candidate.name for candidate in strategies.paper_candidates()] + list(strategies.all()))
    )
    position = names.index(name) if name in names else len(names)
    return STANDING_OUT.get(name) or COLOURS[position % len(COLOURS)]


def palette(names: Iterable[str]) -> dict[str, str]:
    """Distinct colours while they last; a strategy has the one it prefers unless an earlier one took it."""
    chosen: dict[str, str] = {}
    for name in names:
        free = [c for c in COLOURS if c not in chosen.values()]
        preferred = colour(name)
        chosen[name] = preferred if preferred not in chosen.values() or not free else free[0]
    return chosen
