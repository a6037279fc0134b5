"""A control: what AutoAL's search found, given to the wrong samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.search.autoal import AutoAL
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.draws import assigned, by_id


@dataclass(frozen=True)
class ShuffledWeights(AutoAL):
    """AutoAL, except that its weights and gates are dealt to the samples anew, at random.

    The mean weight of each candidate stays, and so do the weights that go together; what the weights say of single
    samples is lost. What AutoAL gains over this control is what weights for each sample are worth.
    """

    name = "shuffled_weights"
    reference = "control: learned weights, wrong samples"
    needs = frozenset({"log_probs", "embedding"})

    def weigh(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """W and Theta of AutoAL, with the same permutation of the samples for all candidates."""
        W, Theta = super().weigh(snapshot, candidates, n, rng)
        source = by_id(snapshot)[torch.from_numpy(rng.permutation(len(snapshot)))]
        return assigned(snapshot, W[source]), assigned(snapshot, Theta[source])
