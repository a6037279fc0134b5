"""Votes of an ensemble against the winning class."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from autoal.random import torch_generator
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.points import by_chunks
from autoal.strategies.settings import require_positive, require_whole
from autoal.strategies.standard import Standard


@dataclass(frozen=True)
class EnsembleVarRatio(Strategy):
    """Label first where most members vote against the majority's class, 1 - f_mode / M; ties as in `VarRatio`.

    Members are networks with one hidden layer, from different initial weights and on different bootstrap samples of
    the labelled embedding, trained all at once. The paper trains whole convolutional networks, all on the same data;
    here they share the model's features, and the bootstrap makes up for it. Without labels all scores are 0.

    Args:
        members: M.
        hidden: units of each.
        steps: of training.
        batch: rows in each step, from each member's bootstrap sample.
        lr: of AdamW.

    Source: Beluch et al., CVPR 2018.
    """

    name = "ensemble_var_ratio"
    reference = "Beluch et al. 2018"
    needs = frozenset({"log_probs", "embedding"})  # of log_probs only the number of classes

    members: int = 5
    hidden: int = 64
    steps: int = 200
    batch: int = 128
    lr: float = 3e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole(self, "members", "hidden", "steps", "batch")
        require_positive(self, "lr")

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Variation ratio (n,) in [0, 1), plus the tie-breaker of less than half a vote, in double."""
        if len(snapshot.labels) == 0:
            return torch.zeros(len(snapshot), dtype=torch.float64)
        standard = Standard.of(snapshot, rng)
        members = self._trained(standard(snapshot.labelled_embedding), snapshot.labels, snapshot.n_classes, rng)
        with torch.no_grad():
            return by_chunks(lambda h: variation_ratio(members, standard(h)), snapshot.embedding)

    def _trained(self, h: Tensor, labels: Tensor, n_classes: int, rng: np.random.Generator) -> Members:
        """Members trained on h (m, D) and labels (m,)."""
        g = torch_generator(rng)
        members = Members.drawn((self.members, h.shape[1], self.hidden, n_classes), g)
        sample = torch.randint(len(h), (self.members, len(h)), generator=g)  # each row one member's bootstrap
        optimiser = torch.optim.AdamW(members.parameters, lr=self.lr, fused=True)
        for _ in range(self.steps):
            rows = sample.gather(1, torch.randint(len(h), (self.members, self.batch), generator=g))
            optimiser.zero_grad()
            # the sum over members of their mean losses: each gets the gradient that it would get alone
            loss = cross_entropy(members(h[rows]).flatten(0, 1), labels[rows].flatten()) * self.members
            loss.backward()
            optimiser.step()
        return members


@dataclass(frozen=True)
class Members:
    """M networks x -> relu(x W + a) V + b, stacked along the first dimension."""

    W: Tensor  # (M, D, H)
    a: Tensor  # (M, 1, H)
    V: Tensor  # (M, H, C)
    b: Tensor  # (M, 1, C)

    @classmethod
    def drawn(cls, sizes: tuple[int, int, int, int], g: torch.Generator) -> Members:
        """With random weights of variance 2 / inputs and 1 / inputs, for sizes (M, D, H, C); biases 0."""
        M, D, H, C = sizes
        W, V = torch.randn(M, D, H, generator=g) * (2 / D) ** 0.5, torch.randn(M, H, C, generator=g) * H**-0.5
        members = cls(W, torch.zeros(M, 1, H), V, torch.zeros(M, 1, C))
        for parameter in members.parameters:
            parameter.requires_grad_()
        return members

    @property
    def parameters(self) -> list[Tensor]:
        """All weights and biases."""
        return [self.W, self.a, self.V, self.b]

    def __call__(self, x: Tensor) -> Tensor:
        """Logits (M, k, C) of x (M, k, D), k rows for each member."""
        return torch.baddbmm(self.b, torch.relu(torch.baddbmm(self.a, x, self.W)), self.V)


def variation_ratio(members: Members, h: Tensor) -> Tensor:
    """1 - f_mode / M + H(mean p) / (2 M log C) (n,) of the members' predictions at h (n, D), one member at a time."""
    M, C = len(members.W), members.b.shape[2]
    votes, mean = torch.zeros(len(h), C, dtype=torch.float64), torch.zeros(len(h), C, dtype=torch.float64)
    for W, a, V, b in zip(*members.parameters, strict=True):
        p = torch.softmax((torch.relu(h @ W + a) @ V + b).double(), dim=1)
        votes.scatter_add_(1, p.argmax(dim=1, keepdim=True), p.new_full((len(h), 1), 1 / M))
        mean += p / M
    entropy = torch.special.entr(mean).sum(dim=1)
    return torch.as_tensor(1 - votes.amax(dim=1) + entropy / (2 * M * math.log(max(C, 2))))
