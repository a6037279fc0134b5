from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autoal import ActiveLearner, Pool, Snapshot
from autoal.adaptive import UniformWeights
from autoal.errors import InputError
from autoal.inputs import ArrayInputs, Inputs, SequenceInputs
from autoal.models import TorchModel
from autoal.models.mlp import mlp
from autoal.search import joint_space as module
from autoal.search.joint_space import joint_space
from autoal.snapshot import Source


def snapshot(embedding: Any, labelled: Any) -> Snapshot:
    even = np.full((len(embedding), 2), np.log(0.5))
    return Snapshot.from_arrays(even, np.array(embedding), np.array(labelled), np.arange(len(labelled)) % 2)


def beside(known: Snapshot, inputs: Inputs, labelled_inputs: Inputs) -> Snapshot:
    model = TorchModel(lambda n_classes: nn.Linear(2, n_classes))
    return replace(known, source=Source(model, inputs, labelled_inputs, inputs, labelled_inputs))


def test_by_hand() -> None:
    """Norms of 5, 2 and 10 become one in either half."""
    known = snapshot([[3.0, 4.0], [0.0, 2.0]], [[6.0, 8.0]])
    inputs, labelled_inputs = ArrayInputs(np.array([[0.0, 0.0, 2.0], [3.0, 0.0, 4.0]])), ArrayInputs(np.eye(3)[:1])
    points, labelled = joint_space(beside(known, inputs, labelled_inputs))
    assert torch.allclose(points, torch.tensor([[0.6, 0.8, 0, 0, 1], [0, 1, 0.6, 0, 0.8]]))
    assert torch.allclose(labelled, torch.tensor([[0.6, 0.8, 1, 0, 0]]))


def test_squared_distances_are_those_of_either_space_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 7)  # so that the inputs are read in parts
    g = np.random.default_rng(0)
    embedding, x = g.standard_normal((30, 4)), g.standard_normal((30, 6))
    points, _ = joint_space(beside(snapshot(embedding, embedding[:3]), ArrayInputs(x), ArrayInputs(x[:3])))

    def squared(rows: Any) -> Tensor:
        unit = torch.nn.functional.normalize(torch.as_tensor(rows), dim=1).double()
        return torch.cdist(unit, unit) ** 2

    assert torch.allclose(torch.cdist(points, points).double() ** 2, squared(embedding) + squared(x), atol=1e-5)


@pytest.mark.parametrize(
    "inputs",
    [
        ArrayInputs(np.zeros((2, 3, 8, 8), dtype=np.float32)),  # images
        ArrayInputs(np.array([[1, 2], [3, 4]])),  # codes of words
        ArrayInputs(np.array([[3.0, 4.0], [0.0, 2.0]])),  # what the embedding is already
        SequenceInputs([torch.zeros(3, 8, 8), torch.zeros(3, 8, 8)]),
    ],
)
def test_elsewhere_it_is_the_embedding_itself(inputs: Inputs) -> None:
    known = beside(snapshot([[3.0, 4.0], [0.0, 2.0]], [[6.0, 8.0]]), inputs, inputs)
    points, labelled = joint_space(known)
    assert points is known.embedding
    assert labelled is known.labelled_embedding


def test_of_some_rows_it_is_those_rows() -> None:
    g = np.random.default_rng(0)
    x = g.standard_normal((30, 6))
    known = beside(snapshot(g.standard_normal((30, 4)), np.ones((3, 4))), ArrayInputs(x), ArrayInputs(x[:3]))
    rows = torch.tensor([7, 2, 29])
    assert torch.equal(joint_space(known.subset(rows))[0], joint_space(known)[0][rows])


def test_of_arrays_alone_it_is_the_embedding() -> None:
    known = snapshot([[3.0, 4.0]], [[6.0, 8.0]])
    assert joint_space(known)[0] is known.embedding


def learner(factory: Any, vote: UniformWeights, n_labels: int) -> ActiveLearner:
    x = np.random.default_rng(1).standard_normal((120, 5)).astype(np.float32)
    found = ActiveLearner(Pool(x, classes=3), TorchModel(factory, epochs=1, min_steps=20), vote, progress=False)
    found.teach(range(n_labels), np.arange(n_labels) % 3)
    return found


@pytest.mark.parametrize("n_labels", [1, 15])
def test_a_hidden_layer_is_told_what_it_was_given_and_a_linear_model_is_not(n_labels: int) -> None:
    def picks(factory: Any, space: Any) -> list[int]:
        found: list[int] = learner(factory, UniformWeights(["margin"], space=space), n_labels).query(8).tolist()
        return found

    def linear(n_classes: int) -> nn.Module:
        return nn.Linear(5, n_classes)

    def hidden(n_classes: int) -> nn.Module:
        return mlp(5, n_classes)

    assert picks(linear, "joint") == picks(linear, "embedding")
    if n_labels > 1:
        assert picks(hidden, "joint") != picks(hidden, "embedding")
    assert len(set(picks(hidden, "joint"))) == 8


def test_what_the_network_maps_to_one_place_is_told_apart_by_its_features() -> None:
    """Three features that the embedding drops: a batch of three takes one of each."""
    group = np.repeat(np.arange(3), 20)
    x = np.eye(3, dtype=np.float32)[group] + 0.01 * np.random.default_rng(0).standard_normal((60, 3))
    known = snapshot(np.ones((60, 2)), np.ones((0, 2)))
    vote = UniformWeights(["random"], balanced=False)
    found = vote.select(beside(known, ArrayInputs(x), ArrayInputs(x[:0])), 3, np.random.default_rng(0))
    assert sorted(group[found]) == [0, 1, 2]


def test_a_space_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="joint, embedding"):
        UniformWeights(space="pixels")  # type: ignore[arg-type]
