"""The same cells on a Ray cluster of this machine, in a home of its own."""

from __future__ import annotations

import math
import os
import re
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
from autoal.bench.engine import Event, InProcess, Job, Started
from autoal.bench.runner import run_cells
from autoal.bench.store import FILE, Store
from autoal.errors import InputError

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="pip install '.[ray]'")
NEEDED = 3  # GiB: a cluster of two processes, each with torch
CELLS = [cell(name, seed, rounds=2) for seed in (0, 1) for name in ("entropy", "autoal")]


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ray's files in a folder with a short name, as its sockets need; and patience with a busy machine."""
    # Ray kills its processes where little memory is left, whoever has taken it; the system has the last word
    monkeypatch.setenv("RAY_memory_monitor_refresh_ms", "0")
    for name in ("RAY_gcs_server_port_wait_time_s", "RAY_gcs_server_request_timeout_seconds"):
        monkeypatch.setenv(name, "3600")
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        for name in ("HOME", "RAY_TMPDIR"):
            monkeypatch.setenv(name, folder)
        monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield


def available() -> float:
    """GiB of memory that this machine, or the container, still has."""
    found = [math.inf]
    meminfo, group = Path("/proc/meminfo"), Path("/sys/fs/cgroup")
    if meminfo.exists():
        found += [int(size) / 2**20 for size in re.findall(r"MemAvailable:\s+(\d+) kB", meminfo.read_text())]
    if (group / "memory.max").exists() and (limit := (group / "memory.max").read_text().strip()) != "max":
        found.append((int(limit) - int((group / "memory.current").read_text())) / 2**30)
    return min(found)


@pytest.fixture
def memory() -> None:
    """Skip where memory is short: Ray refuses to start, or the system kills its processes."""
    if available() < NEEDED:
        pytest.skip(f"memory is short: {available():.1f} GiB are available, and a cluster needs {NEEDED}")


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
@pytest.mark.usefixtures("private", "memory")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")
def test_a_cluster_gives_the_same_results_and_outlives_the_death_of_a_process(tmp_path: Path) -> None:
    with Store(tmp_path / FILE) as store:
        first = run_cells(CELLS, store, Murdered(2))
        assert (first.done, first.failed) == (3, 1)
        (failure,) = store.results().failures
        assert "the process of the cell ended" in failure.error
        assert store.results().about["engine"] == "ray, 2 workers"
        second = run_cells(CELLS, store, InProcess())
        assert (second.done, second.failed) == (4, 0)
        for one in CELLS:
            assert [result(line) for line in store.rounds(one)] == [result(line) for line in run(one)]


def test_a_missing_package_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # what an import finds where it is not installed
    with pytest.raises(InputError, match=r"pip install '\.\[ray\]'"):
        Cluster(2)


@needs_ray
@pytest.mark.usefixtures("private")
def test_an_address_without_a_cluster_is_one_error() -> None:
    with pytest.raises(InputError, match=r"a Ray cluster at --address.*ray start --head"):
        Cluster(2, "auto")
