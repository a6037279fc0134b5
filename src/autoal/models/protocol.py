"""The methods that the loop calls of a model: fit, predict, and stochastic passes if it can make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from torch import Tensor

from autoal.inputs import Inputs

# Maps an embedding (n, D) to log-probabilities (T, n, C), one for each of T stochastic passes.
StochasticHead = Callable[[Tensor], Tensor]


@runtime_checkable
class Model(Protocol):
    """A classifier that the loop can train from scratch and read predictions and embeddings from."""

    def fit(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        """Train from scratch on m samples with `labels` (m,) int64 in 0 .. n_classes - 1.

        Some classes may have no sample, and there may be fewer samples than classes.
        """
        ...

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Natural-log probabilities (n, C) and embedding (n, D), float32 on the CPU, of `batch` (n, ...)."""
        ...

    def features(self, batch: Tensor) -> Tensor:
        """An embedding (n, D) that needs no label, for the cold start: the same before `fit` and after."""
        ...

    def clone(self) -> Self:
        """An unfitted model of the same kind and settings."""
        ...


@runtime_checkable
class StochasticModel(Model, Protocol):
    """A model that can also be evaluated with random parts left out."""

    def stochastic_head(self, passes: int, rng: np.random.Generator) -> StochasticHead:
        """Draw `passes` random heads once; each is the same function for every sample it is given.

        The head starts at the embedding that `predict` returned, so the network behind it is not run again.
        """
        ...


@runtime_checkable
class WarmModel(Model, Protocol):
    """A model that can go on from the weights of an earlier training; `ActiveLearner` tells it which before each fit.

    A clone starts from scratch.
    """

    @property
    def warm_start(self) -> bool:
        """Tell whether a training goes on from earlier weights."""
        ...

    def state(self) -> Mapping[str, Tensor]:
        """Copies of the numbers that the last `fit` ended with."""
        ...

    def load_state(self, state: Mapping[str, Tensor] | None) -> None:
        """Start the next `fit` from these numbers; None: from scratch."""
        ...


@runtime_checkable
class NamedModel(Protocol):
    """A model that wants to know what its classes and features are called; `ActiveLearner` tells it before each fit."""

    def set_names(self, classes: Sequence[Any], columns: Sequence[str] | None = None) -> None:
        """Take the names of the classes (C,), text or numbers as the pool has them, and of the features if there are.

        `clone` must keep them.
        """
        ...
