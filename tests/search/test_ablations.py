"""Each ablation takes out what its name says, and only that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autoal import ActiveLearner, AutoAL, Pool, Snapshot
from autoal.models import TorchModel
from autoal.search.mixture import thresholds
from autoal.search.scores import comparable
from autoal.search.variants import ablations
from autoal.strategies import Margin
from autoal.testing import Feature, planted_informative, planted_regions

SHORT: dict[str, Any] = {"cycles": 2, "fit_steps": 5, "search_steps": 5, "search_lr": 0.5}


class Recorder(TorchModel):
    """A model that notes how many samples each of its clones was trained on."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__(lambda n_classes: nn.Linear(4, n_classes), epochs=1, min_steps=5)
        self.sizes = sizes

    def fit(self, inputs: Any, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        self.sizes.append(len(inputs))
        super().fit(inputs, labels, n_classes, rng)

    def clone(self) -> Recorder:
        return Recorder(self.sizes)


def learner(autoal: AutoAL, sizes: list[int] | None = None) -> ActiveLearner:
    X = np.random.default_rng(0).standard_normal((80, 4)).astype(np.float32)
    found = ActiveLearner(Pool(X, classes=2), Recorder([] if sizes is None else sizes), autoal)
    found.teach(range(20), (X[:20, 0] > 0).astype(int))
    return found


@pytest.mark.parametrize("name", ablations())
def test_every_ablation_chooses_a_batch(name: str) -> None:
    variant = ablations()[name]
    short = replace(variant, **{**SHORT, "search_steps": min(SHORT["search_steps"], variant.search_steps)})
    assert len(set(learner(short).query(5).tolist())) == 5


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ({"fitnet": "model"}, [20, 10, 10, 10, 10]),  # the user's model, then two halves in each of two cycles
        ({"fitnet": "model", "held_out": False}, [20, 20, 20]),
        ({"fitnet": "fitted"}, [20]),
    ],
)
def test_what_the_fitnets_are_trained_on(settings: dict[str, Any], sizes: list[int]) -> None:
    seen: list[int] = []
    learner(AutoAL([Margin()], **SHORT, **settings), seen).query(3)
    assert seen == sizes


def weighed(**settings: Any) -> tuple[Tensor, Tensor]:
    candidates = (Feature(1), Feature(2))
    autoal = AutoAL(candidates, doubt=0.0, **settings)
    return autoal.weigh(planted_regions(200, 200, 0), candidates, 10, np.random.default_rng(0))


def test_samples_have_weights_and_gates_of_their_own_unless_taken_out() -> None:
    W, Theta = weighed()
    assert float(W.std(dim=0).min()) > 0.01
    assert float(Theta.abs().max()) > 0.01
    W, Theta = weighed(per_sample=False)
    assert torch.equal(W, W[:1].expand_as(W))
    assert torch.equal(Theta, Theta[:1].expand_as(Theta))
    W, Theta = weighed(gates=False)
    assert float(W.std(dim=0).min()) > 0.01
    assert not Theta.any()


def test_without_a_mixture_the_thresholds_are_the_scores_own_quantiles(rng: np.random.Generator) -> None:
    S = torch.tensor([[1.0, 5.0], [2.0, 4.0], [3.0, 3.0], [4.0, 2.0], [5.0, 1.0]])
    theta, components = thresholds(S, torch.tensor([0.5, 0.5]), 0.25, 0, rng)
    assert components == 0
    assert theta.tolist() == [3.0, 3.0]  # both quantiles are 4; the mean of the two is 3 in every row
    theta, _ = thresholds(S, torch.tensor([1.0, 0.0]), 0.25, 0, rng)
    assert theta.tolist() == [4.0, 4.0]  # nothing is averaged


def test_the_predicted_loss_alone_can_choose(rng: np.random.Generator) -> None:
    snapshot = planted_informative(500, 200, 0)
    autoal = AutoAL([Feature(1), Feature(2)], score="predicted_loss", per_sample=False, batch="topk")
    S = autoal.scores(snapshot, rng)
    assert torch.equal(S, comparable(autoal.outcome.predicted_loss[:, None].double())[:, 0])
    informative = Feature(1).scores(snapshot, rng)
    assert np.corrcoef(S, informative)[0, 1] > 0.5  # it was trained on losses that this feature tells


def test_where_nothing_has_learned_to_predict_the_loss_the_vote_chooses() -> None:
    bare = Snapshot.from_arrays(torch.log_softmax(torch.randn(20, 3), dim=1), torch.randn(20, 4))
    labelled = planted_informative(50, 40, 0)
    for snapshot, settings in ((bare, {}), (labelled, {"search_steps": 0})):
        only, vote = (AutoAL(["margin", "entropy"], score=score, **settings) for score in ("predicted_loss", "vote"))
        picks = [autoal.select(snapshot, 3, np.random.default_rng(0)) for autoal in (only, vote)]
        assert torch.equal(*picks)
