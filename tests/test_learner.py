from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from torch.utils.data import Dataset

from autoal import (
    ActiveLearner,
    AutoAL,
    AutoALError,
    AutoALWarning,
    Pool,
    SklearnModel,
    Snapshot,
    Strategy,
    TorchModel,
)
from autoal.adaptive import UniformWeights
from autoal.errors import ColdStartWarning, ModelError
from autoal.inputs import Inputs
from autoal.models.mlp import mlp

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)
IDS = np.arange(1000, 1080)[RNG.permutation(80)]
ORACLE = dict(zip(IDS.tolist(), Y.tolist(), strict=True))
QUICK = AutoAL(cycles=1, fit_steps=10, search_steps=5)


def new(strategy: Strategy | str = "entropy", model: object = None, seed: int = 0) -> ActiveLearner:
    model = LogisticRegression() if model is None else model
    return ActiveLearner(Pool(X, ids=IDS, classes=3), model, strategy, seed=seed)


def started(strategy: Strategy | str = "entropy", model: object = None, seed: int = 0) -> ActiveLearner:
    learner = new(strategy, model, seed)
    learner.teach(IDS[:12], Y[:12])
    return learner


def answers(ids: npt.ArrayLike) -> list[int]:
    return [ORACLE[int(id_)] for id_ in np.asarray(ids)]


def run(learner: ActiveLearner, rounds: int, n: int = 5) -> list[list[int]]:
    asked = []
    for _ in range(rounds):
        ids = learner.query(n)
        learner.teach(ids, answers(ids))
        asked.append(ids.tolist())
    return asked


@pytest.mark.parametrize("strategy", ["random", "entropy", "kmeans", "mean_std", QUICK, UniformWeights(batch="topk")])
def test_a_query_returns_distinct_unlabelled_ids_until_the_pool_is_empty(strategy: Strategy | str) -> None:
    learner, seen = started(strategy), set(IDS[:12].tolist())
    while len(learner.unlabelled):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AutoALWarning)  # the last batch is short
            ids = learner.query(9)
        assert len(set(ids.tolist())) == len(ids)
        assert not seen & set(ids.tolist())
        seen |= set(ids.tolist())
        learner.teach(ids, answers(ids))
    assert seen == set(IDS.tolist())
    with pytest.warns(AutoALWarning, match="3 samples wanted, 0 left"):
        assert learner.query(3).tolist() == []


def test_ids_name_samples_not_positions() -> None:
    """The most uncertain sample by hand, whatever its id."""
    learner = started()
    first = int(learner.query(1)[0])
    classifier = LogisticRegression().fit(X[np.sort(np.arange(12))], Y[:12])
    p = classifier.predict_proba(X)
    entropy = -(p * np.log(p)).sum(axis=1)
    entropy[:12] = -1
    assert first == IDS[entropy.argmax()]


def test_the_same_seed_asks_the_same_and_another_seed_does_not() -> None:
    assert run(started(QUICK), 3) == run(started(QUICK), 3)
    assert run(started("random"), 1) != run(started("random", seed=1), 1)


def test_no_global_generator_is_read_or_set() -> None:
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    numpy_state, torch_state = np.random.get_state()[1].copy(), torch.get_rng_state()  # type: ignore[index]  # noqa: NPY002
    asked = run(started(QUICK, TorchModel(lambda c: mlp(4, c), epochs=1, min_steps=3)), 2)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # type: ignore[index]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), torch_state)
    torch.manual_seed(6)
    assert run(started(QUICK, TorchModel(lambda c: mlp(4, c), epochs=1, min_steps=3)), 2) == asked


def test_the_order_of_teaching_changes_nothing() -> None:
    forwards, backwards = new(), new()
    forwards.teach(IDS[:12], Y[:12])
    backwards.teach(IDS[:12][::-1], Y[:12][::-1])
    assert forwards.query(5).tolist() == backwards.query(5).tolist()


@pytest.mark.parametrize("known", [0, 60])
def test_the_order_of_the_pool_changes_nothing(known: int) -> None:
    def asked(order: npt.NDArray[np.int64]) -> list[int]:
        model = TorchModel(lambda c: mlp(4, c), epochs=2, min_steps=30)
        learner = ActiveLearner(Pool(X[order], ids=IDS[order], classes=3), model, "margin", seed=0)
        learner.teach(IDS[:known], Y[:known])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ColdStartWarning)
            return learner.query(5).tolist()

    assert asked(np.arange(80)) == asked(np.random.default_rng(1).permutation(80))


def test_labels_may_come_late_in_parts_and_be_corrected() -> None:
    learner = started()
    first = learner.query(6)
    second = learner.query(6)
    assert not set(first.tolist()) & set(second.tolist())
    assert learner.pending == [*first.tolist(), *second.tolist()]
    learner.teach(second[:2], answers(second[:2]))
    assert learner.pending == [*first.tolist(), *second[2:].tolist()]
    learner.teach([int(second[0])], [2])
    assert learner.labels[int(second[0])] == 2
    assert len(learner.labels) == 14


def test_released_ids_may_be_asked_for_again() -> None:
    learner = started()
    asked = learner.query(68)
    assert len(learner.unlabelled) == 0
    learner.release(asked[:3])
    assert sorted(learner.unlabelled) == sorted(asked[:3])
    learner.release()
    assert len(learner.unlabelled) == 68
    assert learner.pending == []


def test_without_labels_the_batch_covers_the_pool_and_says_so() -> None:
    learner = new(QUICK)
    with pytest.warns(ColdStartWarning, match="covers the pool"):
        first = learner.query(6)
    with pytest.warns(ColdStartWarning):
        second = learner.query(6)
    assert not set(first.tolist()) & set(second.tolist())
    learner.teach(first, answers(first))
    assert len(learner.query(4)) == 4


def test_the_cold_start_takes_one_of_each_cluster() -> None:
    centres = 10 * np.eye(4, dtype=np.float32)
    points = np.repeat(centres, 20, axis=0) + RNG.normal(size=(80, 4)).astype(np.float32) * 0.3
    for model in (LogisticRegression(), TorchModel(lambda c: mlp(4, c, hidden=()))):
        learner = ActiveLearner(Pool(points, classes=4), model)
        with pytest.warns(ColdStartWarning):
            assert sorted(i // 20 for i in learner.query(4).tolist()) == [0, 1, 2, 3]


@pytest.mark.parametrize("known", [1, 2, 3])
@pytest.mark.parametrize("strategy", [QUICK, "entropy", "bald", "kmeans"])
@pytest.mark.parametrize("kind", ["sklearn", "torch"])
def test_a_single_class_and_fewer_labels_than_classes_work(known: int, strategy: Strategy | str, kind: str) -> None:
    model = LogisticRegression() if kind == "sklearn" else TorchModel(lambda c: mlp(4, c), epochs=1, min_steps=3)
    learner = new(strategy, model)
    learner.teach(IDS[:known], [1] * known)
    assert len(learner.query(5)) == 5


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(20),
        GaussianNB(),
        TorchModel(lambda c: mlp(4, c, hidden=(8,)), epochs=1, min_steps=150),
    ],
    ids=lambda model: type(model).__name__,
)
def test_any_classifier_learns(model: object) -> None:
    learner = started(QUICK, model)
    run(learner, 4, 8)
    accuracy = float((learner.predict(X).argmax(dim=1).numpy() == Y).mean())
    assert accuracy > 0.7


@pytest.mark.parametrize(
    ("ids", "labels", "message"),
    [
        (IDS[12:14], [0], "2 labels, one an id; got 1"),
        (IDS[12:14], [0, 3], "labels among 0, 1, 2; got 3"),
        (IDS[12:14], [0, "cat"], "got 'cat'"),
        ([IDS[12], 5], [0, 1], "unknown 5"),
        ([IDS[12], IDS[12]], [0, 1], "repeated"),
        (IDS[12:14], [0, None], "got None"),
    ],
)
def test_bad_teaching_is_refused_and_changes_nothing(ids: npt.ArrayLike, labels: list[object], message: str) -> None:
    learner = started()
    before = (learner.labels, learner.pending)
    with pytest.raises(AutoALError, match=message):
        learner.teach(ids, labels)
    assert (learner.labels, learner.pending) == before


@pytest.mark.parametrize("n", [0, -1, 1.5, "3", True])
def test_a_batch_size_that_is_none_is_refused(n: object) -> None:
    learner = started()
    with pytest.raises(AutoALError, match="a positive integer n"):
        learner.query(n)  # type: ignore[arg-type]
    assert learner.pending == []


def test_more_than_is_left_returns_what_is_left_with_a_warning() -> None:
    learner = started()
    with pytest.warns(AutoALWarning, match="100 samples wanted, 68 left"):
        assert len(learner.query(100)) == 68


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (object(), "object without fit, predict, features, clone"),
        (LinearSVC(), "no predict_proba"),
        (TorchModel, "the class TorchModel"),
        (mlp(4, 3), "features, clone"),
    ],
)
def test_a_model_without_the_methods_is_refused(model: object, message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        new("entropy", model)


def test_a_strategy_that_is_none_is_refused() -> None:
    with pytest.raises(AutoALError, match="a strategy or its name; got a int"):
        new(5)  # type: ignore[arg-type]
    with pytest.raises(AutoALError, match="name of a strategy"):
        new("entropie")


def test_labels_of_the_pool_are_the_first_labels() -> None:
    learner = ActiveLearner(Pool(X, y=[0, 1, 2, *[None] * 77], ids=IDS), LogisticRegression(), "margin")
    assert learner.labels == {int(IDS[0]): 0, int(IDS[1]): 1, int(IDS[2]): 2}
    assert len(learner.query(4)) == 4
    assert repr(learner) == "ActiveLearner(Margin, 3 of 80 samples labelled)"


def test_predicting_before_any_label_is_refused() -> None:
    with pytest.raises(AutoALError, match="at least one label"):
        new().predict(X)


LOOP = """
import sys, warnings
import numpy as np
from sklearn.linear_model import LogisticRegression
from autoal import ActiveLearner, AutoAL, Pool
X = np.random.default_rng(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
learner = ActiveLearner(Pool(X, classes=2), LogisticRegression(), AutoAL(cycles=1, fit_steps=5, search_steps=2), seed=4)
learner.teach(range(8), y[:8])
for _ in range(3):
    ids = learner.query(4)
    learner.teach(ids, y[ids])
    print(ids.tolist())
"""


def test_another_process_asks_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    there = subprocess.run([sys.executable, "-c", LOOP], capture_output=True, text=True, check=True).stdout
    exec(LOOP, {})
    assert capsys.readouterr().out == there
    assert there.count("\n") == 3


def test_learners_may_share_a_model() -> None:
    model = TorchModel(lambda n_classes: mlp(4, n_classes, hidden=()), epochs=1, min_steps=20)
    ours, theirs = new(model=model), new(model=model)
    ours.teach(IDS[:20], Y[:20])
    theirs.teach(IDS[:20], 2 - Y[:20])
    before = ours.predict(X)
    assert not torch.allclose(theirs.predict(X), before)
    assert torch.equal(ours.predict(X), before)


def test_the_first_batch_is_the_same_by_a_model_that_another_learner_has_trained() -> None:
    def model() -> TorchModel:
        return TorchModel(lambda n_classes: mlp(4, n_classes, hidden=(6,)), epochs=1, min_steps=20)

    used = model()
    started(model=used).fit()
    with pytest.warns(ColdStartWarning):
        assert new(model=used).query(6).tolist() == new(model=model()).query(6).tolist()


class Interrupted(SklearnModel):
    """A model whose training can be broken off when half of it is done."""

    stop: type[BaseException] | None = None

    def fit(self, inputs: Inputs, labels: torch.Tensor, n_classes: int, rng: np.random.Generator) -> None:
        super().fit(inputs, labels, n_classes, rng)
        if self.stop is not None:
            raise self.stop


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_half_of_anothers_training_is_never_used(stop: type[BaseException]) -> None:
    model = Interrupted(LogisticRegression())
    ours, theirs = started(model=model), new(model=model)
    theirs.teach(IDS[:20], 2 - Y[:20])
    before = ours.predict(X)
    model.stop = stop
    for learner in (theirs, theirs):
        with pytest.raises(ModelError if stop is RuntimeError else stop):
            learner.fit()
    model.stop = None
    assert torch.equal(ours.predict(X), before)
    assert not torch.equal(theirs.predict(X), before)


def test_a_seed_may_come_from_numpy(tmp_path: Path) -> None:
    numpy, plain = started(seed=np.int64(3)), started(seed=3)  # type: ignore[arg-type]
    assert numpy.query(5).tolist() == plain.query(5).tolist()
    numpy.save(tmp_path / "run")


class Array(Strategy):
    """A strategy of somebody who thinks in numpy."""

    name = "array"

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
        return snapshot.log_probs.numpy()[:, :1]  # type: ignore[return-value]


def test_scores_may_be_an_array() -> None:
    learner = started(Array())
    first = learner.unlabelled[int(learner.predict(X)[np.isin(IDS, learner.unlabelled)][:, 0].argmax())]
    assert learner.query(1).tolist() == [first]


def test_predictions_are_of_samples_like_those_of_the_pool() -> None:
    learner = started()
    assert torch.equal(learner.predict(Pool(X, classes=3)), learner.predict(X))
    assert learner.predict(X[:0]).shape == (0, 3)
    for wrong in (X[:, :3], np.stack([X, X], axis=2)):
        with pytest.raises(AutoALError, match=r"samples of shape \(4,\), as in the pool; got of shape"):
            learner.predict(wrong)


def test_images_may_be_of_another_size_if_the_network_reads_them_and_not_of_another_order() -> None:
    images = np.random.default_rng(0).normal(size=(30, 3, 6, 4)).astype(np.float32)

    def any_size(n_classes: int) -> torch.nn.Module:
        pooled = (torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
        return torch.nn.Sequential(*pooled, torch.nn.Linear(4, n_classes))

    reads, flat = (
        ActiveLearner(Pool(images, classes=2), model, "margin")
        for model in (TorchModel(any_size, epochs=1, min_steps=2), LogisticRegression())
    )
    for learner in (reads, flat):
        learner.teach([0, 1], [0, 1])
        with pytest.raises(AutoALError, match=r"got of shape \(6, 4, 3\)"):
            learner.predict(images.transpose(0, 2, 3, 1))
    assert reads.predict(images[:, :, :5, :3]).shape == (30, 2)
    assert flat.predict(images.reshape(30, -1)).shape == (30, 2)
    with pytest.raises(AutoALError, match=r"got of shape \(3, 5, 4\)"):
        flat.predict(images[:, :, :5])


def test_arguments_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    learner = started()
    for labels in ("cat", 1, None, b"a", {1}, {1: 1}, np.array(1)):
        with pytest.raises(AutoALError, match="a list of labels, one an id"):
            learner.teach([int(IDS[30])], labels)  # type: ignore[arg-type]
    with pytest.raises(AutoALError, match="the name of who labelled; got <object"):
        learner.teach([int(IDS[30])], [0], who=object())  # type: ignore[arg-type]
    for chunk in (0, True, 2.0):
        with pytest.raises(AutoALError, match="a positive chunk"):
            ActiveLearner(learner.pool, LogisticRegression(), chunk=chunk)  # type: ignore[arg-type]
    for seed in ("a", True, -1):
        with pytest.raises(AutoALError, match="a seed that is zero or a positive integer"):
            new(seed=seed)  # type: ignore[arg-type]
    assert ActiveLearner(learner.pool, LogisticRegression(), chunk=np.int64(5), seed=np.int64(7)).seeds.seed == 7  # type: ignore[arg-type]
    with pytest.raises(AutoALError, match="a path in a folder that exists"):
        learner.save(tmp_path / "nowhere" / "run")
    learner.save(tmp_path / "run")
    with pytest.raises(AutoALError, match="the seed that the run was saved with"):
        ActiveLearner.load(tmp_path / "run", learner.pool, LogisticRegression(), seed=3)


class Spoilt(Dataset[torch.Tensor]):
    """A data set whose sample 17 is no number."""

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.from_numpy(X[index]) if index != 17 else torch.full((4,), torch.nan)


def test_an_error_names_the_row_of_the_pool() -> None:
    learner = ActiveLearner(Pool(Spoilt(), classes=3), LogisticRegression(), "margin")
    learner.teach(range(12), Y[:12])
    with pytest.raises(AutoALError, match="nan in row 17"):
        learner.query(3)


class Teaches(Strategy):
    """A strategy during whose choice a label comes, as from another thread."""

    def __init__(self) -> None:
        self.learner: ActiveLearner | None = None
        self.seen: list[int] = []

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
        assert self.learner is not None
        self.learner.teach([int(IDS[40 + len(self.seen)])], [0])
        self.seen.append(len(snapshot.labels))
        return snapshot.log_probs[:, 0]


def test_labels_that_come_during_a_query_count_for_the_next() -> None:
    strategy = Teaches()
    learner = strategy.learner = started(strategy)
    learner.query(2)
    learner.query(2)
    assert strategy.seen == [12, 13]
    assert len(learner.labels) == 14
