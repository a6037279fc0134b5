"""Models: arguments of the wrappers, and models of others that return anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from fuzzing import fuzz, only_autoal_errors
from hypothesis import given
from hypothesis import strategies as st
from rubbish import anything, arrays, mostly
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from torch import nn

from autoal import ActiveLearner, Pool, SklearnModel, TorchModel
from autoal.models import as_model

N, C = 6, 3
X = np.random.default_rng(0).normal(size=(N, 4)).astype(np.float32)
numbers = st.sampled_from([0, 1, 2, -1, 0.5, 1e-3, 1e9, True, None]) | anything()


def _module(n_classes: int) -> nn.Module:
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, n_classes))


FACTORIES = st.sampled_from(
    [
        *(
            _module,
            lambda: _module(C),
            lambda n: nn.Identity(),
            lambda n: nn.Linear(5, n),
            lambda n: nn.Linear(4, n + 1),
        ),
        *(
            lambda n: nn.Sequential(nn.Linear(4, n), nn.Softmax(dim=1)),
            lambda n: None,
            lambda n, m: _module(n),
            nn.Linear,
        ),
        *(
            lambda n: nn.Sequential(),
            lambda n: nn.Linear(4, n).double(),
            lambda n: nn.Linear(4, n).half(),
            lambda *, n: n,
        ),
        *(lambda n: nn.Linear(4, n).requires_grad_(False), lambda n: nn.Flatten(0), print),
    ]
)
SETTINGS = ("embedding", "dropout", "epochs", "min_steps", "lr", "weight_decay", "batch_size", "augment", "device")


def _pool(y: Any = ("a", "b", "c", None, None, None)) -> Pool:
    return Pool(X, y, classes=["a", "b", "c"])


def _used(model: Any, about: Any) -> None:
    """Query and predict both refuse, or both answer."""
    learner = only_autoal_errors(lambda: ActiveLearner(_pool(), model, "margin", progress=False), about)
    if learner.refused:
        return
    predicted = only_autoal_errors(lambda: learner.value.predict(X), about)
    asked = only_autoal_errors(lambda: learner.value.query(2), about)
    assert predicted.refused == asked.refused, f"predict {predicted}, query {asked}"
    if predicted.refused:
        assert learner.value.pending == []
        return
    assert predicted.value.shape == (N, C)
    assert bool(((predicted.value.exp().sum(dim=1) - 1).abs() < 1e-2).all())
    assert learner.value.pending == asked.value.tolist()


some_settings = st.lists(st.sampled_from(SETTINGS), max_size=2, unique=True)


@given(data=st.data(), factory=mostly(FACTORIES, anything()), names=some_settings)
@fuzz(13)
def test_torch_models(data: Any, factory: Any, names: list[str]) -> None:
    given_settings = {"epochs": 1, "min_steps": 1} | {name: data.draw(numbers) for name in names}
    found = only_autoal_errors(lambda: TorchModel(factory, **given_settings), (factory, given_settings))
    steps = [given_settings[name] for name in ("epochs", "min_steps")]
    if not found.refused and all(value <= 9 for value in steps):
        _used(found.value, (factory, given_settings))


estimators = mostly(st.builds(GaussianNB) | st.builds(LogisticRegression), anything())


@given(estimator=estimators, dropout=mostly(st.just(0.5), numbers))
@fuzz(13)
def test_estimators(estimator: Any, dropout: Any) -> None:
    found = only_autoal_errors(lambda: SklearnModel(estimator, dropout=dropout), (estimator, dropout))
    if not found.refused:
        _used(found.value, (estimator, dropout))
    only_autoal_errors(lambda: as_model(estimator), estimator)


class Estimator(ClassifierMixin, BaseEstimator):
    """Somebody's classifier, which returns what it is told to."""

    def __init__(self, answer: Any = None, classes: Any = None) -> None:
        self.answer, self.classes = answer, classes

    def fit(self, X: Any, y: Any) -> Estimator:
        self.classes_ = np.unique(y) if self.classes is None else self.classes
        return self

    def predict_proba(self, X: Any) -> Any:
        return self.answer


def _scaled(x: Any, factor: float) -> Any:
    with np.errstate(all="ignore"):
        return x * factor


fine = [np.full((N, C), 1 / C), np.full((N, C), 1 / C, dtype="f2"), np.eye(C)[[0, 1, 2, 0, 1, 2]], np.full((N, C), 0.5)]
matrices = (
    st.sampled_from(fine)
    | st.builds(_scaled, st.sampled_from(fine), st.sampled_from([-1, 0, 2, np.nan, np.inf]))
    | arrays(N)
    | anything()
)


@given(answer=matrices, classes=mostly(st.none() | st.just([0, 1, 2]), anything()))
@fuzz(20)
def test_estimators_that_return_anything(answer: Any, classes: Any) -> None:
    _used(SklearnModel(Estimator(answer, classes)), (answer, classes))


class Model:
    """Somebody's model, whose methods return what they are told to."""

    def __init__(self, predict: Any, features: Any, head: Any) -> None:
        self._predict, self._features, self._head = predict, features, head

    def fit(self, inputs: Any, labels: Any, n_classes: int, rng: Any) -> None:
        self.n = n_classes

    def predict(self, batch: Any) -> Any:
        return self._predict(len(batch)) if callable(self._predict) else self._predict

    def features(self, batch: Any) -> Any:
        return self._features(len(batch)) if callable(self._features) else self._features

    def stochastic_head(self, passes: int, rng: Any) -> Any:
        return self._head

    def clone(self) -> Any:
        return self


def _log_probs(n: int, width: int = C) -> torch.Tensor:
    return torch.full((n, width), -float(np.log(width)))


PREDICTED = st.sampled_from(
    [
        *(
            lambda n: (_log_probs(n), torch.ones(n, 2)),
            lambda n: [_log_probs(n).double(), torch.ones(n, 2)],
            lambda n: None,
        ),
        *(
            lambda n: (_log_probs(n).exp(), torch.ones(n, 2)),
            lambda n: (_log_probs(n, 4), torch.ones(n, 2)),
            lambda n: (),
        ),
        *(
            lambda n: (_log_probs(n)[0], torch.ones(n, 2)),
            lambda n: (_log_probs(n), torch.ones(n, 0)),
            lambda n: _log_probs(n),
        ),
        *(
            lambda n: (_log_probs(n), torch.ones(n) * torch.nan),
            lambda n: (_log_probs(n), torch.full((n, 2), torch.inf)),
        ),
        *(
            lambda n: (_log_probs(n).numpy(), np.ones((n, 2))),
            lambda n: (_log_probs(n).half(), torch.ones(n, 2).half()),
        ),
        *(
            lambda n: (_log_probs(n).requires_grad_(), torch.ones(n, 2)),
            lambda n: (_log_probs(n + 1), torch.ones(n, 2)),
        ),
        *(
            lambda n: (_log_probs(n).to_sparse(), torch.ones(n, 2)),
            lambda n: (_log_probs(n) * torch.nan, torch.ones(n, 2)),
        ),
        *(lambda n: (_log_probs(n).to(torch.complex64), torch.ones(n, 2)), lambda n: (_log_probs(n), torch.ones(n, n))),
        *(
            lambda n: (torch.log(torch.eye(C)[[0] * n]), torch.ones(n, 2)),
            lambda n: (_log_probs(n), torch.ones(n, 2), 3),
        ),
        lambda n: 1 // 0,
    ]
)


@given(predict=PREDICTED | anything() | st.tuples(arrays(N), arrays(N)), head=mostly(st.none(), anything()))
@fuzz(26)
def test_models_that_return_anything(predict: Any, head: Any) -> None:
    _used(Model(predict, lambda n: torch.ones(n, 2), head), (predict, head))


@given(features=anything() | PREDICTED | st.just(lambda n: torch.ones(n, 2)))
@fuzz(13)
def test_features_of_anything(features: Any) -> None:
    """Before there is a label, a query asks for them alone."""
    learner = ActiveLearner(_pool([None] * N), Model(None, features, None), "margin", progress=False)
    found = only_autoal_errors(lambda: learner.query(2), features)
    assert learner.pending == ([] if found.refused else found.value.tolist())


ARGUMENTS = st.fixed_dictionaries(
    {}, optional={"strategy": anything(), "seed": numbers, "chunk": numbers, "progress": st.just(False)}
)


@given(pool=mostly(st.none(), anything()), model=mostly(st.builds(GaussianNB), anything()), arguments=ARGUMENTS)
@fuzz(20)
def test_learners_of_anything(pool: Any, model: Any, arguments: dict[str, Any]) -> None:
    given_pool = _pool() if pool is None else pool
    found = only_autoal_errors(lambda: ActiveLearner(given_pool, model, **arguments), (pool, model, arguments))
    if not found.refused:
        repr(found.value)
