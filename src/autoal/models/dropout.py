"""Dropout in front of a linear layer, with one mask a pass."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from autoal.errors import InputError
from autoal.models.protocol import StochasticHead
from autoal.numeric import is_number
from autoal.random import torch_generator


def require_rate(dropout: float) -> float:
    """The rate itself, if it is one that leaves something over."""
    if not is_number(dropout) or not 0 <= dropout < 1:
        raise InputError("a dropout rate of at least 0 and less than 1", f"dropout={dropout!r}", "dropout=0.5")
    return dropout


def masked_head(layer: nn.Linear, passes: int, rate: float, rng: np.random.Generator) -> StochasticHead:
    """The layer with random inputs left out and the others scaled by 1 / (1 - `rate`); one mask (D,) a pass.

    A pass is the same function for every sample. The masks are put on the weights, so memory is O(T C D + T n C).
    """
    kept = torch.rand(passes, layer.in_features, generator=torch_generator(rng)) >= rate
    weight = layer.weight.detach().float().cpu() * kept[:, None, :] / (1 - rate)  # (T, C, D)
    bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach().float().cpu()
    flat = weight.flatten(0, 1).T  # (D, T C)

    def head(embedding: Tensor) -> Tensor:
        logits = (embedding @ flat).unflatten(1, (passes, -1)) + bias
        return torch.log_softmax(logits, dim=2).transpose(0, 1)

    return head
