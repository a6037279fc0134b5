"""The search on problems whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from autoal import AutoAL, AutoALError, AutoALWarning, Pool, Snapshot, Strategy, strategies
from autoal.adaptive import RandomWeights, UniformWeights
from autoal.errors import ModelError
from autoal.learner import ActiveLearner
from autoal.models import TorchModel
from autoal.models.small_cnn import small_cnn
from autoal.search.first_vote import favouring
from autoal.strategies import Entropy, Margin, top
from autoal.testing import Feature, Noise, planted_informative, planted_regions, planted_unlearnable
from conftest import make_snapshot


@pytest.mark.parametrize("seed", range(5))
def test_the_informative_candidate_of_seven_is_found_within_one_query(seed: int) -> None:
    snapshot = planted_informative(1000, 400, seed)
    informative = Feature(1)
    autoal = AutoAL([*(Noise(i) for i in range(3)), informative, *(Noise(i) for i in range(3, 6))], batch="topk")
    picks = autoal.select(snapshot, 50, np.random.default_rng(seed))
    expected = top(informative.scores(snapshot, np.random.default_rng(0)), 50, np.random.default_rng(0))
    assert autoal.report_.mean_weights[3] > 0.5
    assert len(set(picks.tolist()) & set(expected.tolist())) >= 40
    assert min(autoal.report_.losses["gradient"]) > 0


@pytest.mark.parametrize("seed", range(5))
def test_the_weights_follow_the_region_where_a_candidate_is_informative(seed: int) -> None:
    snapshot = planted_regions(1000, 400, seed)
    autoal = AutoAL([Feature(1), Feature(2)], batch="topk")
    autoal.select(snapshot, 50, np.random.default_rng(seed))
    first = autoal.weights_[:, 0]
    positive = snapshot.embedding[:, 3] > 0
    assert float(first[positive].mean()) > 0.65
    assert float(first[~positive].mean()) < 0.35


def test_errors_that_nothing_can_be_learned_from_mislead_the_error_alone() -> None:
    def weights(autoal: AutoAL, seed: int) -> tuple[float, ...]:
        autoal.select(planted_unlearnable(1000, 400, seed), 50, np.random.default_rng(seed))
        return autoal.report_.mean_weights

    candidates = [Feature(1), Feature(2), Noise(0)]  # informative; finds random labels; noise
    informative, misled, _ = np.mean([weights(AutoAL(candidates), seed) for seed in range(4)], axis=0)
    assert informative > misled
    informative, misled, _ = np.mean([weights(AutoAL(candidates, signal="error"), seed) for seed in range(4)], axis=0)
    assert misled > 2 * informative


def test_what_was_learned_counts_only_where_a_network_has_not_seen_the_sample() -> None:
    def losses(**settings: Any) -> list[float]:
        autoal = AutoAL(["margin", "entropy"], **settings)
        autoal.select(make_snapshot(m=60), 5, np.random.default_rng(0))
        return autoal.report_.losses["L_S"]

    assert losses(held_out=False) == losses(held_out=False, signal="error")
    assert losses() != losses(signal="error")


def test_noise_alone_leaves_the_weights_near_uniform() -> None:
    highest = []
    for seed in range(5):
        autoal = AutoAL([Noise(i) for i in range(5)], batch="topk")
        autoal.select(planted_informative(500, 100, seed), 20, np.random.default_rng(seed))
        highest.append(max(autoal.report_.mean_weights))
    assert np.mean(highest) < 0.6  # of five; one that is informative gets 0.97


def test_every_step_has_a_gradient_and_the_report_is_whole(snapshot: Snapshot, rng: np.random.Generator) -> None:
    autoal = AutoAL(cycles=2, fit_steps=10, search_steps=6)
    autoal.select(snapshot, 5, rng)
    report = autoal.report_
    assert len(report.losses["gradient"]) == 12
    assert min(report.losses["gradient"]) > 0
    assert set(report.losses) == {"L_S", "L_F", "L_re", "alpha", "prior", "ranking", "gradient"}
    assert all(np.isfinite(values).all() for values in report.losses.values())
    assert len(report.candidates) == len(report.mean_weights) == len(report.thresholds) == 7
    assert 1 <= report.components <= 5
    assert set(report.seconds) == {"candidates", "threshold", "search", "batch"}
    assert autoal.weights_.shape == (60, 7)
    assert torch.allclose(autoal.weights_.sum(dim=1), torch.ones(60), atol=1e-5)


@pytest.mark.parametrize(
    "settings", [{"scale": "zscore"}, {"optimiser": "sgd"}, {"centred": False}, {"batch": "topk"}, {"minibatch": 8}]
)
def test_every_setting_trains_with_a_gradient(
    settings: dict[str, object], snapshot: Snapshot, rng: np.random.Generator
) -> None:
    autoal = AutoAL(cycles=1, fit_steps=5, search_steps=3, **settings)  # type: ignore[arg-type]
    assert len(set(autoal.select(snapshot, 7, rng).tolist())) == 7
    assert min(autoal.report_.losses["gradient"]) > 0


def images(n: int = 60) -> tuple[ActiveLearner, np.ndarray]:  # type: ignore[type-arg]
    rng = np.random.default_rng(0)
    X = rng.integers(0, 255, (n, 1, 8, 8), dtype=np.uint8)
    y = (X[:, 0, :4].mean(axis=(1, 2)) > X[:, 0, 4:].mean(axis=(1, 2))).astype(int)
    model = TorchModel(lambda c: small_cnn(c, channels=1, width=4), epochs=1, min_steps=5)
    return ActiveLearner(Pool(X, classes=2), model), y


@pytest.mark.parametrize("searchnet", ["embedding", "inputs"])
@pytest.mark.parametrize("fitnet", ["embedding", "model", "inputs"])
def test_the_nets_see_embeddings_or_inputs_or_are_the_users_model(searchnet: str, fitnet: str) -> None:
    learner, y = images()
    learner.strategy = AutoAL(searchnet=searchnet, fitnet=fitnet, cycles=1, fit_steps=2, search_steps=2, minibatch=8)  # type: ignore[arg-type]
    learner.teach(range(10), y[:10])
    assert len(learner.query(4)) == 4
    assert min(learner.strategy.report_.losses["gradient"]) > 0


@pytest.mark.parametrize("score", ["vote", "predicted_loss"])
def test_a_model_that_cannot_learn_from_half_of_the_labels_leaves_the_first_vote(score: Any) -> None:
    X = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    asked = []
    for autoal in (AutoAL(fitnet="model", score=score), AutoAL(search_steps=0)):
        learner = ActiveLearner(Pool(X, classes=2), KNeighborsClassifier(5), autoal)
        learner.teach(range(8), [0, 1] * 4)
        if autoal.search_steps:
            with pytest.warns(AutoALWarning, match=r"first vote in this query, as the model .*n_neighbors = 5"):
                asked.append(learner.query(4).tolist())
        else:
            asked.append(learner.query(4).tolist())
        assert autoal.report_.losses == {}
        assert autoal.outcome.predicted_loss.shape == (52,)
    assert asked[0] == asked[1]


def test_an_error_of_the_searchs_own_networks_is_not_hidden(snapshot: Snapshot, rng: np.random.Generator) -> None:
    class Broken(AutoAL):
        def _searched(self, *_: Any) -> tuple[Tensor, Tensor]:
            raise ModelError("a", "b", "c")

    with pytest.raises(ModelError):
        Broken().select(snapshot, 3, rng)
    with pytest.warns(AutoALWarning, match="first vote"):
        Broken(fitnet="model").select(snapshot, 3, rng)


def test_the_method_of_the_paper_has_its_settings_and_runs() -> None:
    paper = AutoAL.paper()
    assert (paper.batch, paper.searchnet, paper.fitnet, paper.optimiser) == ("topk", "inputs", "inputs", "sgd")
    assert (paper.fit_steps, paper.search_steps, paper.fit_lr, paper.search_lr) == (200, 400, 0.005, 0.005)
    assert [candidate.name for candidate in paper.candidates or () if isinstance(candidate, Strategy)] == [
        "entropy", "margin", "least_confidence", "kmeans", "bald", "var_ratio", "mean_std",
    ]  # fmt: skip
    learner, y = images(40)
    paper = replace(paper, fit_steps=1, search_steps=2, minibatch=8)
    learner.strategy = paper
    learner.teach(range(8), y[:8])
    assert len(learner.query(4)) == 4
    assert min(paper.report_.losses["gradient"]) > 0


def test_the_method_of_the_paper_needs_images(snapshot: Snapshot, rng: np.random.Generator) -> None:
    with pytest.raises(AutoALError, match="with the inputs and the model"):
        AutoAL.paper().select(snapshot, 3, rng)
    learner = ActiveLearner(Pool(np.eye(12, dtype=np.float32), classes=2), TorchModel(lambda c: torch.nn.Linear(12, c)))
    learner.strategy = AutoAL.paper()
    learner.teach(range(6), [0, 1] * 3)
    with pytest.raises(AutoALError, match="images"):
        learner.query(2)


def test_without_stochastic_passes_the_candidates_that_need_them_are_left_out(rng: np.random.Generator) -> None:
    bare = Snapshot.from_arrays(torch.log_softmax(torch.randn(20, 3), dim=1), torch.randn(20, 4))
    autoal = AutoAL()
    with pytest.warns(AutoALWarning, match=r"left out.*bald, var_ratio, mean_std"):
        autoal.select(bare, 3, rng)
    assert autoal.report_.candidates == ("entropy", "margin", "least_confidence", "kmeans")
    with pytest.raises(AutoALError, match="without stochastic"):
        AutoAL(["bald"]).select(bare, 3, rng)


def test_too_few_labels_leave_the_vote_as_it_starts(rng: np.random.Generator) -> None:
    for m in range(4):
        for autoal, margin in ((AutoAL(), 0.85), (AutoAL(favourite=None), 1 / 7), (AutoAL.paper(), 1 / 7)):
            assert len(autoal.select(make_snapshot(m=m), 5, rng)) == 5
            vote = dict(zip(autoal.report_.candidates, autoal.report_.mean_weights, strict=True))
            assert vote.pop("margin") == pytest.approx(margin)
            assert list(vote.values()) == pytest.approx([(1 - margin) / 6] * 6)


def test_the_vote_starts_uniform_without_a_favourite_or_where_that_would_lose() -> None:
    assert favouring(["entropy", "kmeans"], "margin", 0.85).tolist() == [0.5, 0.5]
    assert favouring(["margin"], "margin", 0.85).tolist() == [1.0]
    assert favouring(["margin", "margin", "kmeans"], "margin", 0.8).tolist() == pytest.approx([0.4, 0.4, 0.2])
    assert favouring(["kmeans", *["margin"] * 9], "margin", 0.85).tolist() == pytest.approx([0.1] * 10)
    assert favouring(["margin", "kmeans"], "kmeans", 0.6).tolist() == pytest.approx([0.4, 0.6])


@pytest.mark.parametrize("seed", range(3))
def test_a_favourite_that_proves_worthless_loses_its_part_within_one_query(seed: int) -> None:
    autoal = AutoAL([Noise(0), Feature(1), Noise(1)], favourite="noise", favour=0.9)
    autoal.select(planted_informative(1000, 400, seed), 50, np.random.default_rng(seed))
    assert autoal.report_.mean_weights[1] > 0.7


def test_without_steps_the_vote_stays_as_it_starts(rng: np.random.Generator) -> None:
    autoal = AutoAL(["margin", "entropy"], search_steps=0)
    autoal.select(make_snapshot(m=40), 5, rng)
    assert autoal.report_.mean_weights == pytest.approx((0.85, 0.15))


def test_coverage_is_counted_on_as_many_references_as_are_asked_for() -> None:
    snapshot = make_snapshot(n=600, m=40)
    some, many, every = (
        AutoAL(["margin"], search_steps=0, references=r).select(snapshot, 5, np.random.default_rng(0)).tolist()
        for r in (100, 600, 10_000)
    )
    assert some != many == every


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch": "greedy"}, "batch among herding, topk; got 'greedy'"),
        ({"scale": "none"}, "scale among"),
        ({"candidates": []}, "at least one candidate"),
        ({"candidates": ["entropi"]}, "name of a strategy"),
        ({"candidates": "entropi"}, "name of a strategy; got 'entropi'"),
        ({"candidates": [3]}, "a strategy or its name; got 3"),
        ({"candidates": 3}, "a strategy or its name; got 3"),
        ({"candidates": [Entropy]}, r"a strategy or its name; got <class .*'margin', or Margin\(\)"),
        ({"cycles": 0}, "cycles of at least 1"),
        ({"cycles": 2.5}, "cycles of at least 1, a whole number; got 2.5"),
        ({"references": "all"}, "references of at least 1, a whole number; got 'all'"),
        ({"max_components": -1}, "max_components of at least 0"),
        ({"references": 0}, "references of at least 1"),
        ({"search_steps": -1}, "search_steps of at least 0"),
        ({"favourite": "margins"}, "favourite among the candidates; got 'margins'"),
        ({"doubt": -1.0}, "doubt of at least 0"),
        ({"prior": float("nan")}, "prior of at least 0"),
        ({"sharpness": float("nan")}, "finite sharpness above 0"),
        ({"favour": 1.0}, "favour, a part of the vote, between 0 and 1"),
        ({"fitnet": "x"}, "fitnet among"),
        ({"searchnet": "model"}, "searchnet among"),
        ({"optimiser": "lbfgs"}, "optimiser among"),
        ({"sharpness": 0.0}, "finite sharpness above 0"),
        ({"tau_start": 0.0}, "finite tau_start above 0"),
        ({"search_lr": float("inf")}, "finite search_lr above 0"),
        ({"dropout": 1.0}, "dropout rate of at least 0 and less than 1"),
        ({"tolerance": float("nan")}, "tolerance from 0 to 1"),
        ({"lambda_bar": -1.0}, "lambda_bar of at least 0"),
    ],
)
def test_bad_settings_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        AutoAL(**arguments)  # type: ignore[arg-type]


def test_the_controls_share_everything_but_the_weights(snapshot: Snapshot, rng: np.random.Generator) -> None:
    uniform, random = UniformWeights(), RandomWeights()
    uniform.select(snapshot, 5, rng)
    random.select(snapshot, 5, rng)
    assert uniform.weights_.allclose(torch.full((60, 7), 1 / 7))
    assert random.weights_.std(dim=0).min() > 0.05
    assert random.weights_.sum(dim=1).allclose(torch.ones(60))
    single = UniformWeights(["entropy"], batch="topk").select(snapshot, 9, rng)
    assert set(single.tolist()) == set(Entropy().select(snapshot, 9, rng).tolist())


def test_a_single_candidate_needs_no_list() -> None:
    assert AutoAL("margin") == AutoAL(["margin"]) == AutoAL([Margin()])
    assert AutoAL(Margin()) == AutoAL([Margin()])  # type: ignore[arg-type]


def test_there_are_no_scores_of_no_samples(rng: np.random.Generator) -> None:
    assert AutoAL().scores(make_snapshot(n=0), rng).shape == (0,)


def test_scores_agree_with_the_topk_selection(snapshot: Snapshot) -> None:
    uniform = UniformWeights(["entropy", "margin"], batch="topk")
    scores = uniform.scores(snapshot, np.random.default_rng(0))
    assert scores.shape == (60,)
    assert torch.isfinite(scores).all()


def test_it_uses_what_its_candidates_use() -> None:
    assert "stochastic" in strategies.get("refine")().uses
    assert "stochastic" in AutoAL(["refine", "margin"]).uses


@pytest.mark.parametrize(
    "strategy", [UniformWeights(["margin"], batch="topk"), *(strategies.get(n)() for n in ("cluster_margin", "margin"))]
)
def test_ties_are_broken_by_sample_and_not_by_row(strategy: Strategy) -> None:
    g = torch.Generator().manual_seed(0)
    ids, embedding = torch.arange(60), torch.randn(60, 3, generator=g)
    log_probs = torch.tensor([[0.5, 0.5], [0.9, 0.1]]).log()[ids % 2]

    def asked(order: torch.Tensor) -> list[int]:
        snapshot = Snapshot.from_arrays(log_probs[order], embedding[order], ids=ids[order])
        found: list[int] = ids[order][strategy.select(snapshot, 6, np.random.default_rng(0))].tolist()
        return found

    assert sorted(asked(torch.randperm(60, generator=g))) == sorted(asked(ids))


@dataclass(frozen=True)
class Raises(Strategy):
    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        raise RuntimeError("no idea")


@pytest.mark.parametrize("vote", [UniformWeights, lambda candidates: AutoAL(candidates, cycles=1, search_steps=2)])
def test_a_candidate_that_raises_has_no_part_of_the_vote(vote: Any) -> None:
    snapshot = make_snapshot(200)
    with pytest.warns(AutoALWarning, match="Raises raised RuntimeError"):
        (ours := vote([Raises(), "margin", Raises(), "entropy"])).select(snapshot, 10, np.random.default_rng(1))
    (alone := vote(["margin", "entropy"])).select(snapshot, 10, np.random.default_rng(1))
    assert ours.report_.candidates == alone.report_.candidates == ("margin", "entropy")
    assert torch.equal(ours.weights_, alone.weights_)
    assert torch.equal(ours.ids_, snapshot.ids)
    with pytest.warns(AutoALWarning, match="Raises raised RuntimeError"):
        rows = vote([Raises()]).select(snapshot, 10, np.random.default_rng(1))
    assert len(set(rows.tolist())) == 10


def test_candidates_of_one_name_are_told_apart() -> None:
    ensemble = UniformWeights([strategies.Power("entropy", beta=1), strategies.Power("entropy", beta=8), "margin"])
    ensemble.select(make_snapshot(50), 5, np.random.default_rng(1))
    assert ensemble.report_.candidates == ("power", "power 2", "margin")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"favour": "x"}, "favour"),
        ({"lambda_bar": "x"}, "lambda_bar of at least 0; got 'x'"),
        ({"balanced": "no"}, "balanced, True or False; got 'no'"),
        ({"per_sample": 1}, "per_sample, True or False; got 1"),
        ({"sharpness": "2"}, "a finite sharpness above 0; got '2'"),
        ({"tolerance": None}, "a tolerance from 0 to 1; got None"),
    ],
)
def test_settings_of_another_type_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        AutoAL(**settings)
