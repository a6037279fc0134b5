"""A network that respects the skyline: its score never falls when one of its inputs rises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from autoal.random import torch_generator
from autoal.strategies.learning_loss import pairwise_hinge
from autoal.strategies.points import by_chunks


@dataclass(frozen=True)
class Skyline:
    """score(x) = sigmoid(x W1 + b1) W2 with W1, W2 >= 0, in double; a constant added would change no order.

    Source: Park et al., NeurIPS 2022, who call such a score skyline regular.
    """

    W1: Tensor  # (D, hidden), none below 0
    b1: Tensor  # (hidden,)
    W2: Tensor  # (hidden,), none below 0

    def __call__(self, x: Tensor) -> Tensor:
        """Scores (n,) of inputs (n, D)."""
        return torch.sigmoid(x @ self.W1 + self.b1) @ self.W2

    def scores(self, x: Tensor) -> Tensor:
        """Scores (n,) of many inputs (n, D)."""
        return by_chunks(self, x)

    @classmethod
    def fitted(
        cls,
        x: Tensor,
        loss: Tensor,
        rng: np.random.Generator,
        *,
        hidden: int = 64,
        steps: int = 1000,
        pairs: int = 128,
        margin: float = 1.0,
        lr: float = 0.01,
    ) -> Self:
        """The network that ranks inputs x (m, D) by their losses (m,), on random pairs in each step.

        After each step of Adam, negative weights are set to 0: the gradient still reaches them there, as it does not
        where the network takes their positive part.
        """
        g = torch_generator(rng)
        shapes = ((x.shape[1], hidden), (hidden,), (hidden,))
        net = cls(*(torch.rand(shape, generator=g, dtype=torch.float64).requires_grad_() for shape in shapes))
        optimiser = torch.optim.Adam([net.W1, net.b1, net.W2], lr=lr, fused=True)
        for _ in range(steps):
            rows = torch.randint(len(x), (2, pairs), generator=g)
            predicted, actual = net(x[rows]), loss[rows]
            optimiser.zero_grad()
            pairwise_hinge(predicted[0] - predicted[1], actual[0] - actual[1], margin).backward()
            optimiser.step()
            for weight in (net.W1, net.W2):
                weight.data.clamp_min_(0)
        return cls(net.W1.detach(), net.b1.detach(), net.W2.detach())
