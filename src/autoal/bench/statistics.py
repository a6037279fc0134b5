"""What the curves of paired seeds say: areas, differences and their spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


def aubc(labels: Sequence[int], accuracy: Sequence[float]) -> float:
    """Area under the budget curve: the mean accuracy over the budget, by the trapezoid rule."""
    span = labels[-1] - labels[0]
    return float(np.trapezoid(accuracy, labels) / span) if span else float(accuracy[-1])


@dataclass(frozen=True)
class Difference:
    """Mean of paired differences, its standard error, and the share of pairs above zero (ties count half)."""

    mean: float
    standard_error: float
    won: float
    pairs: int


def paired(ours: npt.ArrayLike, theirs: npt.ArrayLike) -> Difference:
    """Compare two methods on the same seeds, in the same order."""
    difference = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)
    n = len(difference)
    error = float(difference.std(ddof=1) / n**0.5) if n > 1 else float("nan")
    won = float((difference > 0).mean() + (difference == 0).mean() / 2)
    return Difference(float(difference.mean()), error, won, n)
