"""`SklearnModel` against the bare estimator on the same labels: every classifier that gives probabilities."""

from __future__ import annotations

from typing import Any

import catboost
import imblearn.over_sampling
import imblearn.pipeline
import lightgbm
import numpy as np
import pytest
import skorch
import torch
import xgboost
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

from autoal import ActiveLearner, Pool

N, SEED = 45, 3
X = np.random.default_rng(0).random((N, 4)).round(2)
TRUE = np.random.default_rng(1).integers(0, 3, N)
X[np.arange(N), TRUE] += 0.4
TREE = DecisionTreeClassifier(max_depth=2, random_state=SEED)

# How those are built that need an argument, or would take long.
SETTINGS: dict[str, dict[str, Any]] = {
    "AdaBoostClassifier": {"n_estimators": 3},
    "BaggingClassifier": {"n_estimators": 3},
    "CalibratedClassifierCV": {"cv": 2},
    "CategoricalNB": {"min_categories": 2},
    "ClassifierChain": {"estimator": TREE},
    "ExtraTreesClassifier": {"n_estimators": 3},
    "FixedThresholdClassifier": {"estimator": TREE},
    "GaussianProcessClassifier": {"optimizer": None},
    "GradientBoostingClassifier": {"n_estimators": 3},
    "HistGradientBoostingClassifier": {"max_iter": 3, "min_samples_leaf": 3},
    "LogisticRegressionCV": {
        "cv": 2,
        "Cs": 2,
        "l1_ratios": (0.0,),
        "use_legacy_attributes": False,
        "scoring": "accuracy",
    },
    "MLPClassifier": {"max_iter": 5, "hidden_layer_sizes": (4,)},
    "OneVsRestClassifier": {"estimator": TREE},
    "RandomForestClassifier": {"n_estimators": 3},
    "SelfTrainingClassifier": {"estimator": TREE},
    "SGDClassifier": {"loss": "log_loss"},
    "StackingClassifier": {"estimators": [("tree", TREE)], "cv": 2},
    "VotingClassifier": {"estimators": [("tree", TREE)], "voting": "soft"},
    "NuSVC": {"nu": 0.2, "probability": True},
    "RadiusNeighborsClassifier": {"radius": 5.0},
    "SVC": {"probability": True},
}
TWO = {"FixedThresholdClassifier": {}, "TunedThresholdClassifierCV": {"cv": 2}}  # settings of those for two classes
WITHOUT = {"ClassifierChain", "MultiOutputClassifier"}  # several labels a sample
FROM_ZERO = {
    "SelfTrainingClassifier",
    "XGBClassifier",
    "NeuralNetClassifier",
}  # that refuse text, or all but 0 .. k - 1
WEIGHTED_FROM_ZERO = {"HistGradientBoostingClassifier"}  # that fails where classes are weighted by their names


CLASSIFIERS = {
    name: kind
    for name, kind in all_estimators(type_filter="classifier")
    if hasattr(kind, "predict_proba") and name not in WITHOUT
}


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x).softmax(dim=1)


def estimators() -> dict[str, Any]:
    made = {name: kind(**SETTINGS.get(name, {})) for name, kind in CLASSIFIERS.items() if name not in TWO}
    made["LGBMClassifier"] = lightgbm.LGBMClassifier(n_estimators=3, min_child_samples=1, verbose=-1, n_jobs=1)
    made["XGBClassifier"] = xgboost.XGBClassifier(n_estimators=3, n_jobs=1)
    made["CatBoostClassifier"] = catboost.CatBoostClassifier(
        iterations=3, verbose=0, allow_writing_files=False, thread_count=1
    )
    made["pipeline"] = make_pipeline(StandardScaler(copy=False), LogisticRegression())
    made["imblearn"] = imblearn.pipeline.make_pipeline(
        StandardScaler(), imblearn.over_sampling.RandomOverSampler(), RandomForestClassifier(3)
    )
    for estimator in made.values():
        seeds = [key for key in estimator.get_params() if key.endswith("random_state")]
        estimator.set_params(**dict.fromkeys(seeds, SEED))
    made["NeuralNetClassifier"] = skorch.NeuralNetClassifier(Net, max_epochs=3, verbose=0, train_split=None)
    return made


ESTIMATORS = estimators()
CLASSES: dict[str, Any] = {"position": (0, 1, 2), "text": ("dog", "cat", "bird"), "numbers": (5, 12, 7)}


def asked(estimator: Any, names: tuple[Any, ...], rows: np.ndarray, X: np.ndarray = X) -> np.ndarray:
    """The probabilities (N, 3) of the loop, in the order of `names`."""
    learner = ActiveLearner(Pool(X, classes=names), estimator, "margin", progress=False)
    learner.teach(rows, [names[c] for c in TRUE[rows]])
    return learner.predict(X).exp().numpy()


def bare(estimator: Any, y: np.ndarray, order: list[Any], rows: np.ndarray, X: np.ndarray = X) -> np.ndarray:
    """The same by the estimator alone, zero for a class that it has not seen."""
    fitted = clone(estimator).fit(X[rows].copy(), y[rows])
    given, probs = fitted.predict_proba(X.copy()), np.zeros((len(X), len(order)))
    for column, name in enumerate(fitted.classes_):
        probs[:, order.index(name)] = given[:, column]
    return probs


def samples(name: str) -> np.ndarray:
    if name == "NeuralNetClassifier":
        return X.astype(np.float32)
    return np.floor(X) if name == "CategoricalNB" else X


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:y contains no unlabeled samples",
    "ignore:The `probability` parameter was deprecated",
)
@pytest.mark.parametrize("missing", [None, 1], ids=["all", "missing"])
@pytest.mark.parametrize("called", CLASSES)
@pytest.mark.parametrize("name", ESTIMATORS)
def test_probabilities_are_those_of_the_bare_estimator(name: str, called: str, missing: int | None) -> None:
    names, estimator, values = CLASSES[called], ESTIMATORS[name], samples(name)
    rows = np.flatnonzero(missing != TRUE)[:30]
    y, order = np.array(names)[TRUE], list(names)
    if name in FROM_ZERO and (called != "position" or missing is not None):
        order = [c for c in range(3) if c != missing] + ([] if missing is None else [missing])
        y = np.argsort(order)[TRUE]
        order = np.argsort(order).tolist()
    if name == "NeuralNetClassifier":
        y, order = TRUE, [0, 1, 2]
        fitted = clone(estimator).fit(values[rows], y[rows])
        expected = fitted.predict_proba(values)
    else:
        expected = bare(estimator, y, order, rows, values)
    assert np.abs(asked(estimator, names, rows, values) - expected).max() < 1e-6


@pytest.mark.filterwarnings("ignore:The `probability` parameter was deprecated")
@pytest.mark.parametrize("called", CLASSES)
@pytest.mark.parametrize("name", [name for name in ESTIMATORS if "class_weight" in ESTIMATORS[name].get_params()])
def test_weights_are_those_of_the_classes_that_they_name(name: str, called: str) -> None:
    names, rows = CLASSES[called], np.arange(30)
    for weights in ("balanced", dict(zip(names, (1.0, 50.0, 2.0), strict=True))):
        estimator = clone(ESTIMATORS[name]).set_params(class_weight=weights)
        if name in WEIGHTED_FROM_ZERO and weights != "balanced":
            by_position = clone(estimator).set_params(class_weight={0: 1.0, 1: 50.0, 2: 2.0})
            expected = bare(by_position, TRUE, [0, 1, 2], rows)
        else:
            expected = bare(estimator, np.array(names)[TRUE], list(names), rows)
        assert np.abs(asked(estimator, names, rows) - expected).max() < 1e-6
    if name != "NuSVC":  # which does not heed these
        assert np.abs(expected - bare(ESTIMATORS[name], TRUE, [0, 1, 2], rows)).max() > 0.01


@pytest.mark.parametrize("name", TWO)
def test_a_threshold_changes_no_probability(name: str) -> None:
    estimator, rows = CLASSIFIERS[name](LogisticRegression(), **TWO[name]), np.arange(30)
    if name.startswith("Tuned"):
        estimator.set_params(random_state=SEED)
    y = np.array(["yes", "no"])[(TRUE == 1).astype(int)]
    learner = ActiveLearner(Pool(X, classes=("yes", "no")), estimator, "margin", progress=False)
    learner.teach(rows, y[rows])
    assert np.abs(learner.predict(X).exp().numpy() - bare(estimator, y, ["yes", "no"], rows)).max() < 1e-6
