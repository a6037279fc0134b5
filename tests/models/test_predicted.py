from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from autoal import ActiveLearner, AutoAL, Pool
from autoal.errors import ColdStartWarning, ModelError
from autoal.inputs import Inputs
from autoal.models.predicted import predicted

X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Answer = Callable[[Tensor, Tensor], Any]


class Custom:
    """A model of the user's, whose answer is made of log-probabilities (n, 3) and embedding (n, 4)."""

    def __init__(self, answer: Answer, features: Callable[[Tensor], Any] = lambda x: x) -> None:
        self.answer, self.made = answer, features

    def clone(self) -> Custom:
        return Custom(self.answer, self.made)

    def fit(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        pass

    def features(self, batch: Tensor) -> Tensor:
        return self.made(batch)  # type: ignore[no-any-return]

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        return self.answer(batch[:, :3].log_softmax(dim=1), batch)  # type: ignore[no-any-return]


def started(answer: Answer, strategy: Any = "margin") -> ActiveLearner:
    learner = ActiveLearner(Pool(X, classes=3), Custom(answer), strategy, chunk=25)
    learner.teach(range(9), np.arange(9) % 3)
    return learner


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (lambda p, z: p, r"only float32 \(25, 3\)"),
        (lambda p, z: None, "only a NoneType"),
        (lambda p, z: (p, z, z), r"float32 \(25, 3\) and float32 \(25, 4\) and float32 \(25, 4\)"),
        (lambda p, z: (p.numpy(), z.double().numpy()), "a ndarray and a ndarray"),
        (lambda p, z: (p, z.long()), r"float32 \(25, 3\) and int64 \(25, 4\)"),
        (lambda p, z: (z.log_softmax(dim=1), z), r"float32 \(25, 4\) and float32 \(25, 4\)"),
        (lambda p, z: (p[:, :2].log_softmax(dim=1), z), r"float32 \(25, 2\) and float32 \(25, 4\)"),
        (lambda p, z: (p, z[:, 0]), r"float32 \(25, 3\) and float32 \(25,\)"),
        (lambda p, z: (p[:1], z), r"float32 \(1, 3\) and float32 \(25, 4\)"),
        (lambda p, z: (p, z[:, :0]), r"float32 \(25, 3\) and float32 \(25, 0\)"),
        (lambda p, z: (p, z.to_sparse()), r"float32 \(25, 3\) and float32 \(25, 4\)"),
        (lambda p, z: (p, z.to("meta")), r"float32 \(25, 3\) and float32 \(25, 4\)"),
        (lambda p, z: (), "nothing"),
    ],
)
def test_what_is_no_pair_of_tensors_of_the_right_shapes_is_refused(answer: Answer, got: str) -> None:
    learner = started(answer)
    for ask in (lambda: learner.query(3), lambda: learner.predict(X[:25])):
        with pytest.raises(ModelError, match=rf"log-probabilities \(25, 3\) and embedding \(25, D\); got {got}. Try"):
            ask()
    assert learner.pending == []


@pytest.mark.parametrize("answer", [lambda p, z: (p[:1], z[:1]), lambda p, z: (p, z[:, :1])])
def test_later_batches_are_as_wide_as_the_first(answer: Answer) -> None:
    """They would be spread over all rows or columns without a word."""
    learner = started(lambda p, z: (p, z) if len(z) == 25 else answer(p, z))
    with pytest.raises(ModelError, match=r"log-probabilities \(6, 3\) and embedding \(6, 4\); got"):
        learner.query(3)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda p, z: (p * torch.nan, z), "rows sum to one; got row 0 sums to nan. Try: a lower learning rate"),
        (lambda p, z: (p.exp(), z), r"rows sum to one; got row 0 sums to 4\.\d+. Try: torch.log_softmax"),
        (lambda p, z: (p + 0.7, z), "rows sum to one; got row 0 sums to 2.014. Try"),
        (lambda p, z: (p.half() + 0.1, z), r"rows sum to one; got row 0 sums to 1\.\d+. Try"),
        (lambda p, z: (p, z / 0), "a finite embedding; got NaN or infinite values. Try"),
    ],
)
def test_predict_refuses_the_values_that_query_refuses(answer: Answer, message: str) -> None:
    learner = started(answer)
    for ask in (lambda: learner.query(3), lambda: learner.predict(X[:25])):
        with pytest.raises(ModelError, match=message):
            ask()
    assert learner.pending == []


def test_the_row_of_a_later_chunk_is_named_by_its_place_in_the_whole() -> None:
    learner = started(
        lambda p, z: (p if len(z) == 25 else p * torch.tensor([1, 2])[(torch.arange(15) == 3).long()][:, None], z)
    )
    with pytest.raises(ModelError, match="row 28 sums to"):
        learner.predict(X)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_precision_of_any_kind_is_read_as_what_it_says(dtype: torch.dtype) -> None:
    learner, plain = started(lambda p, z: (p.to(dtype), z.to(dtype))), started(lambda p, z: (p, z))
    found = learner.predict(X)
    assert torch.allclose(found.float(), plain.predict(X), atol=3e-2)
    assert torch.allclose(found.exp().sum(dim=1), torch.ones(40).to(found), atol=1e-5)
    assert len(learner.query(3)) == 3


def test_an_answer_whose_memory_is_used_again_is_read_in_time() -> None:
    room = torch.empty(25, 3)
    learner, plain = started(lambda p, z: (room[: len(p)].copy_(p), z)), started(lambda p, z: (p, z))
    assert torch.equal(learner.predict(X), plain.predict(X))


def test_tensors_of_inference_mode_can_be_searched_on() -> None:
    def answer(p: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        with torch.inference_mode():
            return p * 1, z * 1

    strategy = AutoAL(["margin", "kmeans"], cycles=1, fit_steps=2, search_steps=2)
    assert started(answer, strategy).query(4).tolist() == started(lambda p, z: (p, z), strategy).query(4).tolist()


def raising(error: BaseException) -> Callable[..., Any]:
    def raise_it(*arguments: Any) -> Any:
        raise error

    return raise_it


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), NameError("torhc"), StopIteration(), OSError("gone")])
def test_whatever_a_model_raises_is_said(error: Exception) -> None:
    learner = started(raising(error))
    for ask in (lambda: learner.query(3), lambda: learner.predict(X[:25])):
        with pytest.raises(ModelError, match=rf"Custom.predict to work for float32 .*; got {type(error).__name__}: "):
            ask()
    learner = started(lambda p, z: (p, z))
    learner.model.fit = raising(error)  # type: ignore[method-assign]
    with pytest.raises(ModelError, match=r"Custom.fit to work for 9 labelled samples; got"):
        learner.query(3)
    learner = ActiveLearner(Pool(X, classes=3), Custom(lambda p, z: (p, z), raising(error)))
    with pytest.warns(ColdStartWarning), pytest.raises(ModelError, match=r"Custom.features to work for"):
        learner.query(3)


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), torch.OutOfMemoryError("full")])
def test_what_is_no_fault_of_the_model_stays_what_it_is(error: BaseException) -> None:
    with pytest.raises(type(error)):
        started(raising(error)).predict(X)


class WithHead(Custom):
    """Its stochastic head returns `said` of the log-probabilities (10, n, 3) that it should return."""

    said: Callable[[Tensor], Any]

    def stochastic_head(self, passes: int, rng: np.random.Generator) -> Any:
        return lambda z: self.said(z[:, :3].log_softmax(dim=1).repeat(passes, 1, 1))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (lambda p: p[:4], r"log-probabilities \(10, 25, C\); got float32 \(4, 25, 3\)"),
        (lambda p: p[:, :1], r"log-probabilities \(10, 25, C\); got float32 \(10, 1, 3\)"),
        (lambda p: p.numpy(), "got a ndarray"),
        (lambda p: p.exp(), "rows sum to one"),
        (raising(ValueError("mine")), "WithHead.stochastic_head to work for .*ValueError: mine"),
    ],
)
def test_stochastic_passes_are_checked_like_predictions(said: Callable[[Tensor], Any], message: str) -> None:
    model = WithHead(lambda p, z: (p, z))
    model.said = said
    learner = ActiveLearner(Pool(X, classes=3), model, "bald", chunk=25)
    learner.teach(range(9), np.arange(9) % 3)
    with pytest.raises(ModelError, match=message):
        learner.query(3)
    model.said = lambda p: p.half()
    assert len(learner.query(3)) == 3


def test_gradients_end_there() -> None:
    weight = torch.ones(4, requires_grad=True)
    strategy = AutoAL(["margin", "kmeans"], cycles=1, fit_steps=2, search_steps=2)
    learner, plain = (started(lambda p, z, w=w: (p, z * w), strategy) for w in (weight, 1))
    assert learner.query(4).tolist() == plain.query(4).tolist()
    model = Custom(lambda p, z: [p, z * weight])
    assert not predicted(model, torch.from_numpy(X))[1].requires_grad


@pytest.mark.parametrize(
    ("features", "got"),
    [
        (lambda x: x.numpy(), "a ndarray"),
        (lambda x: None, "a NoneType"),
        (lambda x: x[:, 0], r"float32 \(40,\)"),
        (lambda x: x[:1], r"float32 \(1, 4\)"),
        (lambda x: x / 0, "NaN or infinite values"),
        (lambda x: x[:, :0], r"float32 \(40, 0\)"),
        (lambda x: x.long(), r"int64 \(40, 4\)"),
    ],
)
def test_features_that_nothing_can_be_covered_in_are_refused(features: Callable[[Tensor], Any], got: str) -> None:
    model = Custom(lambda p, z: (p, z), features)
    learner = ActiveLearner(Pool(X, classes=3), model)
    with (
        pytest.warns(ColdStartWarning),
        pytest.raises(ModelError, match=rf"features to return a finite tensor \(40, D\); got {got}. Try"),
    ):
        learner.query(3)


def test_gradients_of_features_end_there() -> None:
    weight = torch.ones(4, requires_grad=True)
    learner = ActiveLearner(Pool(X, classes=3), Custom(lambda p, z: (p, z), lambda x: x * weight))
    with pytest.warns(ColdStartWarning):
        assert len(learner.query(3)) == 3
