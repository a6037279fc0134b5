"""The page of `strategies.py`: what its records say, as Markdown."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from peers import LEAN, PAIRS

Record = dict[str, Any]
LEAST = 1.0  # MiB: less counts as this much in ratios
GOAL_TIMES, GOAL_MEMORY, GOAL_PASS, GOAL_GROWTH = 5.0, 5.0, 2.0, 1.0


def page(records: list[Record]) -> str:
    """The whole page."""
    runs = [record for record in records if record["part"] == "run"]
    scale, peers, one = (
        [record for record in records if record["part"] == part] for part in ("scale", "peers", "pass")
    )
    parts = ["# What each strategy costs", _how(runs), *_scale(scale), *_peers(peers), *_pass(one)]
    return "\n\n".join(part for part in parts if part)


def _how(runs: list[Record]) -> str:
    lines = ["Made by `benchmarks/strategies.py`; do not edit."]
    for name in ("machine", "versions"):
        lines += [f"- {name}: {value}" for value in dict.fromkeys(run[name] for run in runs)]
    measured = (run["command"] for run in runs)
    return "\n".join([lines[0], "", *lines[1:], *(f"- `{command}`" for command in dict.fromkeys(measured))])


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all but the first column to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _scale(records: list[Record]) -> list[str]:
    """One table for each number of classes."""
    if not records:
        return []
    first = records[0]
    problem, batch = first["problem"], first["batch"]
    text = (
        f"One query of {batch:,} on one thread, with {problem['features']} features of four bytes mapped from a file "
        f"and {problem['labelled']:,} labelled rows. MiB: the peak of anonymous memory beyond features and snapshot. "
        f"Growth: the exponent of memory in rows, from the smallest to the largest pool (less than {LEAST:g} MiB "
        f"counts as {LEAST:g}); goal: at most about {GOAL_GROWTH:g}. `*`: an approximation, as listed below the table."
    )
    parts = ["## By the size of the pool", text]
    for classes in sorted({record["problem"]["classes"] for record in records}):
        chosen = [record for record in records if record["problem"]["classes"] == classes]
        parts += [f"### {classes} classes", _scale_table(chosen), _warnings(chosen)]
    return parts


def _scale_table(records: list[Record]) -> str:
    sizes = sorted({record["problem"]["rows"] for record in records})
    header = ["strategy", *(f"{rows:,} rows: s | MiB" for rows in sizes), "growth"]
    found = {(record["strategy"], record["problem"]["rows"]): record for record in records}
    rows = []
    for name in dict.fromkeys(record["strategy"] for record in records):
        line = [found.get((name, size)) for size in sizes]
        rows.append([name, *(_seconds_and_memory(record) for record in line), _growth(line)])
    return table(" | ".join(header).split(" | "), rows)


def _seconds_and_memory(record: Record | None) -> str:
    """Two cells of the table."""
    if record is None:
        return " | "
    if record["outcome"] != "ok":
        return f"{_failed(record)} | "
    return f"{_number(record['seconds'])}{'*' if record['warnings'] else ''} | {record['mebibytes']:.0f}"


def _failed(record: Record) -> str:
    outcome = str(record["outcome"]).replace("|", "/")
    return {"over limit": f"over {record['limit']:g} s", "out of memory": f"over {record['memory']:g} GiB"}.get(
        outcome, outcome
    )


def _number(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 100 else f"{seconds:.1f}" if seconds >= 10 else f"{seconds:.3f}"


def _growth(line: Sequence[Record | None]) -> str:
    """log(memory ratio) / log(rows ratio) of the first and last that were measured."""
    known = [record for record in line if record is not None and record["outcome"] == "ok"]
    if len(known) < 2:
        return ""
    low, high = known[0], known[-1]
    memory = max(high["mebibytes"], LEAST) / max(low["mebibytes"], LEAST)
    return f"{math.log(memory) / math.log(high['problem']['rows'] / low['problem']['rows']):.2f}"


def _warnings(records: list[Record]) -> str:
    said = [f"{record['strategy']}: {text}" for record in records for text in record.get("warnings", ())]
    return "\n".join(f"- \\* {text}" for text in dict.fromkeys(said))


def _peers(records: list[Record]) -> list[str]:
    """Both sides of each pair, the ratios, and the goals."""
    if not records:
        return []
    problem, batch = records[0]["problem"], records[0]["batch"]
    text = (
        f"The same arrays, process and thread: {problem['rows']:,} rows, {problem['features']} features, "
        f"{problem['classes']} classes, {problem['labelled']:,} labelled, a batch of {batch:,}. Ratios are theirs / "
        "ours. Both sides know the model's answers beforehand. Reducing stochastic passes to statistics is part of our "
        "time and memory, though in a query it is part of the pass; DropQuery's own passes are part of theirs. In "
        f"ratios less than {LEAST:g} MiB counts as {LEAST:g}. `>`: theirs was stopped."
    )
    return ["## Beside scikit-activeml", text, _peers_table(records), _reduced(records), _goals(records)]


def _peers_table(records: list[Record]) -> str:
    header = ["strategy", "theirs", "ours s", "theirs s", "times", "ours MiB", "theirs MiB", "memory"]
    return table(header, [_peers_row(record) for record in records])


def _peers_row(record: Record) -> list[str]:
    names = [record["strategy"], next(pair.theirs for pair in PAIRS if pair.name == record["strategy"])]
    one, other = side(record, "ours"), side(record, "theirs")
    if one is None or other is None:
        return [*names, _failed(record), *[""] * 5]
    times, memory = ratios(record)
    more = "> " if other["stopped"] else ""
    seconds = [_number(one["seconds"]), _bound(other["seconds"], _number, more), _bound(times, "{:.1f}".format, more)]
    mebibytes = [_bound(other["mebibytes"], "{:.1f}".format, more), _bound(memory, "{:.1f}".format, more)]
    return [*names, *seconds, f"{one['mebibytes']:.1f}", *mebibytes]


def _bound(value: float | None, form: Callable[[float], str], more: str) -> str:
    return "?" if value is None else more + form(value)


def _reduced(records: list[Record]) -> str:
    """What of our time is left where the statistics are known."""
    known = [(record["strategy"], side(record, "selection")) for record in records]
    return "\n".join(
        f"- {name}, the statistics known: {_number(line['seconds'])} s, {line['mebibytes']:.1f} MiB"
        for name, line in known
        if line is not None
    )


def side(record: Record, which: str) -> Record | None:
    """What was measured on one side; of theirs a lower bound of what it was stopped for, and None for the other."""
    lines = [line for line in record["lines"] if line["side"] == which]
    if not lines:
        return None
    if "seconds" in lines[-1]:
        return {**lines[-1], "stopped": False}
    if which == "theirs" and record["outcome"] == "over limit":
        return {"seconds": record["limit"] - lines[-1]["began"], "mebibytes": None, "stopped": True}
    if which == "theirs" and record["outcome"] == "out of memory":
        return {"seconds": None, "mebibytes": record["memory"] * 1024, "stopped": True}
    return None


def ratios(record: Record) -> tuple[float | None, float | None]:
    """Theirs / ours, of seconds and of memory."""
    one, other = side(record, "ours"), side(record, "theirs")
    if one is None or other is None:
        return None, None
    times = None if other["seconds"] is None else other["seconds"] / one["seconds"]
    memory = None if other["mebibytes"] is None else max(other["mebibytes"], LEAST) / max(one["mebibytes"], LEAST)
    return times, memory


def _goals(records: list[Record]) -> str:
    """Medians, and which strategies miss which goal; a lower bound counts as the value."""
    times = {record["strategy"]: found for record in records if (found := ratios(record)[0]) is not None}
    memory = {record["strategy"]: found for record in records if (found := ratios(record)[1]) is not None}
    slower = [name for name, ratio in times.items() if ratio < 1]
    large = [name for name, ratio in memory.items() if name in LEAN and ratio < GOAL_MEMORY]
    among = ", ".join(name for name in memory if name in LEAN)
    return "\n".join(
        [
            f"- median ratio of times: {_median(times)} (goal: at least {GOAL_TIMES:g})",
            f"- slower than theirs: {', '.join(slower) or 'none'} (goal: none)",
            f"- median ratio of memory: {_median(memory)}",
            f"- more than 1/{GOAL_MEMORY:g} of their memory, of {among}: {', '.join(large) or 'none'} (goal: none)",
        ]
    )


def _median(found: dict[str, float]) -> str:
    return f"{statistics.median(found.values()):.1f}" if found else "?"


def _pass(records: list[Record]) -> list[str]:
    """The pass, each selection, and the ratio to Entropy alone."""
    seconds = {record["stage"]: record["seconds"] for record in records if record["outcome"] == "ok"}
    if "pass" not in seconds:
        return []
    first = records[0]
    whole, stochastic = seconds["pass"], seconds.get("stochastic passes", 0.0)
    text = (
        f"ResNet-18 over {first['images']:,} random images of 32 x 32 pixels, {first['threads']} threads, "
        f"{first['labelled']:,} labelled, a batch of {first['batch']:,}; every strategy that trains nothing selects "
        "from what the one pass saw."
    )
    chosen = {name: value for name, value in seconds.items() if name not in ("pass", "stochastic passes")}
    rows = [["the pass", f"{whole:.2f}"], ["of it stochastic passes", f"{stochastic:.2f}"]]
    rows += [[name, f"{value:.3f}"] for name, value in chosen.items()]
    rows += [[record["stage"], _failed(record)] for record in records if record["outcome"] != "ok"]
    parts = ["## One pass for all strategies", text, table(["stage", "s"], rows)]
    if "entropy" not in chosen:
        return parts
    everything, entropy = whole + sum(chosen.values()), chosen["entropy"]
    parts.append(
        f"Pass and all {len(chosen)} selections / pass and Entropy: {everything:.2f} s / {whole + entropy:.2f} s = "
        f"**{everything / (whole + entropy):.3f}** (goal {GOAL_PASS:g}); against a pass for Entropy alone, without "
        f"stochastic passes: {everything / (whole - stochastic + entropy):.3f}."
    )
    return parts
