"""Learning loss: a small network that learns from the labelled samples which losses are higher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from autoal.random import torch_generator, torch_seed
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy
from autoal.strategies.log_space import FLOOR
from autoal.strategies.points import by_chunks
from autoal.strategies.settings import require_not_negative, require_positive, require_whole
from autoal.strategies.standard import Standard


@dataclass(frozen=True)
class LearningLoss(Strategy):
    """The loss that a network with one hidden layer predicts from the embedding.

    It is trained on random pairs of labelled samples to rank their losses. The paper trains it together with the model
    and reads several of its layers; here it is trained afterwards, and reads the embedding alone. With fewer than two
    labels, or where all losses are equal, all scores are 0.

    Args:
        steps: of training.
        pairs: of labelled samples in each step.
        hidden: units.
        margin: by which a higher loss has to be predicted higher.
        lr: of Adam.

    Source: Yoo and Kweon, CVPR 2019.
    """

    name = "learning_loss"
    reference = "Yoo and Kweon 2019"
    needs = frozenset({"log_probs", "embedding"})

    steps: int = 200
    pairs: int = 128
    hidden: int = 64
    margin: float = 1.0
    lr: float = 3e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole(self, "steps", "pairs", "hidden")
        require_not_negative(self, "margin")
        require_positive(self, "lr")

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Predicted loss (n,), in no particular unit."""
        loss = cross_entropy(snapshot.labelled_log_probs, snapshot.labels)
        if len(loss) < 2 or bool(loss.max() == loss.min()):
            return torch.zeros(len(snapshot))
        standard = Standard.of(snapshot, rng)
        net = self._trained(standard(snapshot.labelled_embedding), loss, rng)
        with torch.no_grad():
            return by_chunks(lambda h: net(standard(h)).squeeze(1), snapshot.embedding)

    def _trained(self, h: Tensor, loss: Tensor, rng: np.random.Generator) -> nn.Module:
        """The network after training on h (m, D) and their losses (m,)."""
        with torch_seed(rng):
            net = nn.Sequential(nn.Linear(h.shape[1], self.hidden), nn.ReLU(), nn.Linear(self.hidden, 1))
        optimiser, g = torch.optim.AdamW(net.parameters(), lr=self.lr, fused=True), torch_generator(rng)
        for _ in range(self.steps):
            i, j = torch.randint(len(h), (2, self.pairs), generator=g)
            predicted = net(h[torch.cat([i, j])]).reshape(2, -1)
            optimiser.zero_grad()
            pairwise_hinge(predicted[0] - predicted[1], loss[i] - loss[j], self.margin).backward()
            optimiser.step()
        return net


def cross_entropy(log_probs: Tensor, labels: Tensor) -> Tensor:
    """-log p of the label (m,), at most -FLOOR."""
    return -log_probs.gather(1, labels[:, None]).squeeze(1).clamp_min(FLOOR)


def pairwise_hinge(predicted: Tensor, actual: Tensor, margin: float) -> Tensor:
    """mean max(0, margin - sign(l_i - l_j) (lh_i - lh_j)) of differences of predicted and actual losses, both (k,)."""
    return torch.relu(margin - actual.sign() * predicted).mean()
