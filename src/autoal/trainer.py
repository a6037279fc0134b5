"""Training of a learner's model, where labels have come since it last was trained."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from autoal.arrays import IntArray
from autoal.errors import StateError
from autoal.journal import RunState
from autoal.models import Model, NamedModel, WarmModel, as_model
from autoal.models.predicted import trained
from autoal.pool import Pool
from autoal.progress import working
from autoal.random import SeedTree
from autoal.warm_start import WarmStart

OWNER = "_trained_by"  # attribute of a model: the trainer that trained it last


class Trainer:
    """Keeps a model trained on all labels of a run, and trains it no more often than that needs.

    A model may be shared by several learners: whoever asks for it after another has trained it trains it anew.

    Args:
        pool: the samples that ids stand for.
        model: as for `ActiveLearner`.
        seeds: of the run.
    """

    def __init__(self, pool: Pool, model: Any, seeds: SeedTree) -> None:
        self.pool, self.model, self.seeds = pool, as_model(model), seeds
        self._fitted_at: int | None = None  # number of labels ever written, the model was last trained on
        self._warm = WarmStart()

    def fitted(self, state: RunState, progress: bool) -> Model:
        """Return the model, trained on the labels of this state.

        Raises:
            StateError: there is no label of a class yet.
            ModelError: the model cannot be trained on them.
        """
        ids, labels = state.trained_on
        if not len(ids):
            raise StateError("at least one label of a class", "none", "query(n) and teach(ids, labels)")
        if self._fitted_at != state.entries or getattr(self.model, OWNER, self) is not self:
            self._own(None)  # an interrupted fit leaves a model without owner
            with working(f"training on {len(ids)} labels", progress):
                if isinstance(self.model, NamedModel):
                    self.model.set_names(self.pool.classes, self.pool.columns)
                if isinstance(self.model, WarmModel) and self.model.warm_start:
                    self._warm.train(self.model, state.label_rows, self._train)
                else:
                    self._train(ids, torch.tensor(labels), state.entries)
            self._own(state.entries)
        return self.model

    def _train(self, ids: IntArray, labels: Tensor, entries: int) -> None:
        """Train the model on ids (m,) with labels (m,), with the random numbers of so many labels ever written."""
        rng = self.seeds.child("training", entries).generator()
        trained(self.model, self.pool.subset(ids), labels, len(self.pool.classes), rng)

    def _own(self, entries: int | None) -> None:
        """Note that the model was last trained here, on so many labels ever written; None: that it has no owner."""
        self._fitted_at = entries
        with suppress(AttributeError):  # of a model without room for it, which learners must not share
            setattr(self.model, OWNER, None if entries is None else self)
