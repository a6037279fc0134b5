"""AutoAL: a vote of candidates whose weights are searched for on the labels already known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self, cast

import numpy as np
import torch
from torch import Tensor

from autoal.errors import InputError, ModelError
from autoal.inputs import ArrayInputs, Inputs, chunks
from autoal.models.protocol import Model
from autoal.models.torch import TorchModel
from autoal.random import torch_seed
from autoal.search.bilevel import BilevelSearch, Problem
from autoal.search.divergence import Diverged
from autoal.search.ensemble import Ensemble
from autoal.search.first_vote import favouring
from autoal.search.networks import Backbone, MLPBackbone, ResNetBackbone, resnet_fitnet, softmax_regression
from autoal.search.scores import comparable, percentile
from autoal.search.searchnet import SearchNet, SearchOutput
from autoal.search.settings import SearchSettings
from autoal.search.space import Standardised
from autoal.snapshot import Snapshot, Source
from autoal.strategies.base import Strategy, name_of
from autoal.strategies.settings import is_one_of

MIN_LABELS = 4  # with fewer, no half has two samples to compare, and the vote stays as it starts
EMBEDDING_CHUNK, IMAGE_CHUNK = 4096, 64  # samples that SearchNet reads at one time


@dataclass(frozen=True)
class AutoAL(Ensemble, SearchSettings):
    """Weighs many query strategies for each sample by a bilevel search on halves of the labelled set.

    FitNet is trained on one half; its losses on the other say which samples were worth labelling. SearchNet learns
    weights W and gates Theta of the candidates, so that their joint score is high where the loss is (Eq. 7 to 9).
    See `Ensemble` and `SearchSettings` for the arguments.

    Source: Wang, Zhan and Huang, "AutoAL", ICML 2025.
    """

    name = "autoal"
    reference = "Wang et al. 2025"
    needs = frozenset({"log_probs", "embedding"})

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_search()
        names = [name_of(c) for c in cast(Sequence[Strategy], self.candidates)]
        known = (SearchSettings.favourite or "", *names)
        if self.favourite is not None and not is_one_of(self.favourite, known):
            raise InputError("a favourite among the candidates", repr(self.favourite), ", ".join(names))

    @classmethod
    def paper(cls) -> Self:
        """As near to the published method as learns from pixels: ResNet-18 nets, their steps, the top of the score.

        Losses count as deviations from their mean and gates are bounded, as all gates close without it; the networks
        have a quarter of the published width. docs/search.md lists these departures and those that have no setting.
        What the paper does not say (lambda-bar, the number of components) keeps the default; there is one cycle.
        """
        return cls(
            batch="topk",
            searchnet="inputs",
            fitnet="inputs",
            fit_steps=200,
            search_steps=400,
            cycles=1,
            fit_lr=0.005,
            search_lr=0.005,
            optimiser="sgd",
            minibatch=64,
            doubt=0.0,
            prior=0.0,
            favourite=None,
            normalised=False,
            scaled_thresholds=False,
            tolerance=1.0,
            signal="cross_entropy",
            centred=True,
            gate_bound=2.0,
            width=16,
            loss_prediction=1.0,
        )

    def weigh(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """W and Theta of SearchNet, trained on the snapshot's labelled samples from the first vote on.

        They are the means over the cycles, so that only what several splits of the labels agree on counts. They are the
        first vote where there are too few labels; and, with a warning, where the search diverges or the user's model
        cannot learn from half of the labels.
        """
        first, self.outcome.predicted_loss = self.first_vote(candidates), torch.zeros(len(snapshot))
        if len(snapshot.labels) >= MIN_LABELS and self.search_steps > 0:
            try:
                with self.report_.timed("search"):
                    return self._searched(snapshot, candidates, first, n, rng)
            except ModelError as error:
                if self.fitnet != "model":
                    raise
                reason = f"the model cannot learn from half of the labels ({error})"
                return self.fall_back(snapshot, candidates, reason)
            except Diverged as error:
                return self.fall_back(snapshot, candidates, str(error))
        return first.repeat(len(snapshot), 1), torch.zeros(len(snapshot), len(candidates))

    def first_vote(self, candidates: Sequence[Strategy]) -> Tensor:
        """The vote (K,) before anything is learned on the user's labels."""
        return favouring([name_of(c) for c in candidates], self.favourite, self.favour)

    def _searched(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], first: Tensor, n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """What `weigh` returns, by a search; it also sets the predicted losses, and those of the report."""
        space = Standardised.of(snapshot.embedding)
        problem = self._problem(snapshot, space, candidates, n)
        search = BilevelSearch(problem, self._searchnet(problem.search_inputs, first, rng), self, rng)
        W, Theta = (torch.zeros(len(snapshot), len(candidates)) for _ in range(2))
        predicted_loss = torch.zeros(len(snapshot))
        self.report_.losses = search.history
        for net in search.cycles():
            for rows, out in self._applied(net, snapshot, space):
                W[rows] += out.W / self.cycles
                Theta[rows] += out.Theta / self.cycles
                predicted_loss[rows] += out.predicted_loss / self.cycles
        if not bool(torch.isfinite(predicted_loss).all()):
            raise Diverged("the losses that its search predicts are not finite")
        self.outcome.predicted_loss = predicted_loss
        return W, Theta

    def _integrate(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        S_bar, utility = super()._integrate(snapshot, n, rng)
        if self.score == "vote" or not self.report_.losses or self.report_.fell_back:  # nothing is predicted
            return S_bar, utility
        S = comparable(self.outcome.predicted_loss[:, None].double(), self.scale)[:, 0]
        return S, percentile(S, self.scale) ** self.sharpness

    def _problem(self, snapshot: Snapshot, space: Standardised, candidates: Sequence[Strategy], n: int) -> Problem:
        embedding = ArrayInputs(space(snapshot.labelled_embedding))
        make_fitnet: Callable[[], Model]
        if self.fitnet == "embedding":
            regression = partial(softmax_regression, snapshot.embedding.shape[1])
            make_fitnet = partial(
                TorchModel, regression, epochs=1, min_steps=self.fit_steps, lr=self.fit_lr, device="cpu"
            )
        elif self.fitnet == "inputs":
            make_fitnet = partial(resnet_fitnet, self._source(snapshot).inputs, self.fit_steps, self.fit_lr, self.width)
        elif self.fitnet == "model":
            make_fitnet = self._source(snapshot).model.clone
        else:
            make_fitnet = partial(_same, self._source(snapshot).model)
        return Problem(
            labels=snapshot.labels,
            n_classes=snapshot.n_classes,
            search_inputs=embedding if self.searchnet == "embedding" else self._source(snapshot).labelled_inputs,
            fit_inputs=embedding if self.fitnet == "embedding" else self._source(snapshot).labelled_inputs,
            make_fitnet=make_fitnet,
            candidates=candidates,
            scale=self.scale,
            max_components=self.max_components,
            normalised=self.normalised,
            scaled_thresholds=self.scaled_thresholds,
            batch=n,
            share=n / len(snapshot),
        )

    def _searchnet(self, inputs: Inputs, first_vote: Tensor, rng: np.random.Generator) -> SearchNet:
        one = inputs.take(np.zeros(1, dtype=np.int64))
        with torch_seed(rng):
            if self.searchnet == "inputs":
                backbone: Backbone = ResNetBackbone(one, self.width)
            else:
                backbone = MLPBackbone(one.shape[1], self.hidden, self.dropout)
            return SearchNet(
                backbone, first_vote, gates=self.gates, gate_bound=self.gate_bound, per_sample=self.per_sample
            )

    def _applied(self, net: SearchNet, snapshot: Snapshot, space: Standardised) -> Iterator[tuple[slice, SearchOutput]]:
        """What the network says of the pool, some rows at a time."""
        on_inputs = self.searchnet == "inputs"
        pool = self._source(snapshot).inputs if on_inputs else ArrayInputs(snapshot.embedding)
        with torch.no_grad():
            for rows, batch in chunks(pool, IMAGE_CHUNK if on_inputs else EMBEDDING_CHUNK):
                yield rows, net(batch if on_inputs else space(batch))

    def _source(self, snapshot: Snapshot) -> Source:
        if snapshot.source is None:
            raise InputError(
                "a snapshot taken by ActiveLearner, with the inputs and the model",
                "one made from arrays",
                'searchnet="embedding" and fitnet="embedding"',
            )
        return snapshot.source


def _same(model: Model) -> Model:
    return model
