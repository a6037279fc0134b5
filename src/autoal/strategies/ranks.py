"""Percentile ranks, which no monotone change of a score can alter."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor


def percentile_ranks(scores: Tensor) -> Tensor:
    """(rank - 1/2) / n of each column of scores (n,) or (n, K), in double; the lowest has rank 1, ties their mean."""
    ranks = np.asarray(rankdata(scores.numpy(), axis=0), dtype=np.float64)
    return (torch.from_numpy(ranks) - 0.5) / max(len(scores), 1)
