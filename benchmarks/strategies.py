"""What each strategy costs: by the size of the pool, beside scikit-activeml, and together after one shared pass.

Each part appends its figures to a file of JSON lines as they come. A stopped run goes on where it was, and the page is
made from what is there; errors are tried again.

Run: python benchmarks/strategies.py [--parts scale peers pass] [--strategies NAME ...] [--render-only]
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import torch
import tyro
from rich.console import Console

import peers
import strategy_cells
import strategy_page
from autoal import strategies
from autoal.progress import progress_bar
from autoal.search.variants import TRAINED
from lines import Lines
from strategy_cells import Problem

Record = dict[str, Any]
Part = Literal["scale", "peers", "pass"]
HERE = Path(__file__).resolve().parent
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
console = Console(stderr=True)


@dataclass(frozen=True)
class Options:
    """What is measured; the page shows what was asked for."""

    parts: tuple[Part, ...] = ("scale", "peers", "pass")
    """which parts are measured"""
    strategies: tuple[str, ...] = ()
    """only these; default: all of autoal.strategies, without those that choose among others by what they learn"""
    rows: tuple[int, ...] = (10_000, 50_000, 200_000, 1_000_000)
    """sizes of the pool in the part scale"""
    classes: tuple[int, ...] = (10, 100)
    """numbers of classes in the part scale"""
    features: int = 512
    """dimensions of the embedding in the part scale"""
    labelled: int = 1000
    """labelled samples in the parts scale and pass"""
    batch: int = 1000
    """size of the batch in the parts scale and pass"""
    rows_peers: int = 20_000
    """size of the pool beside scikit-activeml"""
    features_peers: int = 64
    """dimensions of the embedding beside scikit-activeml"""
    labelled_peers: int = 100
    """labelled samples beside scikit-activeml"""
    batch_peers: int = 1000
    """size of the batch beside scikit-activeml"""
    images: int = 50_000
    """size of the pool in the part pass"""
    limit: float = 1200.0
    """seconds that a cell's process may take, its start included; the part pass has no limit"""
    memory: float = 12.0
    """GiB of its own that a cell's process may take"""
    scratch: Path = Path(tempfile.gettempdir()) / "autoal-bench"
    """where the features lie, about 3 GiB for each number of classes"""
    results: Path = Path("docs/benchmarks/strategies.jsonl")
    """raw figures"""
    out: Path = Path("docs/benchmarks/strategies.md")
    """the page"""
    render_only: bool = False
    """measure nothing, make the page from the figures there are"""
    again: bool = False
    """measure also what is known already"""

    def names(self) -> list[str]:
        """The strategies that are measured."""
        return [strategies.get(name).name for name in self.strategies] or list(strategies.built_in())


def scale_cells(options: Options) -> list[Record]:
    """The keys of the part scale: small pools first."""
    problems = [
        Problem(rows, classes, options.features, options.labelled)
        for rows in sorted(options.rows)
        for classes in options.classes
    ]
    return [_key("scale", name, problem, options.batch) for problem in problems for name in options.names()]


def peer_cells(options: Options) -> list[Record]:
    """The keys of the part peers."""
    problem = Problem(options.rows_peers, 10, options.features_peers, options.labelled_peers)
    names = [pair.name for pair in peers.shared() if pair.name in options.names()]
    return [_key("peers", name, problem, options.batch_peers) for name in names]


def pass_key(options: Options) -> Record:
    """What all lines of the part pass have in common."""
    images, batch = options.images, min(options.batch, options.images // 2)
    return {"part": "pass", "images": images, "labelled": min(options.labelled, images), "batch": batch}


def _key(part: str, name: str, problem: Problem, batch: int) -> Record:
    return {"part": part, "strategy": name, "problem": dataclasses.asdict(problem), "batch": batch}


def measure(cells: list[Record], script: str, options: Options, results: Lines) -> None:
    """Each of the cells that is not known yet, in a process of its own."""
    left = [cell for cell in cells if options.again or not settled(find(results, cell), options.limit)]
    folders = _folders([Problem(**cell["problem"]) for cell in left], options.scratch)
    with progress_bar(console, transient=False) as bar:
        task = bar.add_task(script.removesuffix(".py"), total=len(left))
        for cell in left:
            bar.update(task, description=title(cell))
            record = cell | run_cell(cell, script, folders[Problem(**cell["problem"]).folder], options)
            results.append(record)
            console.print(f"{title(cell)}: {summary(record)}", highlight=False, soft_wrap=True)
            bar.advance(task)


def _folders(problems: list[Problem], scratch: Path) -> dict[str, Path]:
    """Where the arrays of each problem lie, by its folder's name: those of the longest serve the others."""
    longest = {problem.folder: problem for problem in sorted(problems, key=lambda problem: problem.rows)}
    return {name: _drawn(problem, scratch) for name, problem in longest.items()}


def _drawn(problem: Problem, scratch: Path) -> Path:
    with progress_bar(console) as bar:
        task = bar.add_task(f"drawing {problem.rows}x{problem.folder}", total=problem.rows)
        return strategy_cells.prepared(problem, scratch, lambda rows: bar.update(task, completed=rows))


def run_cell(cell: Record, script: str, folder: Path, options: Options) -> Record:
    """The lines that the cell's process printed, and how it ended."""
    limits = {"memory": options.memory, "started": time.time(), "folder": str(folder)}
    command = [sys.executable, str(HERE / script), json.dumps(cell | limits)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=options.limit, env=os.environ | ONE_THREAD)
        out, outcome = done.stdout, outcome_of(done.returncode, done.stderr.decode())
    except subprocess.TimeoutExpired as late:
        out, outcome = late.stdout or b"", "over limit"
    lines = [json.loads(line) for line in out.splitlines()]
    found = {"outcome": outcome, "limit": options.limit, "memory": options.memory}
    return found | {"lines": lines} if cell["part"] == "peers" else found | (lines[0] if lines else {})


def outcome_of(code: int, said: str) -> str:
    """How a process ended, in a few words."""
    if code == 0:
        return "ok"
    if any(words in said for words in ("MemoryError", "can't allocate memory", "Unable to allocate")):
        return "out of memory"
    last = said.strip().splitlines()[-1:] or [f"ended with {code}"]
    return f"error: {last[0][:200]}"


def measure_pass(options: Options, results: Lines) -> None:
    """The shared pass and all strategies that train nothing, in one process with all cores."""
    key = pass_key(options)
    names = [name for name in options.names() if name not in TRAINED]
    known = {line["stage"] for line in results.rounds or [] if _has(line, key) and line["outcome"] == "ok"}
    if not options.again and {"pass", "stochastic passes", *names} <= known:
        return
    command = [sys.executable, str(HERE / "strategy_cells.py"), json.dumps(key | {"strategies": names})]
    environment = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    with (
        progress_bar(console, transient=False) as bar,
        subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process,
    ):
        task = bar.add_task(f"pass over {key['images']:,} images", total=len(names) + 2)
        assert process.stdout is not None
        try:
            for line in process.stdout:
                record = key | {"outcome": "ok"} | json.loads(line)
                results.append(record)
                console.print(f"pass, {record['stage']}: {summary(record)}", highlight=False, soft_wrap=True)
                bar.advance(task)
        except KeyboardInterrupt:
            process.kill()
            raise
    if process.returncode:
        raise SystemExit(f"the part pass ended with {process.returncode}")


def find(results: Lines, cell: Record) -> Record | None:
    """The newest record of a cell."""
    return next((line for line in reversed(results.rounds or []) if _has(line, cell)), None)


def settled(record: Record | None, limit: float) -> bool:
    """Whether a cell need not run again: it ended well, or ran out of no less time or memory than now."""
    if record is None or record["outcome"].startswith("error"):
        return False
    return record["outcome"] != "over limit" or bool(record["limit"] >= limit)


def _has(line: Record, key: Record) -> bool:
    return all(line.get(name) == value for name, value in key.items())


def title(cell: Record) -> str:
    """A cell in a few words."""
    problem = cell["problem"]
    return f"{cell['part']} {cell['strategy']}, {problem['rows']:,} rows, {problem['classes']} classes"


def summary(record: Record) -> str:
    """How it went, in a few words."""
    if record["outcome"] != "ok":
        return str(record["outcome"])
    if "lines" in record:
        ended = [line for line in record["lines"] if "seconds" in line]
        return ", ".join(f"{line['side']} {line['seconds']:.3f} s {line['mebibytes']:.1f} MiB" for line in ended)
    memory = f", {record['mebibytes']:.1f} MiB" if "mebibytes" in record else ""
    return f"{record['seconds']:.3f} s{memory}"


def facts() -> Record:
    """The machine, the versions and the command of this run."""
    cpu = [
        line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{cpu[0] if cpu else platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
    versions = {"python": platform.python_version()}
    versions |= {name: _version(name) for name in ("torch", "numpy", "scikit-activeml")}
    said = ", ".join(f"{name} {version}" for name, version in versions.items())
    command = shlex.join(["python", "benchmarks/strategies.py", *sys.argv[1:]])
    return {"part": "run", "machine": f"{machine}{memory:.0f} GiB", "versions": said, "command": command}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def run(options: Options, results: Lines) -> None:
    """Measure the parts asked for."""
    results.append(facts() | {"parts": options.parts})
    if "scale" in options.parts:
        measure(scale_cells(options), "strategy_cells.py", options, results)
    if "peers" in options.parts and find_spec("skactiveml") is None:
        console.print("the part peers is left out: pip install scikit-activeml==1.0.1")
    elif "peers" in options.parts:
        measure(peer_cells(options), "peers.py", options, results)
    if "pass" in options.parts:
        measure_pass(options, results)


def records(options: Options, results: Lines) -> Iterator[Record]:
    """What the page shows: the newest record of each cell asked for, and how it was measured."""
    yield from (line for line in results.rounds or [] if line["part"] == "run")
    cells = [*scale_cells(options), *peer_cells(options)]
    key = pass_key(options)
    stages = [key | {"stage": name} for name in ("pass", "stochastic passes", *options.names())]
    yield from (found for cell in (*cells, *stages) if (found := find(results, cell)) is not None)


def main(options: Options) -> int:
    """Measure, then print the page and write it; also when stopped."""
    results, code = Lines(options.results, {"benchmark": "strategies"}), 0
    try:
        if not options.render_only:
            run(options, results)
    except KeyboardInterrupt:
        console.print("stopped; the same command goes on from here")
        code = 130
    page = strategy_page.page(list(records(options, results)))
    print(page)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(page + "\n", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options)))
