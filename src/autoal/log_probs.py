"""Checks of natural-log probabilities that somebody else computed."""

from __future__ import annotations

import torch
from torch import Tensor

from autoal.errors import DivergedError, InputError, ModelError

TOLERANCE = 1e-3  # that the sum of a row may differ from one
HALF_TOLERANCE = 2e-2  # in half precision, whose rows sum only roughly to one
CHECKED = 8192  # rows checked at one time, so that checking needs no memory of the size of the pool


def is_half(tensor: Tensor) -> bool:
    """Tell whether the numbers have half precision or less."""
    return tensor.dtype.itemsize < torch.float32.itemsize


def in_full(log_probs: Tensor, error: type[InputError | ModelError] = InputError, start: int = 0) -> Tensor:
    """The same rows (n, C) as float32 or float64, checked; rows in half precision are brought to a sum of one.

    Args:
        log_probs: (n, C) of any float type.
        error: what is raised.
        start: the number of the first row, for the message.
    """
    if is_half(log_probs):
        require_log_probs(log_probs.float(), HALF_TOLERANCE, error, start)
        return log_probs.float().log_softmax(dim=1)
    require_log_probs(log_probs, TOLERANCE, error, start)
    return log_probs if log_probs.dtype == torch.float64 else log_probs.float()


def require_log_probs(
    log_probs: Tensor,
    tolerance: float = TOLERANCE,
    error: type[InputError | ModelError] = InputError,
    start: int = 0,
) -> None:
    """Refuse rows that are not natural logs of probabilities: NaN, above zero, or not summing to one."""
    for first in range(0, len(log_probs), CHECKED):
        totals = log_probs[first : first + CHECKED].exp().sum(dim=1)
        bad = ~((totals - 1).abs() <= tolerance)  # written so that NaN is bad
        if bool(bad.any()):
            row = int(bad.nonzero()[0, 0])
            hint = "torch.log_softmax(logits, dim=1), or numpy.log(probabilities)"
            if bool(totals[row].isnan()):
                hint = "a lower learning rate, if training has diverged, or features of moderate size"
                error = DivergedError if error is ModelError else error
            got = f"row {start + first + row} sums to {float(totals[row]):.4g}"
            raise error("natural-log probabilities whose rows sum to one", got, hint)


def is_finite_everywhere(tensor: Tensor) -> bool:
    """Tell whether no number is NaN or infinite."""
    single = is_half(tensor)  # torch cannot tell for all of the types that are smaller
    chunks = (chunk.float() if single else chunk for chunk in tensor.split(CHECKED))
    return all(bool(torch.isfinite(chunk).all()) for chunk in chunks)
