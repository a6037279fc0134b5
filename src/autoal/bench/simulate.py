"""One simulated run from the command line: labels come from the data set instead of a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from rich.console import Console

from autoal.bench.cell import Cell
from autoal.bench.engine import InProcess
from autoal.bench.results import Line
from autoal.bench.runner import run_cells
from autoal.bench.statistics import aubc
from autoal.bench.store import FILE, Store
from autoal.errors import InputError, StateError
from autoal.search import Ensemble, SearchSettings
from autoal.search.settings import VoteSettings
from autoal.strategies import Strategy, to_config
from autoal.strategies import get as get_strategy
from autoal.tasks import Budget, Task, get

Settings = VoteSettings | SearchSettings


@dataclass(frozen=True)
class Simulate:
    """Run one strategy on one task with one seed; a later call with the same options goes on where this one stopped."""

    task: str = "digits"
    """the name of a task, such as digits, fashion-mnist/cnn or cifar10/linear/low; see docs/tasks.md"""
    strategy: str = "autoal"
    """a name that `autoal strategies` lists"""
    seed: int = 0
    """decides every random choice"""
    initial: int | None = None
    """labels to begin with, drawn at random; default: the task's own"""
    batch: int | None = None
    """labels a round; default: the task's own"""
    rounds: int | None = None
    """rounds of labelling; default: the task's own"""
    pool_size: int | None = None
    """samples in the pool, drawn at random; default: the task's own"""
    out: Path | None = None
    """folder for the file of results; default: results/TASK-STRATEGY-SEED"""
    data_dir: Path | None = None
    """where data sets are; default: $AUTOAL_DATA, or ~/.cache/autoal"""
    candidates: tuple[str, ...] = ()
    """of autoal and of others that choose among candidates; default: the strategy's own, of autoal the paper's seven"""
    vote: VoteSettings = field(default_factory=VoteSettings)
    """of autoal and its controls; refused with others, if changed"""
    search: SearchSettings = field(default_factory=SearchSettings)
    """of autoal and shuffled_weights; refused with others, if changed"""


def simulated_cell(options: Simulate) -> Cell:
    """What the options ask for.

    Raises:
        InputError: an option has an impossible value, or no meaning for the strategy or the task.
    """
    if options.seed < 0:
        raise InputError("--seed of at least 0", f"{options.seed}", "--seed 0")
    task, kind = get(options.task), get_strategy(options.strategy)
    given = (options.initial, options.batch, options.rounds)
    own = (task.budget.initial, task.budget.batch, task.budget.rounds)
    budget = Budget(*(default if value is None else value for value, default in zip(given, own, strict=True)))
    if options.pool_size is not None:
        _require_samples(options.pool_size, task)
    strategy = kind(**_settings(options, kind))
    return Cell(task.name, to_config(strategy), options.seed, budget, options.pool_size)


def _settings(options: Simulate, kind: type[Strategy]) -> dict[str, Any]:
    """The arguments of the strategy; an option that it would not notice is refused."""
    settings: dict[str, Any] = {}
    if "candidates" not in (field.name for field in fields(kind)):
        _refuse(kind, "a strategy that chooses among candidates", ["--candidates"] if options.candidates else [])
    elif options.candidates:
        settings["candidates"] = options.candidates
    if issubclass(kind, Ensemble):
        settings |= asdict(options.vote)
    else:
        _refuse(kind, "a strategy that holds a vote", _changed("vote", options.vote, VoteSettings()))
    if issubclass(kind, SearchSettings):
        settings |= asdict(options.search)
    else:
        _refuse(kind, "a strategy that searches", _changed("search", options.search, SearchSettings()))
    return settings


def _changed(group: str, settings: Settings, default: Settings) -> list[str]:
    """The options of a group that are not at their defaults."""
    before, now = asdict(default), asdict(settings)
    return [f"--{group}.{name.replace('_', '-')}" for name in now if now[name] != before[name]]


def _refuse(kind: type[Strategy], expected: str, names: Sequence[str]) -> None:
    if names:
        listed = " ".join(names)
        raise InputError(expected, f"{kind.name}, with {listed}", f"--strategy autoal, or no {listed}")


def _require_samples(pool_size: int, task: Task) -> None:
    """A pool is drawn from the training part, which may be smaller."""
    _, n = task.source.counts()
    if not 1 <= pool_size <= n:
        raise InputError(
            f"--pool-size from 1 to {n}, the samples of {task.source.name}", f"{pool_size}", "no --pool-size"
        )


def run_simulation(options: Simulate, console: Console) -> None:
    """Run it, printing each round as it ends, or again if it is known already.

    Raises:
        StateError: the run has failed.
    """
    cell = simulated_cell(options)
    out = options.out or Path("results") / re.sub(r"[^\w.=-]+", "-", f"{cell.task}-{cell.label}-{cell.seed}")
    with Store(out / FILE) as store:
        store.plan([cell])
        for line in store.rounds(cell):
            _print(line, console)
        summary = run_cells([cell], store, InProcess(), options.data_dir, hear=lambda _, line: _print(line, console))
        if summary.failed:
            got = store.results([cell]).failures[0].error
            raise StateError("a run that ends well", got, f"the traceback in {store.path}, table cells")
        rounds = store.rounds(cell)
    labels, accuracy = ([line[name] for line in rounds] for name in ("labels", "accuracy"))
    found = f"AUBC {aubc(labels, accuracy):.2%}, final accuracy {accuracy[-1]:.2%}"
    console.print(f"{found}; results in {out / FILE}", markup=False, soft_wrap=True)


def _print(line: Line, console: Console) -> None:
    seconds = line["seconds"]["query"]
    console.print(f"round {line['round']:3d}  {line['labels']:6d} labels  {line['accuracy']:7.2%}  {seconds:8.3f} s")
