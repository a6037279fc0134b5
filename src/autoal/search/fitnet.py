"""FitNet: a model trained on one half of the labelled set, judged by its losses on the other."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from autoal.errors import DivergedError
from autoal.inputs import Inputs, Subset
from autoal.models.predicted import predicted, trained
from autoal.models.protocol import Model
from autoal.models.torch import TorchModel
from autoal.search.divergence import Diverged
from autoal.search.losses import fit_loss
from autoal.snapshot import Snapshot

CHUNK = 512  # rows that are read at one time where all are


class FitNet:
    """One model, the labelled inputs (m) it works on, and the rows it is trained on.

    A `TorchModel` goes on learning in `step`; of any other model the fit is taken as the optimum of the lower level.
    """

    def __init__(self, model: Model, inputs: Inputs, labels: Tensor, n_classes: int, train: Tensor, lr: float) -> None:
        self.model, self.inputs, self.labels, self.n_classes = model, inputs, labels, n_classes
        self.train, self.lr = train, lr
        self.optimiser: torch.optim.Optimizer | None = None

    def fit(self, rng: np.random.Generator) -> None:
        """Train from scratch on the rows `train`.

        Raises:
            Diverged: the loss is not finite in the end.
        """
        try:
            trained(self.model, self._subset(self.train), self.labels[self.train], self.n_classes, rng)
        except DivergedError as error:
            raise Diverged(f"a network diverged on half of the labels ({error})") from error
        if isinstance(self.model, TorchModel):
            self.optimiser = torch.optim.Adam(self.model.module.parameters(), lr=self.lr / 10, fused=True)

    def snapshot(self, held: Tensor, uses: frozenset[str], rng: np.random.Generator) -> Snapshot:
        """What the candidates see of the rows `held` as if they were the pool, and `train` the labelled set.

        Stochastic passes of a network that learns in `step` are its last layer alone, and are always drawn, so that
        what is drawn after them does not depend on what the candidates use.

        Raises:
            Diverged: the model's answers are no probabilities.
        """
        uses = uses if self.optimiser is None else uses | {"stochastic"}
        taught, labels = self._subset(self.train), self.labels[self.train]
        try:
            return Snapshot.from_model(
                self.model, self._subset(held), taught, labels, rng, uses=uses, n_classes=self.n_classes
            )
        except DivergedError as error:
            raise Diverged(f"a network diverged on half of the labels ({error})") from error

    def losses(self, rows: Tensor) -> Tensor:
        """Cross-entropy l (b,) of the rows, in nats; not trained through."""
        return self._settled[rows] if self.optimiser is None else self._losses(rows)

    @cached_property
    def _settled(self) -> Tensor:
        """The losses (m,) of all rows by a model that `step` leaves as it is."""
        return torch.cat([self._losses(rows) for rows in torch.arange(len(self.labels)).split(CHUNK)])

    def _losses(self, rows: Tensor) -> Tensor:
        batch = self.inputs.take(rows.numpy())
        with torch.no_grad():
            if isinstance(self.model, TorchModel):
                scores = self.model.logits(batch)
            else:
                scores = predicted(self.model, batch, self.n_classes)[0]
            return torch.nn.functional.cross_entropy(scores.cpu().float(), self.labels[rows], reduction="none")

    def step(self, rows: Tensor, S_bar: Tensor, L_re: Tensor, lambda_bar: float) -> float:
        """One step of Eq. 7 on the rows (b,) weighted by S-bar (b,); returns the loss."""
        if self.optimiser is None or not isinstance(self.model, TorchModel):
            return 0.0
        logits = self.model.logits(self.inputs.take(rows.numpy()))
        cross_entropy = torch.nn.functional.cross_entropy(logits.cpu(), self.labels[rows], reduction="none")
        loss = fit_loss(S_bar, cross_entropy, L_re, lambda_bar)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def _subset(self, rows: Tensor) -> Subset:
        return Subset(self.inputs, rows.numpy())
