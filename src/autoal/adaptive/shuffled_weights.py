"""A control: what AutoAL's search found, given to the wrong samples, or to the wrong candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from autoal.errors import InputError
from autoal.search.autoal import AutoAL
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import assigned, by_id
from autoal.strategies.settings import is_one_of

Axis = Literal["samples", "candidates"]


@dataclass(frozen=True)
class ShuffledWeights(AutoAL):
    """AutoAL, except that its weights and gates are dealt anew at each query, at random.

    Args:
        across: the `samples`: the mean weight of each candidate stays, and so do the weights that go together; what
            they say of single samples is lost. What AutoAL gains over this is what weights for each sample are worth.
            Or the `candidates`, alike for all samples: the vote is as uneven as it was, but not for those that it was
            meant for. What AutoAL gains over this is what it knows of which candidate is good, the first vote and the
            search together.

    The other arguments are AutoAL's.
    """

    across: Axis = "samples"

    name = "shuffled_weights"
    reference = "control: learned weights, wrong samples"
    needs = frozenset({"log_probs", "embedding"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if not is_one_of(self.across, get_args(Axis)):
            raise InputError("across='samples' or 'candidates'", repr(self.across), "leave it out for samples")

    def weigh(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """W and Theta of AutoAL, both with the same permutation."""
        W, Theta = super().weigh(snapshot, candidates, n, rng)
        if self.across == "candidates":
            order = torch.from_numpy(rng.permutation(len(candidates)))
            return W[:, order], Theta[:, order]
        source = by_id(snapshot)[torch.from_numpy(rng.permutation(len(snapshot)))]
        return assigned(snapshot, W[source]), assigned(snapshot, Theta[source])
