"""Draws the batches of a training, and chooses their size."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autoal.arrays import IntArray


def batch_size_for(n_samples: int, n_classes: int) -> int:
    """A power of two from 16 to 256: at least eight steps an epoch, unless that leaves less than four a class.

    Never more than there are samples, of which a single one counts twice.
    """
    wanted = max(n_samples / 8, 4 * n_classes, 16)
    return min(1 << int(math.log2(min(wanted, 256))), max(n_samples, 2))


def batches(n: int, size: int, steps: int, rng: np.random.Generator) -> Iterator[IntArray]:
    """Rows of `steps` batches: epoch after epoch in new random orders, without the last incomplete batch.

    Fewer than two samples are repeated, as BatchNorm cannot normalise a single one.
    """
    made = 0
    while made < steps:
        order = rng.permutation(max(n, 2)) % n
        for start in range(0, max(len(order) - size, 0) + 1, size):
            if made < steps:
                yield order[start : start + size]
                made += 1
