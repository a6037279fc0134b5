"""Stochastic batches: the highest of any score with noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor

from autoal.errors import InputError
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import gumbel
from autoal.strategies.guard import guarded_scores
from autoal.strategies.resolve import Scored
from autoal.strategies.settings import is_one_of, require_not_negative

KINDS = ("power", "softmax", "softrank")
NEVER = -1e300  # the logarithm of no chance: finite, and so low that noise makes no difference


@dataclass(frozen=True)
class Power(Scored):
    """Draw the batch without replacement, with odds by score, instead of taking the highest, which are much alike.

    The chance of row i is proportional to s_i^beta (power), exp(beta s_i) (softmax), or rank_i^-beta (softrank; the
    highest score has rank 1, ties share their mean rank). Rows without a chance come last, in random order.

    Args:
        scorer: which scores the rows, or its name; one that only selects is scored by its order of choice.
        kind: "power", "softmax" or "softrank"; power takes no negative scores.
        beta: coldness, at least 0; 0 draws uniformly, and more comes nearer to the highest scores.

    Source: Kirsch et al., TMLR 2023.
    """

    name = "power"
    reference = "Kirsch et al. 2023"
    needs = frozenset({"log_probs"})

    scorer: Strategy | str = "margin"
    kind: str = "power"
    beta: float = 1.0

    @property
    def given(self) -> tuple[Strategy | str, ...]:
        """The scorer."""
        return (self.scorer,)

    def __post_init__(self) -> None:
        if not is_one_of(self.kind, KINDS):
            raise InputError(f"kind to be one of {', '.join(KINDS)}", repr(self.kind), "kind='power'")
        require_not_negative(self, "beta")
        super().__post_init__()

    def batch_scores(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Log odds plus Gumbel noise (n_rows,), whose highest are the draw; other noise at each call."""
        scorer = self.parts[0]
        if self.kind == "power":
            s = log_scores(scorer, snapshot, n, rng)
        else:
            s = guarded_scores(scorer, snapshot, n, rng)
            s = -ranks(s).log() if self.kind == "softrank" else s.exp() if scorer.log_scale else s
        log_odds = (self.beta * s).nan_to_num(nan=0.0, posinf=-NEVER, neginf=NEVER)  # 0^0 = 1, but 0 * log 0 is NaN
        return log_odds + gumbel(snapshot, rng)


def ranks(scores: Tensor) -> Tensor:
    """Ranks (n,) in double, the highest score with rank 1; ties share their mean rank."""
    return torch.from_numpy(np.asarray(rankdata(-scores.numpy())))


def log_scores(scorer: Strategy, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
    """Logarithms (n_rows,) of scores that must not be negative, -inf for 0; as they are where they are logarithms."""
    scores = guarded_scores(scorer, snapshot, n, rng)
    if scorer.log_scale:
        return scores
    if bool((scores < 0).any()):
        hint = "Power(kind='softrank'), which takes any score, or a scorer like 'margin'"
        raise InputError("scores of at least 0", f"{float(scores.min()):.4g} from {type(scorer).__name__}", hint)
    return scores.log()
