"""The tables of a report, each made of what was found."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autoal.bench.findings import ENTROPY, RANDOM, Findings, Overall, gains, level_with_best
from autoal.bench.results import Results
from autoal.bench.scores import LOWER_IS_BETTER, Scores
from autoal.bench.statistics import ALPHA, FloatArray, deviation, largest_drop, mean_known, regret, summary
from autoal.bench.tables import Entry, Heading, Table, count, interval, number, p_value, percent, ratio, spread

LEVEL = " ≈"  # marks what is not told apart from the best


def standings(overall: Overall) -> Table:
    """One row a strategy: everything that compares all of them at once, best mean rank first."""
    first = overall.order[0]
    columns = ["strategy", "mean rank", "AUBC %", "against the first, p", "penalty", "pairs won", "AUBC − random"]
    rows = []
    worst = regret(overall.means)
    for name in overall.order:
        s = overall.index(name)
        others = [j for j in range(len(overall.order)) if j != s]
        d = overall.difference(name, RANDOM) if RANDOM in overall.order and name != RANDOM else summary([])
        apart = overall.told_apart(name, first)
        rows.append(
            (
                Entry(name, tone="best" if name == first else ""),
                number(overall.ranks[s], tone="best" if name == first else "" if apart else "level"),
                number(float(overall.means[:, s].mean())),
                p_value(overall.p[s, overall.index(first)]) if name != first else Entry("–"),
                number(overall.penalty[s]),
                percent(float(mean_known(overall.won[s, others]))),
                interval(d.mean, d.low, d.high),
                number(float(worst[:, s].mean())),
                number(float(worst[:, s].max())),
            )
        )
    units = "seeds of the only task" if overall.by_seed else "tasks"
    note = (
        f"{count(len(overall.scores.tasks), 'task')}, {count(len(overall.pairs), 'pair')} of task and "
        "seed that all have. Mean rank over "
        f"the pairs (1 is best); p by Wilcoxon with Holm's correction over {units}; penalty: mean of the column of the "
        "penalty matrix, lower is better; pairs won: against all others, ties half; the interval is a t-interval over "
        f"{units}; regret to the best strategy of each task in hindsight, in points."
    )
    columns += ["mean regret", "worst regret"]
    return Table(Heading("standings", "Standings over all tasks", note), tuple(columns), tuple(rows))


def by_task(findings: Findings, heading: Heading, metric: str, values: FloatArray, scale: float, digits: int) -> Table:
    """Mean ± deviation over seeds of values (tasks, s, seeds), by strategy and task, and overall.

    The overall column is the mean over the tasks of the complete part, for the strategies in it.
    """
    scores, values, lower = findings.scores, values * scale, metric in LOWER_IS_BETTER
    means, spreads = mean_known(values, axis=2), deviation(values)
    shown = [t for t in range(len(scores.tasks)) if not np.isnan(means[t]).all()]
    tops = {t: level_with_best(scores, scores.tasks[t], values[t], lower) for t in shown}
    overall = _overall_means(findings, means)
    rows = []
    for name in findings.order:
        s = scores.strategies.index(name)
        entries = [Entry(name), _overall_entry(overall, name, digits, lower)] if overall else [Entry(name)]
        for t in shown:
            best, level = tops[t]
            tone = "best" if name == best else "level" if name in level else ""
            entries.append(spread(means[t, s], spreads[t, s], digits, tone, LEVEL if name in level else ""))
        rows.append(tuple(entries))
    columns = ("strategy", *(["mean"] if overall else []), *(scores.tasks[t] for t in shown))
    return Table(heading, columns, tuple(rows))


def _overall_means(findings: Findings, means: FloatArray) -> dict[str, float]:
    """Mean over the tasks that all have, of means (tasks, s); nothing with one task, which would repeat its column."""
    if findings.overall is None or findings.overall.by_seed:
        return {}
    part = findings.overall.scores
    tasks = [findings.scores.tasks.index(task) for task in part.tasks]
    columns = {name: means[tasks, findings.scores.strategies.index(name)] for name in part.strategies}
    return {name: float(np.mean(column)) for name, column in columns.items() if not np.isnan(column).any()}


def _overall_entry(overall: dict[str, float], name: str, digits: int, lower: bool) -> Entry:
    best = (min if lower else max)(overall.values())
    value = overall.get(name, float("nan"))
    return number(value, digits, tone="best" if value == best else "")


def gain_table(findings: Findings, heading: Heading, metric: str) -> Table | None:
    """What each strategy adds to Random on each task, in points, with 95 % intervals; None where Random did not run."""
    by = {task: gains(findings.scores, task, metric=metric) for task in findings.scores.tasks}
    tasks = [task for task, found in by.items() if any(np.isfinite(gain.difference.mean) for gain in found.values())]
    if not tasks:
        return None
    rows = []
    for name in findings.order:
        if name == RANDOM:
            continue
        entries = [Entry(name)]
        for task in tasks:
            gain = by[task].get(name)
            if gain is None:
                entries.append(Entry("–"))
                continue
            d, tone = gain.difference, {1: "up", -1: "down", 0: ""}[gain.verdict]
            entries.append(interval(d.mean, d.low, d.high, tone=tone))
        rows.append(tuple(entries))
    return Table(heading, ("strategy", *tasks), tuple(rows))


def versus_table(findings: Findings, name: str) -> Table | None:
    """One strategy against each other, overall."""
    overall = findings.overall
    if overall is None or name not in overall.order:
        return None
    rows = []
    tested = overall.against(name)
    for other in overall.order:
        if other == name:
            continue
        d, p = overall.difference(name, other), tested[other]
        tone = "" if p >= ALPHA else "up" if d.mean > 0 else "down"
        won = percent(overall.won[overall.index(name), overall.index(other)])
        rows.append((Entry(other), interval(d.mean, d.low, d.high, tone=tone), won, p_value(p)))
    note = (
        f"{name} minus the other, AUBC in points, with a 95 % t-interval over "
        f"{'seeds' if overall.by_seed else 'tasks'}; the share of pairs of task and seed that it "
        "wins; Wilcoxon with Holm's correction for these comparisons."
    )
    return Table(
        Heading("versus", f"{name} against each", note), ("other", "difference", "pairs won", "p"), tuple(rows)
    )


def regret_table(findings: Findings) -> Table | None:
    """Distance to the best strategy of each task in hindsight, and to the best candidate of each ensemble."""
    overall = findings.overall
    if overall is None:
        return None
    scores = overall.scores
    to_best = regret(overall.means)
    groups = {e: [overall.index(c) for c in findings.candidates(e) if c in overall.order] for e in findings.ensembles}
    distinct = {tuple(sorted(group)): ensemble for ensemble, group in reversed(groups.items()) if group}
    rows = []
    for name in overall.order:
        s = overall.index(name)
        entries = [Entry(name), number(float(to_best[:, s].mean())), number(float(to_best[:, s].max()))]
        entries += [number(float(regret(overall.means, group)[:, s].mean())) for group in distinct]
        entries += [number(value, tone="best" if value == 0 else "") for value in to_best[:, s]]
        rows.append(tuple(entries))
    columns = ("strategy", "mean", "worst", *(f"to {e}'s candidates" for e in distinct.values()), *scores.tasks)
    note = "AUBC points below the best strategy of the task in hindsight, on the seeds that all strategies share."
    if distinct:
        note += (
            " To an ensemble's candidates: below the best of those that it weighs and that ran; negative is above them."
        )
    return Table(Heading("regret", "Regret to the best in hindsight", note), columns, tuple(rows))


def drop_table(findings: Findings) -> Table:
    """The largest fall of accuracy between two rounds, and how much AUBC differs between seeds."""
    spreads = mean_known(deviation(100 * findings.scores.area()), axis=0)
    drops = np.stack([largest_drop(curves) for curves in findings.scores.curves["accuracy"]]) * 100
    rows = []
    for name in findings.order:
        s = findings.scores.strategies.index(name)
        mine = drops[:, s]
        by = mean_known(mine, axis=1)
        entries = [
            Entry(name),
            number(float(mean_known(by))),
            number(float(np.nanmax(mine))),
            number(float(spreads[s])),
        ]
        rows.append((*entries, *(number(value) for value in by)))
    note = "The most that accuracy falls from one round to the next, in points: mean over seeds; 0 never falls."
    note += " Deviation: of AUBC over the seeds of a task, mean over tasks."
    columns = ("strategy", "mean", "worst run", "deviation", *findings.scores.tasks)
    return Table(Heading("drops", "Smoothness: the largest drop", note), columns, tuple(rows))


def cost_table(findings: Findings) -> Table | None:
    """Seconds a query and their ratio to Random's and Entropy's, by stage; peak memory."""
    scores = findings.scores
    if "query" not in scores.seconds:
        return None
    bases = [base for base in (RANDOM, ENTROPY) if base in scores.strategies]
    stages = ["query", *(stage for stage in scores.seconds if stage != "query")]
    columns = ["strategy", *(f"query / {base}" for base in bases), *(f"{stage}, s" for stage in stages), "peak, MiB"]
    rows = []
    for name in findings.order:
        s = scores.strategies.index(name)
        entries = [Entry(name), *(ratio(_ratio(scores, s, scores.strategies.index(base))) for base in bases)]
        entries += [number(float(mean_known(scores.seconds[stage][:, s])), 3) for stage in stages]
        rows.append((*entries, number(float(mean_known(scores.memory[:, s])), 0)))
    note = (
        "Ratios are geometric means over the pairs of task and seed that both have. A query is the pass over the pool "
        "and the selection; training stands apart, as every strategy pays it. Seconds are means over all runs."
    )
    return Table(Heading("cost", "Cost of a query", note), tuple(columns), tuple(rows))


def _ratio(scores: Scores, s: int, base: int) -> float:
    query = scores.seconds["query"]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(query[:, s] / query[:, base])
    return float(np.exp(mean_known(np.where(np.isfinite(logs), logs, np.nan))))


def weight_table(findings: Findings) -> Table | None:
    """Mean weight of each candidate over all tasks, seeds and rounds, by ensemble."""
    weights = findings.scores.weights
    candidates = sorted({c for by in weights.values() for c in by})
    if not candidates:
        return None
    rows = []
    for candidate in candidates:
        entries = [Entry(candidate)]
        for ensemble in findings.ensembles:
            known = [by[candidate] for (_, name), by in weights.items() if name == ensemble and candidate in by]
            entries.append(number(float(mean_known([mean_known(w) for w in known])), 3))
        rows.append(tuple(entries))
    note = "Mean over tasks of the mean weight over seeds, rounds and the pool."
    return Table(Heading("weights", "What the ensembles trust", note), ("candidate", *findings.ensembles), tuple(rows))


def failure_table(results: Results) -> Table | None:
    """Cells that ended with an error."""
    failures = sorted(results.failures, key=lambda f: (f.task, f.strategy, f.seed))
    rows = tuple(
        (Entry(f.task), Entry(f.strategy), Entry(str(f.seed), f.seed), Entry(_one_line(f.error))) for f in failures
    )
    note = f"{count(len(failures), 'cell')} ended with an error, and no number above comes from there."
    return (
        Table(Heading("failures", "Failed cells", note), ("task", "strategy", "seed", "error"), rows) if rows else None
    )


def missing_table(scores: Scores, results: Results) -> Table | None:
    """Where a strategy lacks seeds that its task has, failed cells among them."""
    failed = {(f.task, f.strategy, f.seed) for f in results.failures}
    rows = []
    for t, task in enumerate(scores.tasks):
        there = scores.present[t]
        for s, strategy in enumerate(scores.strategies):
            lacking = [seed for k, seed in enumerate(scores.seeds) if there[:, k].any() and not there[s, k]]
            if lacking:
                errors = sum((task, strategy, seed) in failed for seed in lacking)
                of = int(there.any(axis=0).sum())
                seeds = _numbers(lacking)
                rows.append(
                    (Entry(task), Entry(strategy), Entry(f"{len(lacking)} of {of}"), Entry(seeds), number(errors, 0))
                )
    note = "Comparisons use the seeds that both strategies have; what compares all at once leaves these out."
    columns = ("task", "strategy", "seeds missing", "which", "of them failed")
    return Table(Heading("missing", "Missing cells", note), columns, tuple(rows)) if rows else None


def _numbers(seeds: Iterable[int]) -> str:
    return ", ".join(str(seed) for seed in seeds)


def _one_line(error: str) -> str:
    lines = [line.strip() for line in error.strip().splitlines() if line.strip()]
    return (lines[-1] if lines else "no message")[:300]
