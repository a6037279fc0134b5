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
    missing = [name for name in METHODS if not callable(getattr(model, name, None))]
    if missing or isinstance(model, type):
        got = f"{type(model).__name__} without {', '.join(missing)}" if missing else f"the class {model.__name__}"
        raise ModelError(
            f"a model with {', '.join(METHODS)}, or a scikit-learn classifier",
            got,
            "TorchModel(make_module) for a module",
        )
    return model  # type: ignore[no-any-return]
