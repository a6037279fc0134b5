"""What strategies return, which nobody can be sure of, as rows and scores that can be worked with."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from autoal.arrays import to_tensor
from autoal.errors import AutoALWarning, InputError

UNREADABLE = (InputError, TypeError, ValueError, RuntimeError)  # for what is not a list of numbers


def as_rows(answer: Any) -> Tensor | None:
    """What `select` has returned, as int64 (k,), of which some may be no row at all; None if it is no list of rows."""
    try:
        given = to_tensor(answer).reshape(-1)
        rows = given.to(torch.int64)
    except UNREADABLE:
        return None
    if given.dtype == torch.uint64 and bool((rows < 0).any()):  # of 2**63 or more
        return None
    return rows.where(rows == given, -1) if given.is_floating_point() else rows  # between two rows, there is none


def as_scores(strategy: Any, answer: Any, n: int) -> Tensor:
    """What `scores` has returned, in double (n,); zeros, with a warning, if it is not a number for each of `n` rows."""
    try:
        scores = to_tensor(answer).reshape(-1).to(torch.float64)
    except UNREADABLE:
        scores = None
    if scores is None or len(scores) != n:
        complain(strategy, f"{n} scores", f"a {type(answer).__name__}" if scores is None else f"{len(scores)}")
        return torch.zeros(n, dtype=torch.float64)
    if missing := int(scores.isnan().sum()):
        complain(strategy, "scores that are numbers", f"NaN for {missing} of {n} rows")
    return scores


def complain(strategy: Any, expected: str, got: str) -> None:
    """Warn that an answer cannot be used as it is."""
    message = f"{type(strategy).__name__} should return {expected}; it returned {got}. Its answer was repaired."
    warnings.warn(message, AutoALWarning, stacklevel=5)
