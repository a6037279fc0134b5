"""How far the strategies are from what is possible: the best of each task in hindsight, and oracles that cheat."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from autoal.bench.findings import OURS, RANDOM
from autoal.bench.results import Results
from autoal.bench.scores import Scores
from autoal.bench.statistics import Difference, paired
from autoal.bench.tables import Entry, Heading, Table, interval, number, percent


@dataclass(frozen=True)
class Bound:
    """What an oracle gains over Random on one task, and how much of it strategies reach, on the seeds of both."""

    task: str
    oracle: str
    random: float  # AUBC in points
    gain: Difference  # of the oracle over Random, in points
    best: str  # the strategy with the highest mean, in hindsight
    best_gain: float
    our_gain: float  # of AutoAL; NaN if it did not run

    def share(self, gain: float) -> float:
        """A gain over Random as a share of the oracle's; NaN where the oracle gains nothing."""
        return gain / self.gain.mean if self.gain.mean > 0 else np.nan


def bounds(compared: Results, oracles: Results) -> list[Bound]:
    """One for each task and oracle that share a seed with Random."""
    if not oracles.runs:
        return []
    scores = Scores.of(replace(compared, runs=compared.runs + oracles.runs))
    names = sorted({run.strategy for run in oracles.runs})
    found = (_bound(scores.task(task), name, names) for task in scores.tasks for name in names)
    return [bound for bound in found if bound is not None]


def _bound(scores: Scores, oracle: str, oracles: list[str]) -> Bound | None:
    if not {oracle, RANDOM} <= set(scores.strategies):
        return None
    area = dict(zip(scores.strategies, scores.area()[0] * 100, strict=True))
    shared = ~np.isnan(area[oracle] - area[RANDOM])
    if not shared.any():
        return None
    gains = {name: float((area[name] - area[RANDOM])[shared].mean()) for name in area if name not in oracles}
    known = {name: gain for name, gain in gains.items() if not np.isnan(gain)}
    best = max(known, key=lambda name: known[name])
    gain = paired(area[oracle], area[RANDOM])
    random = float(area[RANDOM][shared].mean())
    return Bound(scores.tasks[0], oracle, random, gain, best, known[best], gains.get(OURS, np.nan))


def bound_table(found: list[Bound]) -> Table | None:
    """One row a task and oracle; None where there is none."""
    if not found:
        return None
    rows = [
        (
            Entry(bound.task),
            number(bound.random),
            Entry(bound.oracle),
            interval(bound.gain.mean, bound.gain.low, bound.gain.high),
            Entry(bound.best),
            number(bound.best_gain, sign=True),
            percent(bound.share(bound.best_gain)),
            number(bound.our_gain, sign=True),
            percent(bound.share(bound.our_gain)),
        )
        for bound in found
    ]
    columns = (
        "task",
        "random, AUBC %",
        "oracle",
        "its gain",
        "best in hindsight",
        "its gain",
        "of the oracle's",
        f"gain of {OURS}",
        "of the oracle's",
    )
    note = (
        "An oracle CHEATS: it sees the true labels and the test set, and no strategy can. Gains are over Random, AUBC "
        "in points, on the seeds that Random and the oracle share; the best in hindsight is the strategy with the "
        "highest mean on these seeds, part of which is luck."
    )
    return Table(Heading("bounds", "Bounds: the oracle, and the best in hindsight", note), columns, tuple(rows))


def bound_sentences(found: list[Bound]) -> list[str]:
    """What the table says, in one sentence for each oracle."""
    sentences = []
    for oracle in sorted({bound.oracle for bound in found}):
        mine = [bound for bound in found if bound.oracle == oracle]
        total = sum(bound.gain.mean for bound in mine)
        if total <= 0:
            continue
        best = sum(bound.best_gain for bound in mine) / total
        ours = sum(bound.our_gain for bound in mine) / total
        said = "" if np.isnan(ours) else f", and AutoAL {ours:.0%}"
        sentences.append(
            f"The oracle {oracle}, which cheats, gains [{total / len(mine):.2f} points](#bounds) over Random on "
            f"average; the best strategy of each task in hindsight reaches {best:.0%} of that gain{said}."
        )
    return sentences
