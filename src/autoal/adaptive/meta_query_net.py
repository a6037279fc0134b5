"""Meta-Query-Net: how much purity is worth beside informativeness, where many samples are of no class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.adaptive.feedback import Adaptive, Memory, answered, strangers, waiting
from autoal.adaptive.skyline import Skyline
from autoal.snapshot import Snapshot
from autoal.strategies.base import top_rows
from autoal.strategies.guard import guarded_scores, spared
from autoal.strategies.kernels import angular, covered, unit_norm
from autoal.strategies.log_space import FLOOR
from autoal.strategies.points import CHUNK
from autoal.strategies.resolve import usable
from autoal.strategies.settings import require_whole

FARTHEST = 10.0  # standard deviations from the mean: more make no difference, and their exponential might overflow


@dataclass(frozen=True)
class MetaQueryNet(Adaptive):
    """Label first what is informative and pure, in proportions that are learned from the answers.

    A sample is pure if its embedding is like that of a labelled one; those that were answered with `OUTSIDE` do not
    count. Both are standardised over the pool and exponentiated, and a small network that is monotone in both scores
    the sample. It is trained to rank the last answers by what the model that asked for them had to learn of them: its
    loss, which is 0 outside. Before there are answers, the score is the sum of both.

    What tells samples outside from others is the embedding, so it should be one of features that do not depend on the
    labels, as where a frozen encoder's are classified. The paper uses contrastive ones for purity alone.

    Args:
        candidates: the strategy whose score is the informativeness, or its name, and others to stand in where it fails;
            default: least confidence, 1 - max p. One that only selects is scored by its order of choice.
        recent: answers that the network is trained on, the last ones. The paper takes those of the last batch, of which
            it has 500 or 1,000; a small one may be all of a kind, and teach that purity is worth nothing.
        least: answers before there is a network.
        hidden: units.
        steps: of training.

    Source: Park et al., NeurIPS 2022. There, weights are the positive parts of parameters.
    """

    name = "meta_query_net"
    reference = "Park et al. 2022"
    needs = frozenset({"log_probs", "embedding"})
    default = ("least_confidence",)

    recent: int = 500
    least: int = 10
    hidden: int = 64
    steps: int = 1000

    def __post_init__(self) -> None:
        require_whole(self, "recent", "least", "hidden", "steps")
        super().__post_init__()

    def begin(self, snapshot: Snapshot) -> Memory:
        """Nothing to train a network on; a lesson is two inputs and a loss."""
        return {"asked": {}, "lessons": []}

    def learn(self, memory: Memory, snapshot: Snapshot) -> Memory:
        """Note the inputs and the loss of what was answered since the last query."""
        rows, asked = answered(memory, snapshot), memory["asked"]
        losses = {id_: -asked[id_]["log_probs"][int(snapshot.labels[row])] for id_, row in rows.items()}
        losses |= dict.fromkeys(strangers(memory, snapshot), 0.0)
        lessons = memory["lessons"] + [[*asked[id_]["x"], losses[id_]] for id_ in asked if id_ in losses]
        return {"asked": waiting(memory, snapshot), "lessons": lessons[-max(self.recent, len(losses)) :]}

    def network(self, memory: Memory, rng: np.random.Generator) -> Skyline | None:
        """What the lessons teach; None if there are few, or all losses are the same."""
        lessons = torch.tensor(memory["lessons"], dtype=torch.float64).reshape(-1, 3)
        x, loss = lessons[:, :2], lessons[:, 2]
        if len(loss) < self.least or len(loss.unique()) < 2:
            return None
        return Skyline.fitted(x, loss, rng, hidden=self.hidden, steps=self.steps)

    def choose(self, snapshot: Snapshot, n: int, rng: np.random.Generator, memory: Memory) -> tuple[Tensor, Memory]:
        """Rows (n,) of the highest scores, by the network that the last answers teach."""
        candidate_rng, training_rng, rng = rng.spawn(3)
        informativeness = self._informativeness(snapshot, n, candidate_rng)
        x = exp_standard(torch.stack([informativeness, purity(snapshot)], dim=1))
        network = self.network(memory, training_rng)
        scores = x.sum(dim=1) if network is None else network.scores(x)
        rows = top_rows(scores, n, snapshot, rng)
        return rows, {**memory, "asked": memory["asked"] | _noted(snapshot, rows, x)}

    def _informativeness(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """The score (n_rows,) of the first candidate that gives one, in double, or 0 if none does."""
        for part in usable(self.parts, snapshot):
            scores = spared(part, lambda part=part: guarded_scores(part, snapshot, n, rng), torch.empty(0))  # type: ignore[misc]
            if len(scores):
                return scores.exp() if part.log_scale else scores
        return torch.zeros(len(snapshot), dtype=torch.float64)


def purity(snapshot: Snapshot) -> Tensor:
    """max_a (1 + cos(h_i, h_a)) / 2 (n,) over the labelled samples a, in double; 0 where there are none."""
    anchors = unit_norm(snapshot.labelled_embedding.double())
    chunks = snapshot.embedding.split(CHUNK)
    return torch.cat([covered(unit_norm(h.double()), anchors, angular()) for h in chunks])


def exp_standard(columns: Tensor) -> Tensor:
    """exp((x - mean) / standard deviation) of each column of x (n, D), 1 where all rows are alike."""
    centred = columns - columns.mean(dim=0)
    deviation = columns.std(dim=0, correction=0)
    # a deviation that is only rounding would be blown up to a difference
    alike = deviation <= 1e-12 * columns.abs().amax(dim=0)
    return torch.where(alike, 0.0, centred / deviation).clamp(-FARTHEST, FARTHEST).exp()


def _noted(snapshot: Snapshot, rows: Tensor, x: Tensor) -> Memory:
    """What lessons are made of once there are answers: inputs and prediction of the model that asks, by id as text."""
    columns = (snapshot.ids[rows], x[rows], snapshot.log_probs[rows].double().clamp_min(FLOOR))
    return {
        str(id_): {"x": [round(value, 4) for value in inputs], "log_probs": [round(value, 4) for value in prediction]}
        for id_, inputs, prediction in zip(*(column.tolist() for column in columns), strict=True)
    }
