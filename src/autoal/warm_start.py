"""Trains a model round by round, each time from the weights of the round before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from autoal.arrays import IntArray
from autoal.models.protocol import WarmModel
from autoal.pool import OUTSIDE

Stage = tuple[int, int]  # a round that brought labels, and the number of labels ever written by its end
Fit = Callable[[IntArray, Tensor, int], None]  # trains on ids (m,) and labels (m,), with the seed of so many entries


class WarmStart:
    """Keeps the weights that the last rounds ended with.

    A round ends with a query. Where a training starts from, and so what it gives, follows from the journal alone: not
    from how often the model was asked meanwhile, nor from when the run was saved and loaded.
    """

    def __init__(self) -> None:
        self._model: WarmModel | None = None
        self._states: dict[Stage, Mapping[str, Tensor]] = {}

    def train(self, model: WarmModel, rows: IntArray, fit: Fit) -> None:
        """Train on all labels, from the weights of the last round; rounds whose weights are not known come first.

        Args:
            model: with `warm_start`.
            rows: (k, 3) round, id and label of each label ever written, in order.
            fit: trains the model once.
        """
        if self._model is not model:
            self._model, self._states = model, {}
        stages = _stages(rows)
        done = max((k for k, stage in enumerate(stages[:-1]) if stage in self._states), default=-1)
        model.load_state(self._states[stages[done]] if done >= 0 else None)
        for stage in stages[done + 1 :]:
            ids, labels = _known(rows, stage)
            if len(ids):
                fit(ids, labels, stage[1])
                self._states[stage] = model.state()
        self._states = {stage: self._states[stage] for stage in stages[-2:] if stage in self._states}


def _stages(rows: IntArray) -> list[Stage]:
    return [(int(last), int((rows[:, 0] <= last).sum())) for last in np.unique(rows[:, 0])]


def _known(rows: IntArray, stage: Stage) -> tuple[IntArray, Tensor]:
    """Ids (m,), ascending, and the label that each had at the end of a round, if that was one of the classes."""
    current = {int(id_): int(label) for _, id_, label in rows[rows[:, 0] <= stage[0]]}
    known = sorted(id_ for id_, label in current.items() if label != OUTSIDE)
    return np.array(known, dtype=np.int64), torch.tensor([current[id_] for id_ in known])
