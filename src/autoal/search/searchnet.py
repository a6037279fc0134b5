"""SearchNet: for each sample, the weight W and the gate Theta of each candidate, and a prediction of its loss."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from autoal.search.loss_prediction import LossPredictor
from autoal.search.networks import Backbone


class SearchOutput(NamedTuple):
    """What SearchNet says of n samples and K candidates."""

    W: Tensor  # (n, K) non-negative, rows sum to one
    Theta: Tensor  # (n, K)
    predicted_loss: Tensor  # (n,)


class SearchNet(nn.Module):
    """A backbone with a head for W and Theta and a loss predictor that shapes the same features.

    To the logarithms of the first vote, and to gates that are open, come a part that all samples share and the
    deviation of the sample. Both begin at zero, and evidence alone moves them. Without `gates`, Theta stays zero;
    without `per_sample`, all samples have the same weights and gates.

    Args:
        backbone: gives the features of a sample.
        first_vote: (K,) the weights before anything is learned, positive, of sum one.
        gates: whether Theta is learned.
        gate_bound: the size that Theta approaches and never exceeds; None leaves it free.
        per_sample: whether samples differ.
    """

    first_vote: Tensor

    def __init__(
        self,
        backbone: Backbone,
        first_vote: Tensor,
        *,
        gates: bool = True,
        gate_bound: float | None = None,
        per_sample: bool = True,
    ) -> None:
        super().__init__()
        n_candidates = len(first_vote)
        self.backbone = backbone
        self.gates, self.gate_bound, self.per_sample = gates, gate_bound, per_sample
        self.register_buffer("first_vote", first_vote)
        self.shared = nn.Parameter(torch.zeros(2 * n_candidates))
        self.head = nn.Linear(backbone.widths[-1], 2 * n_candidates, bias=False)
        self.loss_predictor = LossPredictor(backbone.widths)
        nn.init.zeros_(self.head.weight)

    def forward(self, x: Tensor) -> SearchOutput:
        """W, Theta and the predicted loss of the samples `x`."""
        levels = self.backbone(x)
        deviation = self.head(levels[-1])
        if not self.per_sample:
            deviation = torch.zeros_like(deviation)
        logits, Theta = (self.shared + deviation).chunk(2, dim=1)
        Theta = self._bounded(Theta)
        W = torch.softmax(self.first_vote.log() + logits, dim=1)
        return SearchOutput(W, Theta, self.loss_predictor(levels))

    def log_shared_vote(self) -> Tensor:
        """The logarithm of the vote (K,) of a sample without a deviation: what all samples share."""
        logits, Theta = self.shared.chunk(2)
        return torch.log_softmax(self.first_vote.log() + logits + logsigmoid(self._bounded(Theta)), dim=0)

    def _bounded(self, Theta: Tensor) -> Tensor:
        if not self.gates:
            return torch.zeros_like(Theta)
        return Theta if self.gate_bound is None else self.gate_bound * torch.tanh(Theta / self.gate_bound)


def gradient_norm(net: nn.Module) -> float:
    """Euclidean norm of all gradients of `net`; zero means that nothing was learned in this step."""
    gradients = [p.grad for p in net.parameters() if p.grad is not None]
    return float(nn.utils.get_total_norm(gradients)) if gradients else 0.0
