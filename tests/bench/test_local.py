"""Processes as workers: what reaches them and what does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BLOCKED = """
import signal
from pathlib import Path
from autoal.bench.local import Process

if __name__ == "__main__":  # a fresh process: what multiprocessing starts once has not been started yet
    workers = [Process(), Process()]
    for worker in workers:
        status = Path(f"/proc/{worker._process.pid}/status").read_text()
        mask = int(next(line for line in status.splitlines() if line.startswith("SigBlk")).split()[1], 16)
        print(bool(mask & 1 << (signal.SIGINT - 1)))
        worker.stop()
    print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set()))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the signals' mask from /proc")
def test_an_interrupt_reaches_no_worker_even_while_it_starts(tmp_path: Path) -> None:
    script = tmp_path / "blocked.py"
    script.write_text(BLOCKED)
    said = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "True", "False"]
