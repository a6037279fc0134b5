"""The contract finds what is wrong with a strategy; a test that cannot fail would be worth nothing."""

from __future__ import annotations

import gc
from array import array
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from autoal import Snapshot, Strategy, testing
from autoal.strategies import Margin
from autoal.testing.memory import peak_memory


@dataclass(frozen=True)
class Broken(Margin):
    """Margin with one fault."""

    fault: str = ""

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
        if self.fault == "writes":
            snapshot.embedding.mul_(2)
        if self.fault == "global":
            torch.rand(1)
        if self.fault == "position":
            return torch.arange(float(len(snapshot)))
        scores = super().scores(snapshot, rng)
        return scores * torch.inf if self.fault == "infinite" else scores

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
        picks = super().select(snapshot, n, rng)
        if self.fault == "repeats":
            return picks[:1].expand(len(picks))
        if self.fault == "memory":
            torch.ones(2000, len(snapshot)).sum()
        if self.fault == "slow":
            sum(row % 7 for row in range(100 * len(snapshot)))
        return picks


FAULTS = {
    "repeats": "test_exactly_n_distinct_rows",
    "infinite": "test_finite_scores",
    "writes": "test_inputs_stay_as_they_are",
    "global": "test_the_same_seed_gives_the_same_rows",
    "position": "test_the_order_of_the_rows_is_no_matter",
    "memory": "test_time_and_memory_at_50_000_rows",
    "slow": "test_time_and_memory_at_50_000_rows",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    given = {"strategy": Broken(fault=fault), "seconds": 0.1 if fault == "slow" else 20.0}
    contract = type("TestBroken", (testing.StrategyContract,), given)()
    with pytest.raises(AssertionError):
        getattr(contract, FAULTS[fault])()


def test_a_foreign_strategy_is_held_to_the_contract_by_three_lines() -> None:
    @dataclass(frozen=True)
    class Loudest(Strategy):
        name = "loudest"
        reference = "this test"
        needs = frozenset({"embedding"})

        def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
            return snapshot.embedding.norm(dim=1)

    class TestLoudest(testing.StrategyContract):
        strategy = Loudest()

    for name in dir(TestLoudest):
        if name.startswith("test_") and name != "test_it_can_be_pickled":  # a class inside a function cannot be
            getattr(TestLoudest(), name)()


def test_peak_memory_sees_what_was_freed_again() -> None:
    with peak_memory() as memory:
        block = torch.ones(2**25)  # 128 MiB
        del block
    assert 100 < memory.mebibytes < 300


def test_garbage_that_is_collected_meanwhile_hides_nothing_of_the_peak() -> None:
    garbage = SimpleNamespace(block=torch.ones(2**26))  # 256 MiB
    garbage.itself = garbage  # so that only the collector frees it
    del garbage
    with peak_memory() as memory:
        gc.collect()
        block = torch.ones(2**25)
        del block
    assert memory.mebibytes > 100


def test_memory_that_the_allocator_kept_hides_nothing_of_the_peak() -> None:
    """Small blocks, freed below one that stays, leave a hole that glibc keeps and gives to the next large block."""
    threshold = torch.ones(2**22 + 2**21)  # once freed, blocks up to 24 MiB come from the heap
    del threshold
    blocks = [torch.ones(2**18) for _ in range(300)]
    stays = torch.ones(2**18)
    del blocks
    with peak_memory() as memory:
        block = torch.ones(2**25)
        del block
    assert memory.mebibytes > 100
    assert stays.sum() == 2**18


def test_holes_that_a_growing_block_leaves_are_no_memory_that_it_takes() -> None:
    """In a heap with holes of all sizes glibc copies a block that grows from one to the next."""
    threshold = torch.ones(2**22 + 2**21)
    del threshold
    blocks = [torch.ones(int(2**15 * 1.05 ** (k // 2 % 60))) for k in range(240)]  # 0.1 to 2 MiB
    del blocks[::2]
    with peak_memory() as memory:
        grown = array("f")
        for _ in range(20_000):
            grown.extend([0.125] * 50)
    assert len(grown) == 1_000_000  # 4 MB
    assert memory.mebibytes < 20


def test_the_module_has_no_other_names() -> None:
    assert isinstance(testing, ModuleType)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = testing.Nothing
