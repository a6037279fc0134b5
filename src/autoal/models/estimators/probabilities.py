"""Asks an estimator for probabilities, checks them, and brings them into the columns of the pool's classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.arrays import IntArray, as_array
from autoal.errors import ModelError

FLOOR = 1e-12  # probability of a class that the estimator rules out or has not seen
TOLERANCE = 1e-3  # by which the probabilities of a sample may miss a sum of one


def probabilities(estimator: Any, table: Any, width: int | None = None) -> npt.NDArray[np.float64]:
    """Ask `predict_proba` for its answer (n, K) on n samples, and check it.

    Args:
        estimator: fitted.
        table: n samples.
        width: what K must be; default: anything.

    Raises:
        ModelError: it has another shape, or a row that is not finite, negative or does not sum to one.
    """
    n, given = len(table) if not hasattr(table, "toarray") else table.shape[0], estimator.predict_proba(table)
    probs = _real(given)
    columns = "K" if width is None else str(width)
    expected = f"predict_proba to return probabilities ({n}, {columns}), with rows that sum to one"
    hint = "an estimator with a column for each class, as those of scikit-learn"
    if probs.ndim != 2 or len(probs) != n or width not in (None, probs.shape[1]):
        raise ModelError(expected, f"shape {probs.shape}", hint)
    sums = probs.sum(axis=1)
    wrong = ~((np.abs(sums - 1) <= TOLERANCE) & (probs.min(axis=1, initial=0) >= -TOLERANCE))  # so that NaN is wrong
    if wrong.any():
        row = int(wrong.nonzero()[0][0])
        got = f"row {row} is {np.array2string(probs[row], precision=4, threshold=6)}, of sum {sums[row]:.4g}"
        raise ModelError(expected, got, "an estimator that returns probabilities, none of them negative or NaN")
    return probs.clip(0, None)


def _real(given: Any) -> npt.NDArray[np.float64]:
    """The numbers as float64; NumPy would drop the imaginary part of complex ones with a mere warning."""
    array = as_array(given.toarray() if hasattr(given, "toarray") else given)
    if array.dtype.kind == "c":
        raise ModelError("predict_proba to return real numbers", f"an array of {array.dtype}", "its real part")
    return array.astype(np.float64)


def log_probabilities(estimator: Any, table: Any, classes: IntArray, n_classes: int) -> Tensor:
    """Log-probabilities (n, C) float32, with a tiny floor for impossible classes.

    Args:
        estimator: fitted.
        table: n samples.
        classes: the class (K,) of each column of `predict_proba`, -1 for none.
        n_classes: C.
    """
    given = torch.from_numpy(probabilities(estimator, table, len(classes)))
    probs = torch.full((len(given), n_classes), FLOOR, dtype=torch.float64)
    used = classes >= 0
    probs[:, torch.from_numpy(classes[used])] += given[:, torch.from_numpy(used)]
    return (probs / probs.sum(dim=1, keepdim=True)).log().float()
