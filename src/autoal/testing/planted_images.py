"""A planted problem of images: difficult ones bear a mark, and one candidate scores by how bright the mark is.

The brighter half of an image tells its class of two, except that a difficult image is of one of many small groups,
each with a pattern and a class of its own that nothing else tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from autoal.arrays import IntArray
from autoal.errors import InputError
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy

SIDE, GROUPS = 8, 40
MARK = (slice(None), 0, slice(0, 2), slice(None))  # the two top rows


@dataclass(frozen=True)
class Mark(Strategy):
    """Scores an image by the brightness of its mark."""

    name = "mark"
    reference = "a planted problem"

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """The mean of the marked pixels (n,)."""
        if snapshot.source is None:
            raise InputError("a snapshot with inputs", "one made from arrays", "an ActiveLearner")
        images = snapshot.source.inputs.take(np.arange(len(snapshot)))
        return images[MARK].double().mean(dim=(1, 2))


def planted_images(n: int, seed: int) -> tuple[npt.NDArray[Any], IntArray]:
    """Images (n, 1, 8, 8) uint8 and their classes (n,); half of them are difficult."""
    rng = np.random.default_rng(seed)
    difficult, y = rng.random(n) < 0.5, rng.integers(2, size=n)
    X = rng.integers(0, 60, (n, 1, SIDE, SIDE))
    bright = np.where(np.arange(SIDE) < SIDE // 2, y[:, None] == 0, y[:, None] == 1)[:, None, :]
    group = rng.integers(GROUPS, size=n)
    pattern = rng.integers(2, size=(GROUPS, SIDE - 2, SIDE))
    X[:, 0, 2:] += 180 * np.where(difficult[:, None, None], pattern[group], bright)
    X[MARK] = np.where(difficult, rng.integers(140, 250, n), rng.integers(5, 115, n))[:, None, None]
    return X.astype(np.uint8), np.where(difficult, rng.integers(2, size=GROUPS)[group], y)
