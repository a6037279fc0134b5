"""A report's runs can be read again, say the same, join others, and are small enough to commit."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from made_up import benchmark

from autoal.bench.archive import FILE, read_archive, read_results, write_archive
from autoal.bench.report import write_report
from autoal.bench.results import Failure, Results, Run
from autoal.errors import StateError

TASKS = ["digits/linear/low", "letter/linear/low"]
BENCH = replace(
    benchmark({"autoal": 0.05, "margin": 0.03, "random": 0.0}, TASKS, seeds=3, rounds=4),
    failures=(Failure("trec/mlp/low", "bald", 1, "ModelError: expected <stochastic> passes"),),
    about={"command": "autoal bench", "torch": "2.13.0"},
)


def test_a_report_of_the_archive_is_the_report_of_the_benchmark(tmp_path: Path) -> None:
    """Also to the byte when that is archived again: nothing is rounded twice."""
    write_report(BENCH, tmp_path / "first")
    found = read_results(tmp_path / "first")
    assert {(run.task, run.strategy, run.seed) for run in found.runs} == {
        (r.task, r.strategy, r.seed) for r in BENCH.runs
    }
    assert (found.failures, found.about) == (BENCH.failures, BENCH.about)
    write_report(found, tmp_path / "second")
    for name in ("report.md", FILE):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_ids_and_states_stay_out_and_weights_stay(tmp_path: Path) -> None:
    kept = {"round": 0, "labels": 2, "accuracy": 0.5}
    line = kept | {"ids": [4, 7], "memory": {"a": 1}, "warnings": ["!"], "weights": {"margin": 1 / 3}}
    write_archive(Results((Run("digits", "autoal", 0, (line,)),)), tmp_path / FILE)
    (run,) = read_archive(tmp_path / FILE).runs
    assert run.rounds == (kept | {"weights": {"margin": 0.3333}},)


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"{}\n"), gzip.compress(b'{"about":{},"failures":[]}\n{"a":1}')],
    ids=["empty", "no gzip", "no head", "no run"],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StateError, match=r"(runs as autoal report writes them.*|line [12] of .*)runs\.jsonl\.gz"):
        read_results(tmp_path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    write_archive(BENCH, tmp_path / FILE)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-9])
    with pytest.raises(StateError):
        read_archive(tmp_path / FILE)


def test_joined_results_keep_the_last_of_a_run_and_the_failures_that_are_left() -> None:
    old, new = ({"round": 0, "labels": 1, "accuracy": accuracy} for accuracy in (0.1, 0.2))
    first = Results(
        (Run("digits", "random", 0, (old,)), Run("digits", "margin", 0, (old,))),
        (Failure("digits", "bald", 0, "no"), Failure("digits", "bait", 0, "no")),
        {"command": "one", "torch": "2"},
    )
    second = Results(
        (Run("digits", "bald", 0, (new,)), Run("digits", "random", 0, (new,))), (), {"command": "two", "torch": "2"}
    )
    joined = Results.joined([first, second])
    assert [(run.strategy, run.rounds) for run in joined.runs] == [
        ("random", (new,)),
        ("margin", (old,)),
        ("bald", (new,)),
    ]
    assert joined.failures == (Failure("digits", "bait", 0, "no"),)
    assert joined.about == {"command": "one; two", "torch": "2"}
    assert Results.joined([joined, second]).about == joined.about  # nothing is named twice
    assert Results.joined([first]) == first
