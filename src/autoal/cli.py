"""The command line: one verb for one function of the library."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autoal import __version__, strategies
from autoal.bench.archive import read_results
from autoal.bench.bench import Bench, run_bench
from autoal.bench.demo import Demo, run_demo
from autoal.bench.results import Results
from autoal.bench.simulate import Simulate, run_simulation
from autoal.errors import AutoALError, InputError


@dataclass(frozen=True)
class Strategies:
    """List every strategy with its name, its rule, what it needs of a model, and where it comes from."""


@dataclass(frozen=True)
class Report:
    """Write what a benchmark has found as a page of HTML and as Markdown, and print the verdict."""

    folder: tyro.conf.Positional[Path]
    """what --out of `autoal bench` named, or where a report of it lies; the report is written there"""
    more: tyro.conf.Positional[tuple[Path, ...]] = ()
    """folders whose runs join those of the first; of a run that is in several, the last counts"""


Command = (
    Annotated[Bench, tyro.conf.subcommand("bench")]
    | Annotated[Report, tyro.conf.subcommand("report")]
    | Annotated[Demo, tyro.conf.subcommand("demo")]
    | Annotated[Simulate, tyro.conf.subcommand("simulate")]
    | Annotated[Strategies, tyro.conf.subcommand("strategies")]
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0, 1 if it failed or 2 if it was called wrongly."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # as of stderr: a path may hold what cannot be printed
    console, command = Console(), None
    if (sys.argv[1:] if arguments is None else arguments) == ["--version"]:
        console.print(f"autoal {__version__}", highlight=False)
        return 0
    try:
        command = tyro.cli(Command, prog="autoal", args=arguments, description=DESCRIPTION)
        return _run(command, console)
    except InputError as error:
        return _complain(error, 2)
    except AutoALError as error:
        return _complain(error, 1)
    except KeyboardInterrupt:
        print(_stopped(command), file=sys.stderr)
        return 1


DESCRIPTION = (
    "Active learning that learns by itself how far to trust each query strategy for each sample.\n\n"
    "autoal --version prints the version."
)


def _run(command: Command, console: Console) -> int:
    if isinstance(command, Bench):
        summary = run_bench(command, console)
        return 1 if summary is not None and summary.failed else 0
    if isinstance(command, Report):
        run_report(command, console)
    elif isinstance(command, Demo):
        run_demo(command, console)
    elif isinstance(command, Simulate):
        run_simulation(command, console)
    else:
        console.print(strategy_table())
    return 0


def run_report(options: Report, console: Console) -> None:
    """Write the report of one or more folders' results, beside those of the first."""
    results = Results.joined([read_results(folder) for folder in (options.folder, *options.more)])
    from autoal.bench.report import write_report  # with its templates and statistics, only where it is used

    for sentence in write_report(results, options.folder):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def strategy_table() -> Table:
    """Every registered strategy; what is long stands below each other, so that 80 columns are enough."""
    table = Table("name", "rule; what it needs of a model; where it comes from", box=SIMPLE_HEAD)
    for name, strategy in strategies.all().items():
        rule = (strategy.__doc__ or "").strip().partition("\n")[0]
        needs = ", ".join(sorted(strategy.needs)) or "nothing"
        table.add_row(name, Text.assemble(rule, "\n", (f"needs {needs}; {strategy.reference}", "dim")))
    return table


def _stopped(command: Command | None) -> str:
    """What Ctrl-C leaves, and how to go on."""
    if not isinstance(command, Bench | Demo | Simulate):
        return "stopped"
    without = " without --fresh" if isinstance(command, Demo) and command.fresh else ""
    return f"stopped; each round that has ended is written, and the same command{without} goes on from there"


def _complain(error: AutoALError, code: int) -> int:
    message = Text.assemble(("autoal:", "bold red"), f" {error}")  # whose brackets are no markup
    Console(stderr=True).print(message, highlight=False, soft_wrap=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
