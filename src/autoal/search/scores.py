"""The candidates' scores of a snapshot, side by side and comparable."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from autoal.search.settings import Scale
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.guard import guarded_scores, spared
from autoal.strategies.kernels import magnitude
from autoal.strategies.ranks import percentile_ranks

UNIT = 12**0.5  # a uniform variable on [0, 1] has standard deviation 1 / sqrt(12)


def score_matrix(candidates: Sequence[Strategy], snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
    """Raw scores (n_rows, K) in double; a candidate that only selects is asked for `n` rows.

    One that raises scores all rows 0, with a warning.
    """
    nothing = torch.zeros(len(snapshot), dtype=torch.float64)
    return torch.stack([_asked(candidate, snapshot, n, rng, nothing) for candidate in candidates], dim=1)


def answering(
    candidates: Sequence[Strategy], snapshot: Snapshot, n: int, rng: np.random.Generator
) -> tuple[list[Strategy], Tensor]:
    """The candidates (K,) that do not raise, and their raw scores (n_rows, K); if all do, all of them with zeros."""
    nothing = torch.zeros(len(snapshot), dtype=torch.float64)
    answers = [_asked(candidate, snapshot, n, rng, nothing) for candidate in candidates]
    good = [place for place, answer in enumerate(answers) if answer is not nothing] or list(range(len(answers)))
    return [candidates[place] for place in good], torch.stack([answers[place] for place in good], dim=1)


def _asked(candidate: Strategy, snapshot: Snapshot, n: int, rng: np.random.Generator, otherwise: Tensor) -> Tensor:
    return spared(candidate, lambda: guarded_scores(candidate, snapshot, n, rng), otherwise)


def comparable(scores: Tensor, scale: Scale = "rank") -> Tensor:
    """S (n, K): each column with mean 0 and standard deviation about 1, float32.

    `rank` uses the percentile rank, ties sharing their mean rank, which no monotone change of a score can alter;
    `zscore` keeps the shape of each score's distribution. A constant column becomes 0.
    """
    if scale == "rank":
        return (percentile_ranks(scores) - 0.5).mul(UNIT).float()
    scores = scores / magnitude(scores.T).T  # so that no square overflows, and none is lost
    centred = scores - scores.mean(dim=0)
    return (centred / centred.std(dim=0, correction=0).clamp_min(1e-12)).float()


def percentile(S: Tensor, scale: Scale = "rank") -> Tensor:
    """The percentile ranks in [0, 1] of scores that `comparable` made S (n, K) of, by the same `scale`."""
    return (S / UNIT + 0.5).clamp(0, 1) if scale == "rank" else percentile_ranks(S).to(S.dtype)
