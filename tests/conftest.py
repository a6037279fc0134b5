"""Shared by all tests: one thread, repeatable examples, and small snapshots to try things on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import settings

from autoal import Snapshot

torch.set_num_threads(1)
# the same examples in every run, and no limit on the time of one, which on a busy machine says nothing
settings.register_profile("autoal", deadline=None, derandomize=True)
settings.load_profile("autoal")


def make_snapshot(n: int = 60, m: int = 20, n_classes: int = 3, n_features: int = 5, seed: int = 0) -> Snapshot:
    """A random snapshot with stochastic statistics."""
    g = torch.Generator().manual_seed(seed)
    return Snapshot.from_arrays(
        log_probs=torch.log_softmax(2 * torch.randn(n, n_classes, generator=g), dim=1),
        embedding=torch.randn(n, n_features, generator=g),
        labelled_embedding=torch.randn(m, n_features, generator=g),
        labels=torch.randint(n_classes, (m,), generator=g),
        stochastic_log_probs=torch.log_softmax(2 * torch.randn(6, n, n_classes, generator=g), dim=2),
    )


@pytest.fixture
def snapshot() -> Snapshot:
    return make_snapshot()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
