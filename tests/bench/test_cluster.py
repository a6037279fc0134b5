"""The same cells on a Ray cluster of this machine, in a home of its own."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from test_cell import cell, result

from autoal.bench.cell import run
from autoal.bench.cluster import Cluster
from autoal.bench.engine import Event, Job, Started
from autoal.bench.runner import run_cells
from autoal.bench.store import FILE, Store
from autoal.errors import InputError

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="pip install '.[ray]'")
CELLS = [cell(name, seed, rounds=2) for seed in (0, 1) for name in ("entropy", "autoal")]


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ray's files in a folder with a short name, as its sockets need."""
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        for name in ("HOME", "RAY_TMPDIR"):
            monkeypatch.setenv(name, folder)
        monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield


class Murdered(Cluster):
    """A cluster on which the first process that begins a cell is killed."""

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        killed = False
        for event in super().run(jobs):
            yield event
            if isinstance(event, Started) and not killed:
                os.kill(event.process, signal.SIGKILL)
                killed = True


@needs_ray
@pytest.mark.usefixtures("private")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")
def test_a_cluster_gives_the_same_results_and_outlives_the_death_of_a_process(tmp_path: Path) -> None:
    with Store(tmp_path / FILE) as store:
        first = run_cells(CELLS, store, Murdered(2))
        assert (first.done, first.failed) == (3, 1)
        assert "the process of the cell ended" in store.results().failures[0].error
        second = run_cells(CELLS, store, Cluster(2))
        assert (second.done, second.failed) == (4, 0)
        for one in CELLS:
            assert [result(line) for line in store.rounds(one)] == [result(line) for line in run(one)]
        assert store.results().about["engine"] == "ray, 2 workers"


def test_a_missing_package_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # what an import finds where it is not installed
    with pytest.raises(InputError, match=r"pip install '\.\[ray\]'"):
        Cluster(2)


@needs_ray
@pytest.mark.usefixtures("private")
def test_an_address_without_a_cluster_is_one_error() -> None:
    with pytest.raises(InputError, match=r"a Ray cluster at --address.*ray start --head"):
        Cluster(2, "auto")
