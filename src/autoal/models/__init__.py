"""Models that the loop can train: any torch module, any scikit-learn classifier, or anything with four methods."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator

from autoal.errors import ModelError
from autoal.models.protocol import Model, StochasticHead, StochasticModel
from autoal.models.sklearn import SklearnModel
from autoal.models.torch import TorchModel

__all__ = ["Model", "SklearnModel", "StochasticHead", "StochasticModel", "TorchModel", "as_model"]

METHODS = ("fit", "predict", "features", "clone")


def as_model(model: Any) -> Model:
    """A model as it is, or a scikit-learn classifier wrapped as one.

    Raises:
        ModelError: methods are missing; they are named.
    """
    if isinstance(model, BaseEstimator):
        return SklearnModel(model)
    expected = f"a model with {', '.join(METHODS)}, or a scikit-learn classifier"
    if isinstance(model, type):
        raise ModelError(expected, f"the class {model.__name__}", f"an instance of it: {model.__name__}(...)")
    missing = [name for name in METHODS if not callable(getattr(model, name, None))]
    if missing:
        got = f"{type(model).__name__} without {', '.join(missing)}"
        raise ModelError(expected, got, "TorchModel(make_module) for a module")
    return model  # type: ignore[no-any-return]
