"""What may be wrong with a pool: a long tail, wrong labels, near-duplicates, samples of no class."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError
from autoal.random import SeedTree
from autoal.tasks.data import IntArray

SHIFT = 2  # pixels that a near-duplicate is moved at most
PIXEL_NOISE = 0.02  # of the range of values
FEATURE_NOISE = 0.1  # of the spread of each feature


@dataclass(frozen=True)
class Variants:
    """Each is drawn from the seed by name, so that it is the same for every strategy.

    Args:
        imbalance: how many times larger the largest class of the pool is than the smallest; 1 leaves the classes as
            they are.
        noise: the share of the pool whose labels are replaced by another class, each other class alike.
        duplicates: the share of the pool that is replaced by slightly altered copies of other samples of it.
        outside: the share of the classes that is held out, and of the pool that is of these and so of no class.
    """

    imbalance: float = 1.0
    noise: float = 0.0
    duplicates: float = 0.0
    outside: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.imbalance < float("inf"):
            raise InputError("an imbalance of at least 1", f"imbalance={self.imbalance}", "imbalance=10")
        for name in ("noise", "duplicates", "outside"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"a share of {name} from 0 to less than 1", f"{getattr(self, name)}", f"{name}=0.1")

    def options(self) -> tuple[str, ...]:
        """Those that are not the default, as in the name of a task."""
        given = ((f.name, getattr(self, f.name), f.default) for f in fields(self))
        return tuple(f"{name}={_short(value)}" for name, value, default in given if value != default)


def _short(value: float) -> str:
    """The number, as short as it can be without being another."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(float(value))


def long_tail(y: IntArray, size: int, ratio: float, n_classes: int, seeds: SeedTree) -> IntArray:
    """Rows (n,) of at most `size` samples whose classes shrink by equal factors, in an order drawn at random.

    The i-th of C classes has ratio^(-i / (C - 1)) times as many samples as the first, rounded, and at least one. Where
    a class has too few, all shrink alike, and `n` is less than `size`.

    Args:
        y: (N,) labels.
        size: samples wanted.
        ratio: of the largest class to the smallest, at least 1.
        n_classes: C.
        seeds: where the order and the samples come from.
    """
    rng = seeds.generator()
    order = rng.permutation(n_classes)
    share = np.empty(n_classes)
    share[order] = ratio ** (-np.arange(n_classes) / max(n_classes - 1, 1))
    have = np.bincount(y, minlength=n_classes)
    if have.min() == 0:
        empty = int(have.argmin())
        raise InputError("a sample of every class, for a long tail", f"none of class {empty}", "imbalance=1")
    largest = min(size / share.sum(), float((have / share).min()))
    wanted = np.minimum(np.maximum(np.rint(largest * share), 1), have).astype(int)
    rows = [rng.permutation(np.flatnonzero(y == k))[: wanted[k]] for k in range(n_classes)]
    return np.sort(np.concatenate(rows))


def wrong_labels(y: IntArray, share: float, n_classes: int, seeds: SeedTree) -> IntArray:
    """Labels (n,) of which exactly round(share x n) are of another class, each other class alike."""
    rng, y = seeds.generator(), y.copy()
    rows = rng.permutation(len(y))[: round(share * len(y))]
    if len(rows) and n_classes < 2:
        raise InputError("at least two classes, for wrong labels", f"{n_classes}", "noise=0")
    y[rows] = (y[rows] + rng.integers(1, max(n_classes, 2), len(rows))) % n_classes
    return y


def near_duplicates(
    x: npt.NDArray[Any], y: IntArray, share: float, seeds: SeedTree
) -> tuple[npt.NDArray[Any], IntArray]:
    """Samples and labels of which round(share x n) are replaced by altered copies of others, with their labels.

    Images are shifted by up to two pixels, the border repeated, and get a little noise; features get noise of a tenth
    of their spread. An original is never itself a copy.
    """
    rng, x, y = seeds.generator(), x.copy(), y.copy()
    count = min(round(share * len(x)), len(x) - 1)
    order = rng.permutation(len(x))
    copies, originals = order[:count], rng.choice(order[count:], count)
    alter = _shifted if x.ndim == 4 else _jittered
    x[copies], y[copies] = alter(x[originals], x, rng), y[originals]
    return x, y


def _shifted(images: npt.NDArray[Any], pool: npt.NDArray[Any], rng: np.random.Generator) -> npt.NDArray[Any]:
    n, _, height, width = images.shape
    dy, dx = rng.integers(-SHIFT, SHIFT + 1, (2, n, 1))
    rows = np.clip(np.arange(height) + dy, 0, height - 1)
    columns = np.clip(np.arange(width) + dx, 0, width - 1)
    moved = images.transpose(0, 2, 3, 1)[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    high = 255 if images.dtype == np.uint8 else float(pool.max())
    low = 0 if images.dtype == np.uint8 else float(pool.min())
    noisy = moved + rng.normal(0, PIXEL_NOISE * (high - low), moved.shape)
    kept = np.rint(noisy) if images.dtype == np.uint8 else noisy
    clipped: npt.NDArray[Any] = np.clip(kept, low, high).astype(images.dtype)
    return clipped.transpose(0, 3, 1, 2)


def _jittered(features: npt.NDArray[Any], pool: npt.NDArray[Any], rng: np.random.Generator) -> npt.NDArray[Any]:
    spread = pool.std(axis=0, dtype=np.float64)
    noisy: npt.NDArray[Any] = features + rng.normal(0, FEATURE_NOISE, features.shape) * spread
    return noisy.astype(features.dtype)
