"""Results as one small text file that can be committed, published and read again: a line of JSON for each run."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autoal.bench import store
from autoal.bench.results import Line, Results, Run
from autoal.bench.schema import HINT, checked_facts, checked_failure, checked_run, parsed
from autoal.errors import StateError
from autoal.reading import open_regular, read_all, reading

FILE = "runs.jsonl.gz"
LIMIT = 1 << 30  # bytes of its text; that of the largest report has 46 million
LEFT_OUT = frozenset({"ids", "class_counts", "memory", "warnings"})  # most of the bytes, and in no table
DIGITS, FEWER = 6, 4  # significant ones of what is measured, and of seconds and weights


def read_results(folder: Path) -> Results:
    """What a benchmark has left in a folder, or what a report of one has.

    Raises:
        StateError: neither is there.
    """
    if (folder / FILE).is_file() and not (folder / store.FILE).is_file():
        return read_archive(folder / FILE)
    with store.Store.of(folder) as found:
        return found.results()


def write_archive(results: Results, path: Path) -> None:
    """Write all that reports are made of; equal results give equal bytes, in whatever order.

    The ids of the rounds are left out.
    """
    head = {"about": results.about, "failures": [asdict(failure) for failure in results.failures]}
    lines = [head, *map(_plain, sorted(results.runs, key=lambda run: (run.task, run.strategy, run.seed)))]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    draft = path.with_name(path.name + ".part")  # what is there may be the only copy
    try:
        with open(draft, "wb") as file:
            file.write(gzip.compress(text.encode(), mtime=0))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_archive(path: Path) -> Results:
    """What `write_archive` has written.

    Raises:
        StateError: the file is something else, or damaged.
    """
    with (
        reading("runs as autoal report writes them", path, "autoal report, again", StateError),
        open_regular(path) as file,
    ):
        head, *lines = read_all(gzip.GzipFile(fileobj=file), LIMIT, path).decode().removesuffix("\n").split("\n")
    about = parsed(head, f"line 1 of {path}")
    if (
        not isinstance(about, dict)
        or not {"about", "failures"} <= set(about)
        or not isinstance(about["failures"], list)
    ):
        raise StateError("runs as autoal report writes them, with about and failures first", f"{path}", HINT)
    failures = tuple(checked_failure(failure, f"the failures of {path}") for failure in about["failures"])
    places = [f"line {number} of {path}" for number in range(2, len(lines) + 2)]
    runs = tuple(checked_run(parsed(line, place), place) for line, place in zip(lines, places, strict=True))
    _require_distinct(runs, places)
    return Results(runs, failures, checked_facts(about["about"], f"line 1 of {path}"))


def _require_distinct(runs: Sequence[Run], places: Sequence[str]) -> None:
    seen: dict[tuple[str, str, int], str] = {}
    for run, place in zip(runs, places, strict=True):
        cell = (run.task, run.strategy, run.seed)
        if cell in seen:
            got = f"{run.strategy} on {run.task}, seed {run.seed}, in {seen[cell]} and in {place}"
            raise StateError("one run a cell", got, HINT)
        seen[cell] = place


def _plain(run: Run) -> Line:
    return asdict(run) | {"rounds": [dict(_kept(line)) for line in run.rounds]}


def _kept(line: Line) -> Iterator[tuple[str, Any]]:
    for key, value in line.items():
        if key not in LEFT_OUT:
            yield key, _rounded(value)


def _rounded(value: Any, digits: int = DIGITS) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    return {key: _rounded(each, FEWER) for key, each in value.items()} if isinstance(value, dict) else value
