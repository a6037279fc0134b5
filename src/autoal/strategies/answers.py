"""What strategies return, which nobody can be sure of, as rows and scores that can be worked with."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from autoal.errors import AutoALWarning


def as_rows(answer: Any) -> Tensor:
    """What `select` has returned, as int64 (k,); some of it may be no row at all."""
    return torch.as_tensor(answer).detach().reshape(-1).to("cpu", torch.int64)


def as_scores(strategy: Any, answer: Any, n: int) -> Tensor:
    """What `scores` has returned, in double (n,); zeros, with a warning, if it is not a number for each of `n` rows."""
    try:
        scores = torch.as_tensor(answer).detach().reshape(-1).to("cpu", torch.float64)
    except (TypeError, ValueError, RuntimeError):
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
