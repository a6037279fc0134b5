"""What each variant of a strategy differs from it by: the ablation table."""

from __future__ import annotations

from autoal.bench.findings import Overall
from autoal.bench.results import Results
from autoal.bench.scores import Scores
from autoal.bench.statistics import ALPHA, Difference, paired
from autoal.bench.tables import Entry, Heading, Table, interval, p_value, percent


def variant_table(results: Results, own: str) -> Table | None:
    """One row a variant, the best first; None where no variant shares a seed with the strategy itself.

    Args:
        results: runs of the strategy and of its variants alone.
        own: the strategy.
    """
    scores = Scores.of(results).complete()
    if own not in scores.strategies or len(scores.strategies) < 2:
        return None
    overall = Overall(scores)
    tested = overall.against(own)
    rows = [
        (
            Entry(name),
            _entry(overall.difference(name, own), tested[name] < ALPHA),
            percent(overall.won[overall.index(name), overall.index(own)]),
            p_value(tested[name]),
            *(_on_task(overall, t, name, own) for t in range(len(scores.tasks))),
        )
        for name in sorted(tested, key=lambda name: -overall.difference(name, own).mean)
    ]
    over = "seeds" if overall.by_seed else "tasks"
    note = (
        f"Each variant minus {own}, AUBC in points: where it is negative, what the variant lacks or changes is of use. "
        f"Overall with a t-interval over {over}, the share of pairs of task and seed that the variant wins, and "
        "Wilcoxon with Holm's correction for these comparisons; on each task with a t-interval over seeds, "
        "not corrected."
    )
    heading = Heading(f"variants-{own}", f"Variants of {own}", note)
    return Table(heading, ("variant", "overall", "pairs won", "p", *scores.tasks), tuple(rows))


def _on_task(overall: Overall, task: int, name: str, own: str) -> Entry:
    area = overall.area[task]
    return _entry(paired(area[overall.index(name)], area[overall.index(own)]), apart=False)


def _entry(d: Difference, apart: bool) -> Entry:
    return interval(d.mean, d.low, d.high, tone=("up" if d.mean > 0 else "down") if apart else "")
