"""The bilevel search: SearchNet and FitNet take turns on opposite halves of the labelled set."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal.inputs import Inputs
from autoal.models.protocol import Model
from autoal.random import torch_seed
from autoal.search.divergence import Diverged
from autoal.search.fitnet import FitNet
from autoal.search.halves import halves
from autoal.search.loss_prediction import ranking_loss
from autoal.search.losses import (
    TINY,
    advantage,
    count_regulariser,
    handicap,
    learnable,
    own_departure,
    prior_penalty,
    search_loss,
)
from autoal.search.mixture import thresholds
from autoal.search.relaxation import annealed, gated_weights, integrated_score, soft_count
from autoal.search.scores import comparable, score_matrix
from autoal.search.searchnet import SearchNet, gradient_norm
from autoal.search.settings import Scale, SearchSettings
from autoal.strategies.base import Strategy

History = dict[str, list[float]]  # the value of each loss at each step


@dataclass(frozen=True)
class Problem:
    """What is searched on: m labelled samples, and how the candidates would be asked."""

    labels: Tensor  # (m,)
    n_classes: int
    search_inputs: Inputs  # m samples as SearchNet sees them
    fit_inputs: Inputs  # m samples as FitNet sees them
    make_fitnet: Callable[[], Model]
    candidates: Sequence[Strategy]
    scale: Scale
    max_components: int
    normalised: bool
    scaled_thresholds: bool
    batch: int  # samples wanted of the pool
    share: float  # t = batch / pool


@dataclass(frozen=True)
class Side:
    """A FitNet, trained on one half of the labels, and the rows of the other, scored through it."""

    fitnet: FitNet
    held: Tensor  # rows that stand for the pool


@dataclass(frozen=True)
class Split:
    """Both directions of one split of the labelled set; or one, of all rows, if none are held out."""

    sides: tuple[Side, ...]
    S: Tensor  # (m, K) comparable scores; each half was scored by the FitNet that had not seen it
    theta: Tensor  # (K,)


class BilevelSearch:
    """The upper level trains SearchNet on losses of rows that FitNet has not seen, the lower level trains FitNet.

    `cycles` trains `net` in place, and raises `Diverged` at a step whose gradient is not finite; `history` holds the
    value of each loss at each step so far.
    """

    def __init__(self, problem: Problem, net: SearchNet, settings: SearchSettings, rng: np.random.Generator) -> None:
        self.problem, self.net, self.settings, self.rng = problem, net, settings, rng
        self.history: History = {}
        self.optimiser = _optimiser(net, settings)

    def cycles(self) -> Iterator[SearchNet]:
        """In each cycle, split anew, score once, take turns, and hand out the network as it then is."""
        steps = self.settings.search_steps
        for _ in range(self.settings.cycles):
            self.net.train()
            with torch_seed(self.rng):  # dropout draws from the global generator
                split = self._split()
                for step in range(steps):
                    self._turn(split, annealed(step, steps, self.settings.tau_start, self.settings.tau_end))
            yield self.net.eval()

    def _split(self) -> Split:
        a, b = halves(self.problem.labels, self.rng)
        every = torch.arange(len(self.problem.labels))
        sides = (self._side(a, b), self._side(b, a)) if self.settings.held_out else (self._side(every, every),)
        S = torch.empty(len(every), len(self.problem.candidates))
        for side in sides:
            S[side.held] = self._scored(side)
        p = self.problem
        theta, _ = thresholds(S, self.net.first_vote, p.share, p.max_components, self.rng, scaled=p.scaled_thresholds)
        return Split(sides, S, theta)

    def _side(self, train: Tensor, held: Tensor) -> Side:
        p = self.problem
        fitnet = FitNet(p.make_fitnet(), p.fit_inputs, p.labels, p.n_classes, train, self.settings.fit_lr)
        if self.settings.fitnet != "fitted":
            fitnet.fit(self.rng)
        return Side(fitnet, held)

    def _scored(self, side: Side) -> Tensor:
        """Comparable scores (h, K) of the held rows, as if they were the pool."""
        n = min(self.problem.batch, max(len(side.held) // 2, 1))
        uses = frozenset[str]().union(*(candidate.uses for candidate in self.problem.candidates))
        snapshot = side.fitnet.snapshot(side.held, uses, self.rng)
        return comparable(score_matrix(self.problem.candidates, snapshot, n, self.rng), self.problem.scale)

    def _turn(self, split: Split, tau: float) -> None:
        """A step of SearchNet on rows of either half, then one of each FitNet on its own half.

        What one FitNet has not seen is what the other is trained on, so both levels work on the same rows.
        """
        batches = [self._minibatch(side.held, len(split.sides)) for side in split.sides]
        S_bar, L_re = self._search_step(split, batches, tau)
        own = zip(split.sides, reversed(batches), reversed(S_bar), strict=True)
        L_F = [side.fitnet.step(rows, part, L_re, self.settings.lambda_bar) for side, rows, part in own]
        self._note(L_F=sum(L_F) / len(L_F))

    def _search_step(self, split: Split, batches: Sequence[Tensor], tau: float) -> tuple[Sequence[Tensor], Tensor]:
        """One step on the losses of the FitNet that has not seen the rows (Eq. 8); S-bar of each batch, and L_re."""
        rows = torch.cat(list(batches))
        loss = self._loss(split, batches)
        out = self.net(self.problem.search_inputs.take(rows.numpy()))
        gated = gated_weights(out.W, out.Theta, normalised=self.problem.normalised)
        S_bar = integrated_score(split.S[rows], split.theta, gated)
        alpha = soft_count(S_bar, tau)
        L_re = count_regulariser(alpha, self.problem.share * len(rows))
        L_S = search_loss(S_bar, advantage(loss) if self.settings.centred else loss, L_re, self.settings.lambda_bar)
        L_S = L_S - gated.mean(dim=0) @ handicap(split.S[rows], loss, self.settings.tolerance)
        prior = self._prior(gated)
        ranking = ranking_loss(out.predicted_loss, loss)
        self.optimiser.zero_grad(set_to_none=True)
        (L_S + prior + self.settings.loss_prediction * ranking).backward()
        gradient = gradient_norm(self.net)
        self._note(L_S=L_S, L_re=L_re, alpha=alpha, prior=prior, ranking=ranking, gradient=gradient)
        if not math.isfinite(gradient):
            raise Diverged(f"its search diverged at step {len(self.history['gradient'])}: the gradient is {gradient}")
        self.optimiser.step()
        return S_bar.detach().split([len(batch) for batch in batches]), L_re.detach()

    def _loss(self, split: Split, batches: Sequence[Tensor]) -> Tensor:
        """What each row was worth labelling, by the FitNet that has not seen it, and the one that has; see `signal`."""
        before = torch.cat([side.fitnet.losses(rows) for side, rows in zip(split.sides, batches, strict=True)])
        if self.settings.signal == "cross_entropy":
            return before
        if self.settings.signal == "error" or not self.settings.tells_learnable:
            return -torch.expm1(-before)  # 1 - p(y)
        taught = zip(reversed(split.sides), batches, strict=True)
        after = torch.cat([side.fitnet.losses(rows) for side, rows in taught])
        return learnable((-before).exp(), (-after).exp())

    def _prior(self, gated: Tensor) -> Tensor:
        """What leaving the first vote costs; a mean over m labels has a standard error of about 1 / sqrt(m)."""
        log_vote, log_first = self.net.log_shared_vote(), self.net.first_vote.log()
        shared = prior_penalty(log_vote, log_first, self.settings.prior, self.settings.doubt)
        votes = gated / gated.sum(dim=1, keepdim=True).clamp_min(TINY)  # the paper's gates can all but close
        own = self.settings.doubt * own_departure(votes, log_vote.exp())
        return torch.as_tensor((shared + own) / len(self.problem.labels) ** 0.5)

    def _minibatch(self, rows: Tensor, sides: int) -> Tensor:
        """A side's share of B rows, in random order, so that loss prediction sees new pairs in every step."""
        return rows[torch.from_numpy(self.rng.permutation(len(rows))[: max(self.settings.minibatch // sides, 1)])]

    def _note(self, **values: Tensor | float) -> None:
        for name, value in values.items():
            self.history.setdefault(name, []).append(value.item() if isinstance(value, Tensor) else float(value))


def _optimiser(net: SearchNet, settings: SearchSettings) -> torch.optim.Optimizer:
    """The weights that all samples share move ten times faster than the network that tells samples apart."""
    if settings.optimiser == "sgd":
        return torch.optim.SGD(net.parameters(), lr=settings.search_lr, momentum=0.9, weight_decay=5e-4)
    network = [parameter for parameter in net.parameters() if parameter is not net.shared]
    shared = {"params": [net.shared], "weight_decay": 0.0}
    own = {"params": network, "weight_decay": settings.weight_decay, "lr": settings.search_lr / 10}
    return torch.optim.AdamW([shared, own], lr=settings.search_lr, fused=True)
