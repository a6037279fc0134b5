from __future__ import annotations

from functools import partial

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from torch import nn

from autoal.errors import ModelError
from autoal.models import Model, SklearnModel, StochasticModel, TorchModel, as_model
from autoal.models.mlp import mlp


def test_a_model_is_kept_and_a_classifier_is_wrapped() -> None:
    model = TorchModel(partial(mlp, 5))
    assert as_model(model) is model
    assert isinstance(as_model(LogisticRegression()), SklearnModel)
    for kind in (model, as_model(LogisticRegression())):
        assert isinstance(kind, Model)
        assert isinstance(kind, StochasticModel)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (nn.Linear(2, 2), "Linear without fit, predict, features, clone"),
        (LinearSVC(), "no predict_proba"),
        (LogisticRegression, "the class LogisticRegression"),
        (TorchModel, "the class TorchModel"),
        (nn.Linear, r"the class Linear. Try: TorchModel\(Linear\)"),
    ],
)
def test_anything_else_is_refused_by_what_it_lacks(wrong: object, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        as_model(wrong)
