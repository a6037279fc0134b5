"""Tests the reasons given for no classifier, a failed fit, and predictions that are no probabilities."""

from __future__ import annotations

from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest
import xgboost
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import CategoricalNB, GaussianNB, MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from autoal import ActiveLearner, Pool, SklearnModel
from autoal.errors import ModelError
from autoal.models import as_model

N = 40
X = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


def taught(estimator: Any, samples: Any = X) -> ActiveLearner:
    learner = ActiveLearner(Pool(samples, classes=2), estimator, "margin", progress=False)
    learner.teach(range(20), Y[:20])
    return learner


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (Ridge(), "got Ridge, a regressor"),
        (make_pipeline(StandardScaler(), Ridge()), "a regressor"),
        (xgboost.XGBRegressor(), "a regressor"),
        (catboost.CatBoostRegressor(), "a regressor"),
        (GaussianMixture(2), "a density estimator"),
        (KMeans(2), "a clusterer"),
        (StandardScaler(), "no predict_proba"),
        (SVC(), r"no predict_proba \(.*probability=False\)"),
        (make_pipeline(StandardScaler(), SVC()), r"no predict_proba \(.*probability=False\)"),
        (SGDClassifier(), r"no predict_proba \(.*loss='hinge'\)"),
        (VotingClassifier([("a", GaussianNB())]), r"no predict_proba \(.*voting='hard'\)"),
        (GridSearchCV(LinearSVC(), {"C": [1]}), r"\('LinearSVC' object has no attribute 'predict_proba'\)"),
        (OneVsRestClassifier(LinearSVC()), r"\('LinearSVC' object has no attribute 'predict_proba'\)"),
        (StackingClassifier([("a", GaussianNB())], LinearSVC()), "'LinearSVC' object has no attribute"),
        (catboost.CatBoostClassifier, "the class CatBoostClassifier"),
    ],
)
def test_what_gives_no_probabilities_is_refused_for_the_true_reason(estimator: Any, reason: str) -> None:
    for wrap in (as_model, SklearnModel):
        with pytest.raises(ModelError, match=reason):
            wrap(estimator)


class Late:
    """Hands on what it fits, as wrappers do, and so gives probabilities only then."""

    def fit(self, X: Any, y: Any) -> Late:
        self.inner = GaussianNB().fit(X, y)
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "inner" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.__dict__["inner"], name)


class Careless(ClassifierMixin, BaseEstimator):
    """Does not keep its argument by its name, and so cannot say its parameters."""

    def __init__(self, smoothing: float = 1e-9) -> None:
        self.inner = GaussianNB(var_smoothing=smoothing)

    def fit(self, X: Any, y: Any) -> Careless:
        self.classes_ = self.inner.fit(X, y).classes_
        return self

    def predict_proba(self, X: Any) -> Any:
        return self.inner.predict_proba(X)


class Never(Late):
    """Never gives any."""

    def fit(self, X: Any, y: Any) -> Never:
        return self


@pytest.mark.parametrize(
    "estimator",
    [
        StackingClassifier([("a", GaussianNB())], cv=2),
        make_pipeline(StandardScaler(), StackingClassifier([("a", GaussianNB())], cv=2)),
        GridSearchCV(StackingClassifier([("a", GaussianNB())], cv=2), {"passthrough": [True]}, cv=2),
        RandomizedSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, n_iter=2, cv=2),
        HalvingGridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2, min_resources=8),
        Pipeline([("nothing", "passthrough"), ("none", None), ("bayes", GaussianNB())]),
        catboost.CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False, thread_count=1),
        Late(),
        Careless(1e-3),
    ],
    ids=[
        "stacking",
        "pipeline",
        "grid of stacking",
        "random search",
        "halving search",
        "steps that do nothing",
        "catboost",
        "wrapper",
        "no parameters",
    ],
)
def test_what_gives_probabilities_once_it_is_fitted_is_a_model(estimator: Any) -> None:
    learner = taught(estimator)
    assert len(learner.query(3)) == 3
    assert ((learner.predict(X).argmax(dim=1).numpy() == Y).mean()) > 0.8


def test_no_probabilities_after_fit_are_said_then() -> None:
    with pytest.raises(ModelError, match="predict_proba once it is fitted; got Never without it"):
        taught(Never()).query(1)


class OneColumn(LogisticRegression):
    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X)[:, 1:]


class OneRow(LogisticRegression):
    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X)[:1]


class Flat(LogisticRegression):
    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X)[:, 1]


class Zeros(LogisticRegression):
    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X) * 0


class Logs(LogisticRegression):
    def predict_proba(self, X: Any) -> Any:
        return np.log(super().predict_proba(X))


class Negative(LogisticRegression):
    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X) * [[3, 3]] - [[1, 1]]


class SometimesNan(LogisticRegression):
    def predict_proba(self, X: Any) -> Any:
        return np.where(X[:, :1] > 1, np.nan, super().predict_proba(X))


@pytest.mark.parametrize("kind", [OneColumn, OneRow, Flat, Zeros, Logs, Negative, SometimesNan])
def test_what_is_no_probability_is_refused_by_query_and_predict_alike(kind: Any) -> None:
    learner = taught(kind())
    for ask in (lambda: learner.query(3), lambda: learner.predict(X)):
        with pytest.raises(ModelError, match="predict_proba to return probabilities"):
            ask()
    assert learner.pending == []


class Raises(LogisticRegression):
    error: type[BaseException] = KeyError

    def fit(self, X: Any, y: Any) -> Any:
        raise self.error("of its own")


@pytest.mark.parametrize("error", [KeyError, AssertionError, ZeroDivisionError, NotImplementedError, StopIteration])
def test_any_error_of_an_estimator_is_a_model_error(error: type[Exception]) -> None:
    estimator = Raises()
    Raises.error = error
    with pytest.raises(ModelError, match=rf"got {error.__name__}: .*of its own.* Try: estimator.fit") as caught:
        taught(estimator).query(1)
    assert type(caught.value.__cause__) is error


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, UserWarning])
def test_what_is_no_fault_of_the_estimator_stays_as_it_is(error: type[BaseException]) -> None:
    Raises.error = error
    with pytest.raises(error, match="of its own"):
        taught(Raises()).query(1)


@pytest.mark.parametrize(
    ("estimator", "hint"),
    [
        (MultinomialNB(), "MinMaxScaler"),
        (GridSearchCV(LogisticRegression(), {"C": [1]}, cv=19), "more labels"),
        (make_pipeline(FunctionTransformer(lambda x: x * np.nan), LogisticRegression()), "fills or scales"),
        (make_pipeline(FunctionTransformer(lambda x: x.astype(str)), LogisticRegression()), "makes numbers"),
    ],
    ids=["sign", "folds", "nan", "text"],
)
def test_the_hint_fits_the_error(estimator: Any, hint: str) -> None:
    with pytest.raises(ModelError, match=f"Try: .*{hint}"):
        taught(estimator).query(1)


@pytest.mark.parametrize(
    ("estimator", "said"),
    [
        (xgboost.XGBClassifier(n_estimators=2, early_stopping_rounds=2, n_jobs=1), "at least 1 validation dataset"),
        (LogisticRegression(class_weight={"cta": 1.0}), r"The classes, \['cat', 'dog'\], are not in class_weight"),
        (
            make_pipeline(ColumnTransformer([("a", "passthrough", ["zz"])]), GaussianNB()),
            "names are not columns",
        ),
        (make_pipeline(ColumnTransformer([("a", "passthrough", ["a"])]), xgboost.XGBClassifier(max_bin=1)), "max_bin"),
    ],
    ids=["labels", "weights", "columns", "columns and labels"],
)
def test_the_error_that_is_said_is_no_matter_of_the_form(estimator: Any, said: str) -> None:
    names = ("cat", "dog", "bird")
    learner = ActiveLearner(Pool(pd.DataFrame(X, columns=list("abc")), classes=names), estimator, "margin")
    learner.teach(range(20), [names[c] for c in Y[:20]])
    with pytest.raises(ModelError, match=said):
        learner.fit()


def test_catboost_speaks_for_itself() -> None:
    estimator = catboost.CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False)
    with pytest.raises(ModelError, match=r"CatBoostError: .*constant"):
        taught(estimator, np.ones((N, 2), dtype=np.float32)).query(1)


def test_estimators_without_a_seed_give_the_same_again_and_leave_the_generators() -> None:
    class Draws(GaussianNB):
        def fit(self, X: Any, y: Any) -> Any:
            return super().fit(X + np.random.normal(size=X.shape), y)  # noqa: NPY002

    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    first, second = (taught(Draws()).predict(X) for _ in range(2))
    assert first.tolist() == second.tolist()
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_values_that_few_labels_do_not_show_get_a_hint() -> None:
    counts = np.arange(N, dtype=np.float32)[:, None] % 30
    with pytest.raises(ModelError, match="min_categories"):
        taught(CategoricalNB(), counts).query(2)


def test_sparse_probabilities_are_read() -> None:
    class Sparse(GaussianNB):
        def predict_proba(self, X: Any) -> Any:
            return csr_matrix(super().predict_proba(X))

    assert taught(Sparse()).predict(X).equal(taught(GaussianNB()).predict(X))
