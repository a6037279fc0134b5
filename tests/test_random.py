from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from autoal import AutoALError
from autoal.random import SeedTree, torch_generator, torch_seed


def test_a_name_leads_to_the_same_stream_whatever_else_was_asked_for() -> None:
    tree = SeedTree(3)
    first = tree.child("query", 4).generator().random(5)
    tree.child("something", "else").generator().random(100)
    assert np.array_equal(first, SeedTree(3).child("query").child(4).generator().random(5))


def test_different_names_and_seeds_lead_to_different_streams() -> None:
    draws = {
        float(tree.generator().random())
        for tree in (
            SeedTree(0),
            SeedTree(1),
            SeedTree(0).child("a"),
            SeedTree(0).child("b"),
            SeedTree(0).child("a", "b"),
        )
    }
    assert len(draws) == 5
    assert SeedTree(0).child("1").path != SeedTree(0).child(1).path


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(AutoALError, match="zero or a positive"):
        SeedTree(-1)


def test_seeding_torch_leaves_its_global_state_as_it_was() -> None:
    before = torch.get_rng_state()
    with torch_seed(np.random.default_rng(0)):
        inside = torch.rand(3)
    assert torch.equal(before, torch.get_rng_state())
    with torch_seed(np.random.default_rng(0)):
        assert torch.equal(inside, torch.rand(3))
    assert torch.equal(
        torch.rand(3, generator=torch_generator(np.random.default_rng(1))),
        torch.rand(3, generator=torch_generator(np.random.default_rng(1))),
    )


def test_threads_draw_what_each_would_alone() -> None:
    def drawn(seed: int) -> torch.Tensor:
        with torch_seed(np.random.default_rng(seed)):
            parts = []
            for _ in range(20):
                parts.append(torch.rand(3))
                time.sleep(0.001)  # so that the others get their turn
            return torch.cat(parts)

    before, alone = torch.get_rng_state(), [drawn(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(drawn, range(4)))
    assert all(map(torch.equal, alone, together))
    assert torch.equal(before, torch.get_rng_state())


def test_a_number_of_numpy_is_that_number() -> None:
    plain, numpy = (SeedTree(0).child("query", n).generator().random() for n in (5, np.int64(5)))
    assert plain == numpy
