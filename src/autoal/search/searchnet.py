"""SearchNet: for each sample, the weight W and the gate Theta of each candidate, and a prediction of its loss."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from autoal.search.loss_prediction import LossPredictor
from autoal.search.networks import Backbone


class SearchOutput(NamedTuple):
    """What SearchNet says of n samples and K candidates."""

    W: Tensor  # (n, K) non-negative, rows sum to one
    Theta: Tensor  # (n, K)
    predicted_loss: Tensor  # (n,)


class SearchNet(nn.Module):
    """A backbone with a head for W and Theta and a loss predictor that shapes the same features.

    The head starts at zero: a uniform vote with open gates, so that evidence alone moves it.
    """

    def __init__(self, backbone: Backbone, n_candidates: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.widths[-1], 2 * n_candidates)
        self.loss_predictor = LossPredictor(backbone.widths)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> SearchOutput:
        """W, Theta and the predicted loss of the samples `x`."""
        levels = self.backbone(x)
        logits, Theta = self.head(levels[-1]).chunk(2, dim=1)
        return SearchOutput(torch.softmax(logits, dim=1), Theta, self.loss_predictor(levels))


def gradient_norm(net: nn.Module) -> float:
    """Euclidean norm of all gradients of `net`; zero means that nothing was learned in this step."""
    squares = [p.grad.square().sum() for p in net.parameters() if p.grad is not None]
    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0
