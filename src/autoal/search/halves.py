"""Splitting the labelled set into two halves, one to learn from and one that stands for the pool."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def halves(labels: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Rows of two random halves A and B of the labelled set (m,), each class shared as evenly as it can be.

    Random order within each class, classes in random order, then dealt in turn: sizes differ by at most one.
    """
    order = np.lexsort((rng.random(len(labels)), rng.permutation(int(labels.max()) + 1)[labels.numpy()]))
    first = int(rng.integers(2))
    return torch.from_numpy(np.sort(order[first::2])), torch.from_numpy(np.sort(order[1 - first :: 2]))
