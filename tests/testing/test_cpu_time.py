"""Work counts and waiting does not; who is slow is given more."""

from __future__ import annotations

import time

import pytest
import torch

from autoal.testing import cpu_time as module
from autoal.testing.cpu_time import CpuTime, cpu_time


def test_work_counts_and_waiting_does_not() -> None:
    with cpu_time() as waiting:
        time.sleep(0.3)
    started = time.process_time()
    with cpu_time() as working:
        while time.process_time() < started + 0.2:
            pass
    assert waiting.seconds < 0.1 < working.seconds


def test_a_machine_of_half_the_speed_is_given_twice_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = CpuTime(1.5)
    assert spent.below(1.6)
    monkeypatch.setattr(module, "_yardstick", lambda: 2 * module.REFERENCE)
    assert spent.below(1.0)
    monkeypatch.setattr(module, "_yardstick", lambda: module.REFERENCE / 2)
    assert spent.below(1.6)  # a fast machine is given no less
    assert not spent.below(1.4)


def test_threads_are_as_many_as_before() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with cpu_time():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
