"""Tests the data that estimators read: named columns, the pool's precision, copies that they may overwrite."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pytest
import skorch
import torch
import xgboost
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from autoal import ActiveLearner, AutoAL, Pool, SklearnModel
from autoal.errors import ModelError
from autoal.inputs import ArrayInputs
from autoal.models.estimators.errors import Known, hint_for
from autoal.models.estimators.table import as_table, names_of

N = 60
X = np.random.default_rng(0).normal(size=(N, 3))
X[:, 2] = np.arange(N) % 4
Y = (X[:, 0] + (X[:, 2] > 1) > 0.5).astype(int)
FRAMES = {"pandas": pd.DataFrame(X, columns=["a", "b", "c"]), "polars": pl.DataFrame(X, schema=["a", "b", "c"])}
ROWS = np.arange(30)


class Columns(LogisticRegression):
    """Reads samples (n, d, 1), as a network reads images."""

    def fit(self, X: Any, y: Any) -> Any:
        return super().fit(X[:, :, 0], y)

    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X[:, :, 0])


def by_name(*columns: str) -> ColumnTransformer:
    return ColumnTransformer([("scaled", StandardScaler(), list(columns))])


def taught(estimator: Any, X: Any, strategy: Any = "margin") -> ActiveLearner:
    learner = ActiveLearner(Pool(X, classes=2), estimator, strategy, progress=False)
    learner.teach(ROWS, Y[ROWS])
    return learner


NAMED = {
    "column transformer": make_pipeline(by_name("a", "c"), LogisticRegression()),
    "categories": HistGradientBoostingClassifier(
        categorical_features=["c"], max_iter=3, min_samples_leaf=2, random_state=0
    ),
    "frames between steps": make_pipeline(
        StandardScaler().set_output(transform="pandas"), make_pipeline(by_name("b", "a"), LogisticRegression())
    ),
    "boosting": lightgbm.LGBMClassifier(n_estimators=3, min_child_samples=2, verbose=-1, n_jobs=1, random_state=0),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=list(FRAMES))
@pytest.mark.parametrize("name", NAMED)
def test_an_estimator_finds_columns_by_their_names(name: str, frame: Any) -> None:
    learner = taught(NAMED[name], frame, "bald")
    assert len(learner.query(3)) == 3  # with warnings as errors: the names are the same at each step
    expected = clone(NAMED[name]).fit(FRAMES["pandas"].iloc[ROWS], Y[ROWS]).predict_proba(FRAMES["pandas"])
    assert np.allclose(learner.predict(frame).exp().numpy(), expected, atol=1e-6)


def test_frames_between_steps_warn_of_nothing() -> None:
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), RandomForestClassifier(3))
    quick = AutoAL(fitnet="model", cycles=1, search_steps=2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for samples in (X, FRAMES["pandas"]):
            assert len(taught(pipeline, samples, quick).query(3)) == 3
    assert caught == []


def categorical(frame: Any) -> Any:
    return frame.astype({"c": "category"})


def records(frame: Any) -> Any:
    return frame.astype({"c": str}).to_dict("records")


@pytest.mark.parametrize("strategy", ["margin", "bald"])
@pytest.mark.parametrize(
    "pipeline",
    [
        make_pipeline(
            FunctionTransformer(categorical),
            HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=2, random_state=0),
        ),
        make_pipeline(FunctionTransformer(records), make_pipeline(DictVectorizer(), LogisticRegression())),
        make_pipeline(FunctionTransformer(np.asarray), FunctionTransformer(lambda x: x[:, :, None]), Columns()),
    ],
    ids=["categories", "records", "images"],
)
def test_a_classifier_of_no_table_of_numbers_is_embedded_by_the_samples(pipeline: Any, strategy: str) -> None:
    """The whole pipeline is then what stochastic passes run."""
    frame = FRAMES["pandas"]
    learner = taught(pipeline, frame, strategy)
    assert len(learner.query(3)) == 3
    expected = clone(pipeline).fit(frame.iloc[ROWS], Y[ROWS]).predict_proba(frame)
    assert np.allclose(learner.predict(frame).exp().numpy(), expected, atol=1e-6)


def test_a_frame_is_made_by_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Known((0, 1), ("a", "b", "c"), 3)
    assert isinstance(as_table(X, known.columns), pd.DataFrame)
    assert as_table(X, ("a", "b")) is X  # names of other samples
    monkeypatch.setitem(sys.modules, "pandas", None)
    frame = as_table(X, known.columns)
    assert isinstance(frame, pl.DataFrame)
    assert names_of(frame) == known.columns
    assert hint_for("no such column", known).startswith("the names of the pool's columns, 'a', 'b', 'c'")
    monkeypatch.setitem(sys.modules, "polars", None)
    assert as_table(X, known.columns) is X
    assert hint_for("no such column", known).startswith("pip install pandas")


def test_without_names_the_way_out_is_a_pool_that_has_them() -> None:
    for estimator in (NAMED["column transformer"], NAMED["categories"]):
        with pytest.raises(ModelError, match="Try: a pool of a data frame"):
            taught(estimator, X).query(1)
    with pytest.raises(ModelError, match="Try: the names of the pool's columns, 'a', 'b', 'c'"):
        taught(make_pipeline(by_name("d"), LogisticRegression()), FRAMES["pandas"]).query(1)


@pytest.mark.parametrize(
    "estimator",
    [
        xgboost.XGBClassifier(n_estimators=3, n_jobs=1),
        lightgbm.LGBMClassifier(n_estimators=3, min_child_samples=2, verbose=-1, n_jobs=1),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_names_that_an_estimator_refuses_are_left_out(estimator: Any) -> None:
    odd = pd.DataFrame(X, columns=["a[0]", "b,1", "c<2"])
    assert torch.equal(taught(estimator, odd).predict(odd), taught(estimator, X).predict(X))


TIMES = (1.7e9 + np.arange(200.0))[:, None]
OFTEN = (np.arange(200) // 20) % 2


@pytest.mark.parametrize(
    "estimator",
    [
        KNeighborsClassifier(1),
        make_pipeline(StandardScaler(), KNeighborsClassifier(1)),
        RandomForestClassifier(5, random_state=0),
    ],
    ids=["neighbour", "pipeline", "forest"],
)
def test_features_that_single_precision_would_lose_are_kept(estimator: Any) -> None:
    rows = np.arange(0, 200, 3)
    model = SklearnModel(estimator, dropout=0.0)
    model.fit(ArrayInputs(TIMES[rows]), torch.from_numpy(OFTEN[rows]), 2, np.random.default_rng(0))
    log_probs, embedding = model.predict(torch.from_numpy(TIMES))
    expected = clone(estimator).fit(TIMES[rows], OFTEN[rows]).predict_proba(TIMES)
    assert np.allclose(log_probs.exp().numpy(), expected, atol=1e-6)
    assert embedding.dtype == torch.float32
    if not isinstance(estimator, RandomForestClassifier):  # which itself reads single precision
        assert len(embedding.unique()) == 200
        assert torch.allclose(model.stochastic_head(1, np.random.default_rng(0))(embedding)[0], log_probs, atol=1e-5)


def test_ordinary_features_are_the_embedding_in_any_precision() -> None:
    for values in (X, X.astype(np.float32)):
        model = taught(LogisticRegression(), values).fit()
        assert torch.equal(model.predict(torch.from_numpy(values))[1], torch.from_numpy(values).float())


@pytest.mark.parametrize("numbers", [np.float32, np.float64, np.uint8, np.int64, bool])
def test_the_estimator_gets_the_numbers_of_the_pool(numbers: type) -> None:
    seen: list[Any] = []

    class Sees(LogisticRegression):
        def fit(self, X: Any, y: Any) -> Sees:
            seen.append(X)
            return super().fit(X, y)

    samples = np.abs(X * 10).astype(numbers)
    taught(Sees(), samples).fit()
    assert seen[0].dtype == numbers
    assert np.array_equal(seen[0], samples[ROWS])


def test_transformers_that_overwrite_what_they_read_change_nothing() -> None:
    class Overwrites(LogisticRegression):
        def predict_proba(self, X: Any) -> Any:
            probs = super().predict_proba(X)
            X *= 0
            return probs

    for samples in (X, X.astype(np.float32), FRAMES["pandas"]):
        found = []
        for estimator in (
            make_pipeline(StandardScaler(), LogisticRegression()),
            make_pipeline(StandardScaler(copy=False), Overwrites()),
        ):
            learner = taught(estimator, samples, "bald")
            found.append((learner.query(5).tolist(), learner.predict(samples).tolist(), learner.model._means.tolist()))
        assert found[0] == found[1]
    assert X[3, 2] == 3


def test_a_network_of_single_precision_gets_numbers_of_its_own() -> None:
    class Net(torch.nn.Module):
        def __init__(self, width: int = 3) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(width, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x).softmax(dim=1)

    net = skorch.NeuralNetClassifier(Net, max_epochs=2, verbose=0, train_split=None)
    double = taught(net, X).predict(X)
    assert torch.equal(double, taught(net, X.astype(np.float32)).predict(X.astype(np.float32)))
    assert torch.equal(double, taught(net, FRAMES["pandas"]).predict(FRAMES["pandas"]))
    with pytest.raises(ModelError, match=r"got RuntimeError: mat1.* Try: an estimator made for samples of 3 features"):
        taught(net.set_params(module__width=7), X).query(1)
