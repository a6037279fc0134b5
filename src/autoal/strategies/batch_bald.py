"""BatchBALD: the joint information of a batch about the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Passes, Snapshot
from autoal.strategies.base import Strategy, top_rows
from autoal.strategies.draws import shuffled
from autoal.strategies.lazy import lazy_greedy
from autoal.strategies.settings import require_whole

CELLS = 2**17  # entries of the mixtures that exist at one time: they stay in the cache
NOTHING = 1e-6  # nats; once no row tells more about which pass is right, the batch knows all that the passes can tell


@dataclass(frozen=True)
class BatchBald(Strategy):
    """Label next what, given the labels the batch would get, tells most about which stochastic pass is right.

    A batch of b rows has C^b possible labellings. All are kept while there are at most `labellings`; then so many are
    drawn, each with its posterior over the T passes. No batch tells more than log T nats: when nothing is left to
    learn, the rest of the batch is by BALD alone. O(n_rows + labellings x T x C) memory, where C classes are added to
    each labelling; gains are bounded lazily, so that passes are re-run, from the embedding, for few rows.

    Args:
        labellings: of the batch so far that are kept.

    Source: Kirsch, van Amersfoort and Gal, NeurIPS 2019.
    """

    name = "batch_bald"
    reference = "Kirsch et al. 2019"
    needs = frozenset({"stochastic"})

    labellings: int = 1024

    def __post_init__(self) -> None:
        super().__post_init__()
        require_whole(self, "labellings")

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """Rows (n,) in the order of what they add."""
        bald = self.stochastic(snapshot).mutual_information
        assert snapshot.passes is not None  # where there are statistics, there are passes
        order = shuffled(snapshot, rng)
        gains = JointInformation(snapshot.passes, bald, order, self.labellings, rng)
        picks = order[lazy_greedy(gains, n, least=NOTHING)]
        rest = bald.clone()
        rest[picks] = -torch.inf
        return torch.cat([picks, top_rows(rest, n - len(picks), snapshot, rng)])


class JointInformation:
    """I(y_c; pass | y of the picks) of each row c, as gains of `lazy_greedy`; given more labels it only gets smaller.

    Args:
        passes: log-probabilities (T, k, C) of k rows.
        bald: (n,) the gains before any pick.
        order: (n,) rows in the order in which ties are broken; positions in it are what is picked.
        labellings: of the picks that are kept.
        rng: draws labellings where there are more.
    """

    def __init__(self, passes: Passes, bald: Tensor, order: Tensor, labellings: int, rng: np.random.Generator) -> None:
        self.passes, self.order, self.labellings, self.rng = passes, order, labellings, rng
        self.bounds = bald[order].double() * (1 + 1e-6) + 1e-7  # the statistics are in single precision
        n_passes = len(passes(order[:1]))
        self.posterior = torch.full((1, n_passes), 1 / n_passes, dtype=torch.float64)  # of the passes, by labelling
        self.weight = torch.ones(1, dtype=torch.float64)  # probability of each labelling

    def refresh(self, rows: Tensor) -> None:
        """Make the bounds of these rows exact."""
        old = self.bounds[rows]
        self.bounds[rows] = torch.where(old.isneginf(), old, self._gain(self.order[rows]))

    def add(self, row: int) -> None:
        """Pick a row: each labelling goes on with each of its classes."""
        q = self._probs(self.order[row][None])[:, 0]  # (T, C)
        joint = self.posterior[:, :, None] * q  # (M, T, C)
        probability = joint.sum(dim=1)  # (M, C)
        weight = (self.weight[:, None] * probability).reshape(-1)
        posterior = joint.movedim(1, 2).reshape(len(weight), -1)
        kept = weight > 0
        weight, posterior = weight[kept], posterior[kept]
        if len(weight) > self.labellings:
            drawn = self._drawn(weight)
            posterior, weight = posterior[drawn], torch.full((len(drawn),), 1 / len(drawn), dtype=torch.float64)
        self.posterior, self.weight = posterior / posterior.sum(dim=1, keepdim=True), weight / weight.sum()

    def _gain(self, rows: Tensor) -> Tensor:
        """H of the mixture less the mean H of its parts, averaged over the labellings (k,)."""
        q = self._probs(rows)  # (T, k, C)
        n_passes, k, n_classes = q.shape
        parts = (self.weight @ self.posterior) @ _surprise(q).sum(dim=2)
        flat, mixtures = q.reshape(n_passes, -1), torch.empty(k * n_classes, dtype=torch.float64)
        for some in torch.arange(k * n_classes).split(max(CELLS // len(self.weight), 1)):
            mixture = self.posterior @ flat[:, some]
            mixtures[some] = self.weight @ _surprise(mixture)  # first over the labellings, which are many
        return (mixtures.view(k, n_classes).sum(dim=1) - parts).clamp_min(0)

    def _probs(self, rows: Tensor) -> Tensor:
        return self.passes(rows).double().exp()

    def _drawn(self, weight: Tensor) -> Tensor:
        """Systematic resampling: labellings as often as their probability, to within one."""
        at = (torch.arange(self.labellings, dtype=torch.float64) + self.rng.random()) / self.labellings
        cumulated = weight.cumsum(dim=0) / weight.sum()
        return torch.searchsorted(cumulated, at).clamp_max(len(weight) - 1)


def _surprise(p: Tensor) -> Tensor:
    """-p log p, whose sum is the entropy; torch.special.entr takes one number at a time."""
    return p.clamp_min(torch.finfo(p.dtype).tiny).log_().mul_(p).neg_()
