"""Names of tasks, settings of benchmarks, and the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from fuzzing import fuzz, only_autoal_errors
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rubbish import anything

from autoal import cli, tasks
from autoal.bench.bench import Bench, bench_cells
from autoal.bench.demo import Demo, demo_cells
from autoal.bench.simulate import Simulate, simulated_cell
from autoal.random import SeedTree
from autoal.tasks.names import readable

PARTS = (
    *(
        "digits",
        "cifar10",
        "svhn",
        "npz:",
        "csv:",
        "folder:",
        "npz:a.npz",
        "csv:a.csv",
        "folder:x",
        "digit",
        "",
        " ",
        ".",
    ),
    *("linear", "mlp", "cnn", "resnet18", "low", "tiny", "high", "imbalance=10", "noise=0.1", "outside=0.3", "size=32"),
    *(
        "label=y",
        "duplicates=1e-9",
        "noise=nan",
        "imbalance=inf",
        "imbalance=1e400",
        "size=-1",
        "size=9" * 40,
        "a=b",
        "=",
        "=1",
    ),
    *(
        "noise=",
        "size=a",
        "label=%2F",
        "%",
        "%zz",
        "%2F",
        "%ff",
        "%00",
        "\0",
        "\ud800",
        "é",
        "..",
        "~",
        "a\nb",
        "x" * 300,
    ),
)
task_names = st.lists(st.sampled_from(PARTS), max_size=4).map("/".join) | st.text(max_size=8)


@given(name=task_names | anything())
@fuzz(50)
def test_names_of_tasks(name: Any) -> None:
    found = only_autoal_errors(lambda: tasks.get(name), name)
    if not found.refused:
        task = found.value
        assert tasks.get(task.name) == task
        assert tasks.get(readable(task.name)) == task
        repr(task)
        only_autoal_errors(lambda: task.budget, name)
        only_autoal_errors(lambda: task.source.contents(), name)
    only_autoal_errors(lambda: tasks.suite(name), name)


@given(
    data=st.data(),
    name=st.sampled_from(
        ["digits", "digits/linear/tiny", "digits/mlp/low/noise=0.9", "digits/linear/low/outside=0.9/imbalance=1e300"]
    ),
)
@fuzz(5)
def test_splits_of_a_task(data: Any, name: str) -> None:
    size = data.draw(st.none() | st.sampled_from([0, 1, 2, 9, 10**9, -1]) | anything())
    seed = data.draw(st.integers(0, 3))
    only_autoal_errors(lambda: tasks.get(name).split(None, SeedTree(seed), size), (name, size))


NAMES = st.lists(st.sampled_from(["digits", "digits/linear/tiny", "npz:none.npz", "nothing", ""]), max_size=2).map(
    tuple
)
NUMBERS = st.none() | st.integers(-1, 3) | st.sampled_from([10**9])
STRATEGIES = st.lists(
    st.sampled_from(
        [
            "all",
            "ablations",
            "decoys",
            "sensitivity",
            "boss",
            "margin",
            "autoal:doubt=1",
            "autoal:doubt=x",
            "autoal:",
            "margin:a=1",
            ":",
            "",
            "ceal:measure=entropy",
            "power:beta=nan",
        ]
    ),
    max_size=2,
).map(tuple)


@given(names=NAMES, chosen=STRATEGIES, seeds=st.none() | st.integers(-1, 2), rounds=NUMBERS)
@fuzz(4)
def test_benchmarks(names: Any, chosen: Any, seeds: Any, rounds: Any) -> None:
    options = Bench(tasks=names or ("digits",), strategies=chosen, seeds=seeds or 1, rounds=rounds)
    only_autoal_errors(lambda: bench_cells(options), options)
    only_autoal_errors(lambda: demo_cells(Demo(task=(names or ("",))[0], seeds=seeds or 1, rounds=rounds)), options)


@given(
    task=task_names | st.just("digits"),
    strategy=st.sampled_from(["margin", "autoal", "albl", "none", "", "Margin"]),
    numbers=st.tuples(st.integers(-1, 3), NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    candidates=st.lists(st.sampled_from(["margin", "entropy", "none"]), max_size=2).map(tuple),
)
@fuzz(13)
def test_simulations(task: str, strategy: str, numbers: Any, candidates: Any) -> None:
    seed, initial, batch, rounds, pool = numbers
    options = Simulate(task, strategy, seed, initial, batch, rounds, pool, candidates=candidates)
    only_autoal_errors(lambda: simulated_cell(options), options)


WORDS = (
    *(
        "bench",
        "report",
        "demo",
        "simulate",
        "strategies",
        "query",
        "label",
        "--help",
        "--version",
        "--list",
        "--dry-run",
    ),
    *(
        "--task",
        "--tasks",
        "--strategy",
        "--strategies",
        "--seeds",
        "--rounds",
        "--suite",
        "--engine",
        "--workers",
        "--seed",
    ),
    *(
        "--initial",
        "--batch",
        "--pool-size",
        "--candidates",
        "--vote.batch",
        "--search.doubt",
        "--fresh",
        "--no-fresh",
        "--out",
    ),
    *(
        "digits",
        "npz:none.npz",
        "margin",
        "none",
        "0",
        "-1",
        "1",
        "2",
        "nan",
        "1e9",
        "smoke",
        "ray",
        "",
        "-",
        "--",
        "=",
        "é",
        "\ud800",
        "x" * 300,
    ),
)
QUICK = ("run_bench", "run_demo", "run_simulation")  # what takes minutes is stopped once the arguments are known


@given(words=st.lists(st.sampled_from(WORDS), max_size=6), data=st.data())
@fuzz(13)
def test_command_lines(tmp_path_factory: pytest.TempPathFactory, words: list[str], data: Any) -> None:
    folder = tmp_path_factory.getbasetemp() / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.getbasetemp())
        patch.setattr(cli, "run_bench", _planned)
        patch.setattr(cli, "run_demo", lambda options, console: demo_cells(options))
        patch.setattr(cli, "run_simulation", lambda options, console: simulated_cell(options))
        patch.setattr(sys, "stdout", _Sink())
        patch.setattr(sys, "stderr", _Sink())
        words = [*words, *data.draw(st.sampled_from([[], ["--out", str(folder)], [str(folder)]]))]
        found = only_autoal_errors(lambda: _code(words), words)
        printed = "".join(sys.stdout.kept + sys.stderr.kept)
    assert not found.refused, "an error that was not caught"
    assert found.value in (0, 1, 2), words
    assert "Traceback" not in printed, printed
    assert found.value == 0 or printed.strip(), "a failure without a word"


def _planned(options: Bench, console: Console) -> None:
    if not options.list and options.seeds is not None and options.seeds < 50:
        bench_cells(options)


def _code(words: list[str]) -> int:
    try:
        return cli.main(words)
    except SystemExit as error:
        return 0 if error.code is None else error.code if isinstance(error.code, int) else 1


class _Sink:
    """A stream that keeps what is written, and refuses what no terminal could print."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self) -> None:
        self.kept: list[str] = []

    def write(self, text: str) -> int:
        self.kept.append(text)
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


def test_the_report_of_no_folder(tmp_path: Path) -> None:
    assert cli.main(["report", str(tmp_path / "none")]) == 1
