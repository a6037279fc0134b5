"""Models that the loop can train: any torch module, any scikit-learn classifier, or anything with four methods."""

from __future__ import annotations

from typing import Any

from torch import nn

from autoal.errors import ModelError
from autoal.models.estimators.acceptance import is_estimator
from autoal.models.protocol import Model, NamedModel, StochasticHead, StochasticModel, WarmModel
from autoal.models.sklearn import SklearnModel
from autoal.models.torch import TorchModel

__all__ = [
    "Model",
    "NamedModel",
    "SklearnModel",
    "StochasticHead",
    "StochasticModel",
    "TorchModel",
    "WarmModel",
    "as_model",
]

METHODS = ("fit", "predict", "features", "clone")


def as_model(model: Any) -> Model:
    """Return a model as it is, and wrap a classifier that has `fit` and `predict_proba` as one.

    Raises:
        ModelError: methods are missing, or a classifier gives no probabilities; the message says why.
    """
    expected = f"a model with {', '.join(METHODS)}, or a scikit-learn classifier"
    if isinstance(model, type):
        hint = f"an instance of it: {model.__name__}(...)"
        if issubclass(model, nn.Module):
            hint = f"TorchModel({model.__name__}), or TorchModel(lambda n_classes: {model.__name__}(..., n_classes))"
        raise ModelError(expected, f"the class {model.__name__}", hint)
    missing = [name for name in METHODS if not callable(getattr(model, name, None))]
    if missing and is_estimator(model):
        return SklearnModel(model)
    if missing:
        got = f"{type(model).__name__} without {', '.join(missing)}"
        raise ModelError(expected, got, "TorchModel(make_module) for a module, or an estimator with predict_proba")
    return model  # type: ignore[no-any-return]
