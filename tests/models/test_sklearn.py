from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from autoal import AutoALError, SklearnModel
from autoal.errors import ModelError
from autoal.inputs import ArrayInputs, SequenceInputs

X = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
Y = torch.where(X[:, 0] > 0, 3, 1)  # classes 0 and 2 are never seen


def fitted(estimator: object, labels: torch.Tensor = Y, **settings: float) -> SklearnModel:
    model = SklearnModel(estimator, **settings)
    model.fit(ArrayInputs(X[: len(labels)]), labels, 4, np.random.default_rng(0))
    return model


def test_the_estimator_itself_is_never_changed() -> None:
    estimator = LogisticRegression()
    fitted(estimator)
    assert not hasattr(estimator, "coef_")


def test_probabilities_are_those_of_the_estimator_in_the_columns_of_its_classes() -> None:
    log_probs, embedding = fitted(LogisticRegression()).predict(X)
    expected = LogisticRegression().fit(X.numpy(), Y.numpy()).predict_proba(X.numpy())
    assert np.allclose(log_probs.exp()[:, [1, 3]].numpy(), expected, atol=1e-5)
    assert log_probs.exp()[:, [0, 2]].max() < 1e-10
    assert torch.isfinite(log_probs).all()
    assert torch.equal(embedding, X)


def test_a_single_class_is_predicted_everywhere() -> None:
    log_probs, _ = fitted(LogisticRegression(), torch.full((5,), 2)).predict(X)
    assert log_probs.exp()[:, 2].min() > 0.999


def test_a_pass_of_a_forest_is_one_of_its_trees() -> None:
    model = fitted(RandomForestClassifier(8, max_depth=2))
    passes = model.stochastic_head(8, np.random.default_rng(0))(X).exp()
    trees = np.stack([tree.predict_proba(X.numpy()) for tree in model.fitted.estimators_])
    assert np.allclose(passes.mean(dim=0)[:, [1, 3]].numpy(), trees.mean(axis=0), atol=1e-5)
    assert not torch.equal(passes[0], passes[1])
    more = model.stochastic_head(20, np.random.default_rng(0))(X)
    assert more.shape == (20, 60, 4)


def test_bagged_classifiers_vote_one_by_one() -> None:
    model = fitted(BaggingClassifier(DecisionTreeClassifier(max_depth=1), 6))
    assert model.stochastic_head(6, np.random.default_rng(0))(X).shape == (6, 60, 4)


def test_a_bagged_classifier_reads_only_its_own_features() -> None:
    model = fitted(BaggingClassifier(LogisticRegression(), 6, max_features=0.5))
    passes = model.stochastic_head(6, np.random.default_rng(0))(X).exp()
    assert np.allclose(passes.mean(dim=0)[:, [1, 3]].numpy(), model.fitted.predict_proba(X.numpy()), atol=1e-5)


@pytest.mark.parametrize(
    "estimator",
    [
        AdaBoostClassifier(n_estimators=5),
        OneVsRestClassifier(LogisticRegression()),
        VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_members_that_solve_other_problems_are_no_passes(estimator: object) -> None:
    """Boosting knows the labels themselves, one-vs-rest asks each class apart: features are hidden instead."""
    labels = (X[:, 0] > 0).long() + 2 * (X[:, 1] > 0).long()
    for y in (labels, Y):
        model = fitted(estimator, y)
        mean = model.stochastic_head(20, np.random.default_rng(0))(X).exp().mean(dim=0)
        assert (mean.argmax(dim=1) == model.predict(X)[0].argmax(dim=1)).float().mean() > 0.8


def test_a_pass_of_another_classifier_hides_features_by_their_means() -> None:
    model = fitted(LogisticRegression())
    passes = model.stochastic_head(5, np.random.default_rng(1))(X)
    hidden = np.random.default_rng(1).random((5, 4)) < 0.5
    for mask, log_probs in zip(hidden, passes, strict=True):
        replaced = np.where(mask, X.mean(dim=0).numpy(), X.numpy())
        assert np.allclose(log_probs.exp()[:, [1, 3]].numpy(), model.fitted.predict_proba(replaced), atol=1e-5)


def test_a_forest_without_a_seed_gets_one_from_the_generator() -> None:
    for forest in (RandomForestClassifier(3), make_pipeline(StandardScaler(), RandomForestClassifier(3))):
        state = np.random.get_state()[1]  # noqa: NPY002
        first, second = (fitted(forest).predict(X)[0] for _ in range(2))
        assert torch.equal(first, second)
        assert np.array_equal(state, np.random.get_state()[1])  # noqa: NPY002


def test_samples_with_gradients_are_read_without() -> None:
    model = SklearnModel(LogisticRegression())
    model.fit(SequenceInputs(list(X.clone().requires_grad_())), Y, 4, np.random.default_rng(0))
    assert torch.equal(model.predict(X.clone().requires_grad_())[0], fitted(LogisticRegression()).predict(X)[0])


def test_few_labels_do_not_warn() -> None:
    assert fitted(LogisticRegression(max_iter=1), Y[:5]).predict(X)[0].shape == (60, 4)


def test_the_embedding_of_a_pipeline_is_what_its_last_step_reads() -> None:
    pipeline = make_pipeline(StandardScaler(), PolynomialFeatures(2), LogisticRegression(max_iter=500))
    uneven = X * torch.logspace(0, 3, X.shape[1])
    model = SklearnModel(pipeline)
    model.fit(ArrayInputs(uneven), Y, 4, np.random.default_rng(0))
    log_probs, embedding = model.predict(uneven)
    expected = pipeline.fit(uneven.numpy(), Y.numpy())
    assert torch.allclose(embedding, torch.from_numpy(expected[:-1].transform(uneven.numpy())).float())
    probs = torch.from_numpy(expected.predict_proba(uneven.numpy())).float()
    assert torch.allclose(log_probs.exp()[:, [1, 3]], probs, atol=1e-5)
    passes = model.stochastic_head(3, np.random.default_rng(0))(embedding)
    assert passes.shape == (3, len(X), 4)
    sparse = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    assert fitted(sparse).predict(X)[1].shape[1] == int(sum(len(column.unique()) for column in X.T))
    assert torch.equal(fitted(make_pipeline(LogisticRegression())).predict(X)[1], X)


def test_what_an_estimator_cannot_fit_is_said_with_a_way_out() -> None:
    with pytest.raises(AutoALError, match=r"fits 8 labels of 2 classes; got ValueError: .* Try: more labels"):
        fitted(GridSearchCV(LogisticRegression(), {"C": [1, 10]}, cv=9), Y[:8])


def test_what_an_estimator_cannot_predict_is_said_with_a_way_out() -> None:
    with pytest.raises(ModelError, match=r"predicts once it is fitted; got ValueError: .* Try: more labels"):
        fitted(KNeighborsClassifier(5), Y[:4])
    unknown = fitted(make_pipeline(OneHotEncoder(), LogisticRegression()))
    with pytest.raises(ModelError, match="got ValueError: Found unknown categories"):
        unknown.predict(X + 1)


def test_a_false_alarm_of_floating_point_is_no_warning() -> None:
    class Alarming(GaussianNB):
        def fit(self, X: np.ndarray, y: np.ndarray) -> Alarming:
            np.log(np.array(-1.0))  # sets the flag of an invalid number, as BLAS may do for finite ones
            return super().fit(X, y)

        def predict_proba(self, X: np.ndarray) -> np.ndarray:
            np.log(np.array(-1.0))
            return super().predict_proba(X)

    assert torch.equal(fitted(Alarming()).predict(X)[0], fitted(GaussianNB()).predict(X)[0])


def test_misuse_is_refused() -> None:
    with pytest.raises(AutoALError, match="no predict_proba"):
        SklearnModel(LinearSVC())
    with pytest.raises(AutoALError, match="predict before fit"):
        SklearnModel(LogisticRegression()).predict(X)
    with pytest.raises(AutoALError, match="stochastic_head before fit"):
        SklearnModel(LogisticRegression()).stochastic_head(3, np.random.default_rng(0))
    with pytest.raises(AutoALError, match=r"dropout=1\.5"):
        SklearnModel(LogisticRegression(), dropout=1.5)
