from __future__ import annotations

import gc

import numpy as np

from autoal.bench.memory import PeakMemory


def test_the_peak_is_seen_and_begins_anew() -> None:
    gc.collect()  # what other tests left behind, and would be freed meanwhile
    before = PeakMemory().read()
    peak = PeakMemory()
    block = np.ones(64 * 2**17)  # 64 MiB
    during = peak.read()
    assert during - before > 60
    del block  # large blocks go back to the system at once
    assert abs(peak.read() - during) < 8  # pages of files come and go meanwhile
    assert PeakMemory().read() < during - 30
