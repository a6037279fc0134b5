"""The tables of docs/search.md and docs/benchmark.md that say what AutoAL gains, made from the runs in docs/benchmarks.

Run: python benchmarks/evidence.py (after a report in docs/benchmarks has changed)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from autoal.bench.archive import read_results
from autoal.bench.results import Results
from autoal.bench.scores import Scores
from autoal.bench.tables import Entry, Heading, Table, interval, percent
from versus import compared

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN, END = "<!-- made by `python benchmarks/evidence.py` -->\n", "<!-- end -->\n"
OURS = "autoal"
HELD_OUT = ("held_out", "held_out_2", "held_out_mlp")
NOT_HELD_OUT = "npz:optdigits.npz/"  # it holds the images of Digits, which is among the development tasks
SUMMARY = {
    "[17 tasks on features](benchmarks/dev/report.md), ten seeds": ("dev",),
    "[40 tasks of 12 data sets that were held out](benchmark.md#held-out-data), five or ten seeds": HELD_OUT,
    "[four tasks with 750 to 3,000 labels](benchmarks/mid/report.md), ten seeds": ("mid",),
    "[from pixels](benchmarks/cnn/report.md), twenty seeds": ("cnn",),
}
HELD = {
    "[12 tasks of 5 data sets](benchmarks/held_out/report.md), ten seeds": ("held_out",),
    "[14 tasks of 7 more](benchmarks/held_out_2/report.md), five seeds": ("held_out_2",),
    "[the 7 with an MLP](benchmarks/held_out_mlp/report.md), 14 tasks, five seeds": ("held_out_mlp",),
    "these 7, 28 tasks": HELD_OUT[1:],
    "all 40": HELD_OUT,
}
EVERYWHERE = {
    "random": "Random",
    "margin": "Margin, its best candidate on average",
    "tcm": "TCM",
    "refine": "REFINE",
    "u_herding": "UHerding",
    "diversified": "`diversified`: Margin with coverage of the embedding, without class need",
    "uniform_weights": "the plain vote of the same candidates (`uniform_weights`)",
    "random_weights": "random weights",
    "autoal:first_vote_only": "its first vote, without any search (`first_vote_only`)",
    "shuffled_weights": "its own weights shuffled over the samples",
    "shuffled_weights:across=candidates": "its own weights, and the first vote, shuffled over the candidates",
    "autoal:embedding_only": "itself with coverage of the embedding alone (`embedding_only`)",
}
LEARNED = "decoys,favourite=None"  # so that a vote is what was learned, and nothing else
EVEN = f"{OURS}:{LEARNED}"
ON_DEV = {
    **{(OURS, other): said for other, said in EVERYWHERE.items()},
    (OURS, "entropy"): "Entropy",
    (OURS, "albl"): "ALBL",
    (OURS, "tailor"): "TAILOR",
    (OURS, "select_al"): "SelectAL",
    ("autoal:decoys", OURS): "with three bad candidates, against itself without them",
    ("autoal:decoys", "uniform_weights:decoys"): "with them, against uniform weights with them",
    ("autoal:decoys", "shuffled_weights:decoys"): "with them, against its own weights shuffled over the samples",
    ("autoal:decoys", "shuffled_weights:decoys,across=candidates"): "with them, shuffled over the candidates",
    ("autoal:decoys", "random"): "with them, against Random",
    (
        f"{OURS}:no_favourite",
        "uniform_weights",
    ): "from a uniform first vote (`no_favourite`), against the vote kept uniform",
    (EVEN, "uniform_weights:decoys"): "from a uniform first vote, with bad candidates, against the vote kept uniform",
    (
        EVEN,
        f"shuffled_weights:{LEARNED},across=candidates",
    ): "the same, against what it learned shuffled over candidates",
}
BAD, KEPT = "autoal:bad_favourite", "autoal:bad_favourite_kept"
MISLED = {
    (KEPT, OURS): "the first vote for the candidate that seeks confidence, kept, against AutoAL",
    (BAD, OURS): "the same first vote with the search, against AutoAL",
    (BAD, KEPT): "what the search takes back",
    (KEPT, "random"): "the first vote, kept, against Random",
    (BAD, "random"): "with the search, against Random",
}
PARTS = {
    "topk": "no coverage",
    "loss_prediction_only": "no vote",
    "no_favourite": "a uniform start",
    "no_balance": "no class need",
    "embedding_only": "no joint space",
    "no_handicap": "every difference counts",
    "no_fitnet": "the user's model judges itself",
    "first_vote_only": "no search",
    "candidates_all": "all candidates",
    "no_gates": "no Theta",
    "per_round": "one vote for all samples",
    "few_references": "2,000 samples to cover",
    "candidates_5": "five",
    "candidates_3": "three",
    "candidates_1": "Margin",
    "no_loss_prediction": "no loss-prediction head",
    "no_mixture": "plain quantiles",
    "no_halves": "scores of what FitNet was trained on",
    "error_only": "not what labels taught",
}


def gains(reports: Mapping[str, tuple[str, ...]]) -> str:
    """AutoAL minus each other strategy in points of AUBC, with 95 % intervals over tasks; a column for some reports."""
    rows = [(Entry(said), *(_gain(names, other) for names in reports.values())) for other, said in EVERYWHERE.items()]
    return _table(("AutoAL minus, in points", *reports), [row for row in rows if any(str(gain) for gain in row[1:])])


def pairs(report: str, which: Mapping[tuple[str, str], str], head: str) -> str:
    """One strategy minus another in one report, and the share of pairs of task and seed won."""
    rows = [
        (Entry(said), _gain((report,), other, ours), percent(compared(_scores(report), ours, other).each.won))
        for (ours, other), said in which.items()
    ]
    return _table((head, "points", "pairs won"), rows)


def parts(report: str) -> str:
    """AutoAL minus itself without each of its parts, the dearest loss first."""
    without = {f"{OURS}:{name}": f"`{name}`: {said}" for name, said in PARTS.items()}
    order = sorted(without, key=lambda name: -compared(_scores(report), OURS, name)[0].mean)
    return pairs(report, {(OURS, name): without[name] for name in order}, "AutoAL minus itself with")


def documents() -> dict[Path, str]:
    """What the documents should hold."""
    dev, misled = pairs("dev", ON_DEV, "AutoAL against"), pairs("bad_favourite", MISLED, "a bad favourite")
    tables = {"search.md": [gains(SUMMARY)], "benchmark.md": [dev, misled, parts("peers"), gains(HELD)]}
    return {DOCS / name: filled((DOCS / name).read_text(encoding="utf-8"), made) for name, made in tables.items()}


def filled(text: str, tables: Sequence[str]) -> str:
    """A document with the tables between its pairs of marks made again, in this order."""
    before, *rest = text.split(BEGIN)
    after = [part.split(END, maxsplit=1)[1] for part in rest]
    return before + "".join(f"{BEGIN}\n{table}\n{END}{part}" for table, part in zip(tables, after, strict=True))


@cache
def _scores(*reports: str) -> Scores:
    return Scores.of(Results.joined([read_results(DOCS / "benchmarks" / name) for name in reports]))


def _gain(reports: tuple[str, ...], other: str, ours: str = OURS) -> Entry:
    """Empty where the reports lack the other strategy."""
    scores = _scores(*reports)
    if other not in scores.strategies:
        return Entry("")
    without = [task for task in scores.tasks if task.startswith(NOT_HELD_OUT)]
    over, _, by_task = compared(scores, ours, other, without)
    on = f", {len(by_task)} tasks" if len(by_task) + len(without) < len(scores.tasks) else ""
    return Entry(f"{interval(over.mean, over.low, over.high)}{on}")


def _table(columns: tuple[str, ...], rows: Sequence[tuple[Entry, ...]]) -> str:
    return Table(Heading("", "", ""), columns, tuple(rows)).markdown(escape=str) + "\n"


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
