"""What a report shows, part by part, in the order of its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np

from autoal.bench import sheets
from autoal.bench.findings import CONTROLS, OURS, Findings, Overall
from autoal.bench.palette import palette
from autoal.bench.penalties import column_means
from autoal.bench.pictures import Panel, Sheet
from autoal.bench.plots import named, task_curves, task_gains, task_weights
from autoal.bench.rank_plots import draw_matrix, draw_ranks
from autoal.bench.results import Results
from autoal.bench.statistics import FloatArray
from autoal.bench.tables import Heading, Table, count


@dataclass(frozen=True)
class Section:
    """A heading with a table, pictures or both."""

    heading: Heading
    table: Table | None = None
    sheet: Sheet | None = None

    @classmethod
    def of(cls, table: Table) -> Self:
        """A table with its own heading."""
        return cls(table.heading, table)


MARKS = " The best of a task is bold; ≈ marks what a paired t-test with Holm's correction does not tell apart from it."
OTHER_METRICS = (
    ("balanced_accuracy", "balanced", "Balanced accuracy", "In %: the mean of the classes' own accuracies.", 100, 2),
    ("log_loss", "log-loss", "Log loss", "In nats; lower is better.", 1, 3),
    ("calibration", "calibration", "Calibration error", "Expected calibration error in %; lower is better.", 100, 2),
)


def sections(findings: Findings, results: Results) -> Iterator[Section]:
    """Everything that was found, what compares all strategies first."""
    colours, overall, scores = palette(named(findings)), findings.overall, findings.scores
    yield from _of([sheets.standings(overall) if overall else None, _gains(findings)])
    yield _curves(findings, colours)
    yield from _gain_curves(findings, colours)
    yield from _of([_area(findings), _final(findings)])
    if overall:
        yield from (_ranks(overall, colours), _won(overall), _penalties(overall))
    yield from _of([sheets.versus_table(findings, OURS), sheets.regret_table(findings), sheets.drop_table(findings)])
    yield from _of(_other_metrics(findings))
    yield from _weights(findings)
    yield from _of([sheets.cost_table(findings), sheets.failure_table(results), sheets.missing_table(scores, results)])


def _of(tables: Iterable[Table | None]) -> Iterator[Section]:
    return (Section.of(table) for table in tables if table is not None)


def _gains(findings: Findings) -> Table | None:
    note = (
        "AUBC minus Random's in points, paired by seed, with 95 % intervals; coloured (in Markdown bold if above) "
        "where a paired t-test with Holm's correction over the strategies of the task tells it apart from Random."
    )
    return sheets.gain_table(findings, Heading("gains", "Gains over Random", note), "accuracy")


def _area(findings: Findings) -> Table:
    note = "Area under the budget curve in %, mean ± standard deviation over seeds." + MARKS
    return sheets.by_task(findings, Heading("aubc", "AUBC", note), "accuracy", findings.scores.area(), 100, 2)


def _final(findings: Findings) -> Table:
    note = "Test accuracy with all labels of the budget in %, mean ± standard deviation over seeds." + MARKS
    return sheets.by_task(
        findings, Heading("final", "Final accuracy", note), "accuracy", findings.scores.final(), 100, 2
    )


def _other_metrics(findings: Findings) -> Iterator[Table | None]:
    for metric, anchor, title, note, scale, digits in OTHER_METRICS:
        area = findings.scores.area(metric)
        if not np.isnan(area).all():
            heading = Heading(anchor, title, f"{note} Mean over the budget, as AUBC is of accuracy.{MARKS}")
            yield sheets.by_task(findings, heading, metric, area, scale, digits)
    note = "The same as the gains over Random, by balanced accuracy, which counts every class alike."
    heading = Heading("balanced-gains", "Gains over Random by balanced accuracy", note)
    yield sheets.gain_table(findings, heading, "balanced_accuracy")


def _curves(findings: Findings, colours: dict[str, str]) -> Section:
    panels = tuple(
        Panel(f"Accuracy by number of labels on {task}", partial(task_curves, findings, task, colours))
        for task in findings.scores.tasks
    )
    rest = len(findings.order) - len(colours)
    grey = f" Thin and grey: {count(rest, 'other')}." if rest else ""
    note = f"Test accuracy in % by number of labels: mean over seeds with its 95 % band; best mean rank first.{grey}"
    return Section(Heading("curves", "Learning curves", note), sheet=Sheet(panels, colours))


def _gain_curves(findings: Findings, colours: dict[str, str]) -> Iterator[Section]:
    panels = tuple(
        Panel(f"Points above Random by number of labels on {task}", partial(task_gains, findings, task, colours))
        for task, found in findings.gains.items()
        if any(gain.difference.pairs for gain in found.values())
    )
    if panels:
        note = (
            "The same curves minus Random's of the same seed, in points, with 95 % bands: Random is the line at zero."
        )
        yield Section(Heading("gain-curves", "Learning curves above Random", note), sheet=Sheet(panels, colours))


def _ranks(overall: Overall, colours: dict[str, str]) -> Section:
    note = (
        "Mean rank over pairs of task and seed; bars join neighbours that Wilcoxon with Holm's correction over "
        f"{'seeds of the only task' if overall.by_seed else 'tasks'} does not tell apart."
    )
    draw = partial(draw_ranks, overall=overall, colours=colours)
    panel = Panel(f"Critical differences; best is {overall.order[0]}", draw, (8, 1.0 + 0.27 * len(overall.order)))
    return Section(Heading("ranks", "Mean ranks and critical differences", note), sheet=Sheet((panel,)))


def _won(overall: Overall) -> Section:
    note = (
        "Share of pairs of task and seed in which the row beats the column, ties half. The last row is how often a "
        "column is beaten: lower is better."
    )
    panel = _matrix(overall, overall.won, column_means(overall.won), 1.0, 2, "Shares of pairs won")
    return Section(Heading("won", "Pairs won", note), sheet=Sheet((panel,)))


def _penalties(overall: Overall) -> Section:
    n = len(overall.scores.tasks)
    note = (
        "For each task, the share of budgets at which the row beats the column by a paired t-test over seeds "
        f"(p < 0.05), summed: at most {n}. Budgets at which both are saturated are left out. The last row is the mean "
        "penalty of a column: lower is better (Ash et al., 2020)."
    )
    panel = _matrix(overall, overall.penalties, overall.penalty, float(n), 1, "Pairwise penalties")
    return Section(Heading("penalties", "Pairwise penalty matrix", note), sheet=Sheet((panel,)))


def _matrix(overall: Overall, values: FloatArray, last: FloatArray, high: float, digits: int, alt: str) -> Panel:
    order, s = [overall.index(name) for name in overall.order], len(overall.order)
    shown, below = values[np.ix_(order, order)], last[order]
    draw = partial(draw_matrix, values=shown, names=overall.order, high=high, digits=digits, last=below)
    return Panel(alt, draw, (2.8 + 0.36 * s, 2.4 + 0.28 * s))


def _weights(findings: Findings) -> Iterator[Section]:
    table = sheets.weight_table(findings)
    if table is None:
        return
    colours = palette([str(row[0]) for row in table.rows])
    panels = tuple(
        Panel(f"Weights of {ensemble} on {task}", partial(task_weights, findings, task, ensemble, colours))
        for ensemble in findings.ensembles
        if ensemble not in CONTROLS  # whose weights are known beforehand
        for task in findings.scores.tasks
        if (task, ensemble) in findings.scores.weights
    )
    yield Section(table.heading, table, Sheet(panels, colours) if panels else None)
