"""The benchmark of strategies, on problems so small that it says nothing but that it works."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.append(str(BENCHMARKS))

import peers  # noqa: E402
import strategies as benchmark  # noqa: E402
import strategy_cells  # noqa: E402
import strategy_page  # noqa: E402
from strategy_cells import Problem  # noqa: E402

needs_peer = pytest.mark.skipif(find_spec("skactiveml") is None, reason="pip install scikit-activeml==1.0.1")
SMALL = Problem(rows=300, classes=3, features=8, labelled=20)


def run(tmp_path: Path, **options: Any) -> tuple[str, list[dict[str, Any]]]:
    """The page and the records of one run."""
    out, results = tmp_path / "page.md", tmp_path / "results.jsonl"
    options = {"limit": 86400.0} | options  # only what hangs takes as long
    small = {"rows": (300,), "classes": (3,), "features": 8, "labelled": 20, "batch": 5}
    chosen = benchmark.Options(out=out, results=results, scratch=tmp_path, **small, **options)
    assert benchmark.main(chosen) == 0
    return out.read_text(), [json.loads(line) for line in results.read_text().splitlines()[1:]]


def test_a_longer_problem_begins_with_the_shorter_one(tmp_path: Path) -> None:
    """So that one file serves all sizes; and statistics and passes are of the same passes."""
    folder = strategy_cells.prepared(SMALL, tmp_path)
    short = Problem(rows=100, classes=3, features=8, labelled=20)
    assert strategy_cells.prepared(short, tmp_path) == folder
    alone = strategy_cells.opened(short, strategy_cells.prepared(short, tmp_path / "other"))
    mapped = strategy_cells.opened(short, folder)
    assert torch.equal(alone.embedding, mapped.embedding)
    assert mapped.passes is not None
    assert mapped.stochastic is not None
    probs = mapped.passes(torch.arange(100)).double().exp()
    assert torch.allclose(probs.mean(dim=0).float(), mapped.stochastic.mean_probs, atol=1e-5)
    assert torch.allclose(mapped.log_probs.exp().sum(dim=1), torch.ones(100), atol=1e-5)


def test_the_peak_is_that_of_the_call() -> None:
    """Memory given back before the end counts, and what was there before does not."""
    before = np.ones(2**23)

    def call() -> float:
        return float(np.ones(2**22).sum() + before[0])  # 32 MiB

    _, mebibytes, answer = strategy_cells.measured(call)
    assert answer == 2**22 + 1
    assert 30 < mebibytes < 40


def test_scale_runs_once_and_remembers(tmp_path: Path) -> None:
    """The second run measures nothing, and makes the same table."""
    page, records = run(tmp_path, parts=("scale",), strategies=("entropy",))
    assert [record["outcome"] for record in records if record["part"] == "scale"] == ["ok"]
    assert "| entropy | " in page
    again, more = run(tmp_path, parts=("scale",), strategies=("entropy",))
    assert (again, len(more)) == (page, len(records) + 1)  # the line that says how it was run
    assert run(tmp_path, render_only=True, strategies=("entropy",)) == (page, more)


@needs_peer
@pytest.mark.parametrize("name", [pair.name for pair in peers.shared()])
def test_peers_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Both sides pick a batch of distinct rows, by every strategy that both have."""
    monkeypatch.setattr(peers, "limit", lambda task: None)  # which is meant for a process of its own
    monkeypatch.setattr(peers, "typical", lambda call: (0.1, 2.0, call()))
    folder = str(strategy_cells.prepared(SMALL, tmp_path))
    cell = {"part": "peers", "strategy": name, "problem": dataclasses.asdict(SMALL), "batch": 5}
    lines = [line for line in peers.compare(cell | {"folder": folder, "started": time.time()}) if "seconds" in line]
    assert {line["side"]: line["distinct"] for line in lines} == {"ours": 5, "theirs": 5} | (
        {"selection": 5} if len(lines) == 3 else {}
    )
    page = strategy_page.page([cell | {"outcome": "ok", "lines": lines}])
    assert f"| {name} | " in page


def test_what_went_wrong_is_recorded_and_tried_again(tmp_path: Path) -> None:
    """Too long, too much memory, or an error: never lost, and only an error or a longer limit is a reason to try."""
    assert benchmark.outcome_of(1, "numpy: Unable to allocate 3 GiB") == "out of memory"
    assert benchmark.outcome_of(1, "Traceback\nValueError: no") == "error: ValueError: no"
    assert not benchmark.settled(None, 60)
    assert not benchmark.settled({"outcome": "error: no"}, 60)
    assert benchmark.settled({"outcome": "over limit", "limit": 60}, 60)
    assert not benchmark.settled({"outcome": "over limit", "limit": 60}, 90)
    page, records = run(tmp_path, parts=("scale",), strategies=("margin",), limit=0.1)
    assert records[-1]["outcome"] == "over limit"
    assert "| margin | over 0.1 s |" in page


def test_what_was_stopped_is_a_lower_bound() -> None:
    """Of time or of memory, whichever ran out."""
    ours = {"side": "ours", "seconds": 2.0, "mebibytes": 10.0}
    record = {"strategy": "badge", "limit": 60.0, "memory": 1.0, "lines": [ours, {"side": "theirs", "began": 20.0}]}
    assert strategy_page.ratios(record | {"outcome": "over limit"}) == (20.0, None)
    assert strategy_page.ratios(record | {"outcome": "out of memory"}) == (None, 102.4)
    assert strategy_page.ratios(record | {"outcome": "error: no"}) == (None, None)
