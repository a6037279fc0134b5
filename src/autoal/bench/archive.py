"""Results as one small text file that can be committed, published and read again: a line of JSON for each run."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autoal.bench import store
from autoal.bench.results import Failure, Line, Results, Run
from autoal.errors import StateError

FILE = "runs.jsonl.gz"
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
    draft.write_bytes(gzip.compress(text.encode(), mtime=0))
    draft.replace(path)


def read_archive(path: Path) -> Results:
    """What `write_archive` has written.

    Raises:
        StateError: the file is something else, or damaged.
    """
    try:
        head, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        about, failures = (json.loads(head)[key] for key in ("about", "failures"))
        runs = tuple(Run(**run | {"rounds": tuple(run["rounds"])}) for run in map(json.loads, lines))
        return Results(runs, tuple(Failure(**failure) for failure in failures), about)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise StateError("runs as autoal report writes them", f"{path}: {error!r}", "autoal report, again") from error


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
