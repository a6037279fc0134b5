"""One strategy of AutoAL beside the same strategy of scikit-activeml: the same arrays, one process, one thread.

Run by `strategies.py`, with the task as JSON; the answer is lines of JSON.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal import Snapshot, strategies
from autoal.stochastic import StochasticStatistics
from autoal.strategies.clusters import STEPS
from autoal.strategies.kernels import unit_norm
from autoal.strategies.prob_cover import pure_radius
from strategy_cells import Problem, Task, answer, limit, opened, typical

Array = npt.NDArray[Any]
TOP_K = ("random", "entropy", "margin", "least_confidence", "bald", "var_ratio", "contrastive")
LEAN = (*TOP_K, "max_herding", "prob_cover")  # are to need at most a fifth of the memory
LABELLINGS = 100  # of the batch so far that BatchBALD keeps, on both sides
CHUNK = 4096


@dataclass(frozen=True)
class Pair:
    """A strategy that both have, with the same parameters."""

    name: str  # in our registry
    theirs: str  # in skactiveml.pool
    model: str = ""  # by what name theirs takes the model
    ours_with: dict[str, Any] = field(default_factory=dict)
    theirs_with: dict[str, Any] = field(default_factory=dict)
    unit: bool = False  # ours works on features of norm one: theirs gets them so


LLOYD = {"cluster_algo_dict": {"max_iter": STEPS, "n_init": 1}}
SAMPLES = {"sample_predictions_method_name": "sample"}
PAIRS = (
    Pair("random", "RandomSampling"),
    Pair("entropy", "UncertaintySampling", "clf", theirs_with={"method": "entropy"}),
    Pair("margin", "UncertaintySampling", "clf", theirs_with={"method": "margin_sampling"}),
    Pair("least_confidence", "UncertaintySampling", "clf", theirs_with={"method": "least_confident"}),
    Pair("bald", "GreedyBALD", "ensemble", theirs_with=SAMPLES),
    Pair("var_ratio", "QueryByCommittee", "ensemble", theirs_with={"method": "variation_ratios", **SAMPLES}),
    Pair("contrastive", "ContrastiveAL", "clf", {"k": 10}, {"nearest_neighbors_dict": {"n_neighbors": 10}}),
    Pair("core_set", "CoreSet"),
    Pair("badge", "Badge", "clf"),
    Pair("batch_bald", "BatchBALD", "ensemble", {"labellings": LABELLINGS}, {"n_MC_samples": LABELLINGS, **SAMPLES}),
    Pair("typiclust", "TypiClust", "", {"max_clusters": 10**9, "neighbours": 5}, {"k": 5, **LLOYD}),
    Pair("prob_cover", "ProbCover", unit=True),
    Pair("max_herding", "MaxHerding", "", {"h": 1.0}, {"metric_dict": {"gamma": 1.0}}),
    Pair("drop_query", "DropQuery", "clf", {"enough": 1}, {"n_dropout_samples": 10, **LLOYD}, unit=True),
    Pair("falcun", "Falcun", "clf"),
    Pair("clue", "Clue", "estimator", theirs_with={"method": "entropy", **LLOYD}),
)


def shared() -> list[Pair]:
    """The pairs of which we have ours."""
    known = strategies.all()
    return [pair for pair in PAIRS if pair.name in known]


@dataclass(frozen=True)
class Arrays:
    """What both sides see; the model's answers are known beforehand to both."""

    snapshot: Snapshot
    log_passes: Tensor  # (T, n, C)
    X: Array  # (n + m, D), the pool and then what is labelled
    y: Array  # (n + m,), NaN where there is no label

    @classmethod
    def of(cls, problem: Problem, folder: Path) -> Arrays:
        """The problem in ordinary memory."""
        if problem.rows == problem.labelled:
            raise ValueError("pool and labelled rows are told apart by their number: make it differ")
        mapped = opened(problem, folder)
        embedding = mapped.embedding.clone()
        heads = problem.heads()
        snapshot = replace(
            mapped,
            embedding=embedding,
            log_probs=mapped.log_probs.clone(),
            passes=lambda rows: heads.stochastic(embedding[rows]),
        )
        y = np.full(problem.rows + problem.labelled, np.nan)
        y[problem.rows :] = snapshot.labels.numpy()
        X = torch.cat([embedding, snapshot.labelled_embedding]).numpy()
        return cls(snapshot, heads.stochastic(embedding), X, y)

    def classifier(self, X: Array) -> Any:
        """A fitted classifier of scikit-activeml that looks the answers up.

        Which rows it is asked for it tells from their number: the pool's, or those that are labelled. Only `predict`
        looks at them: DropQuery changes the features, and the nearest class mean of X stands in for the model.
        """
        base = import_module("skactiveml.base").SkactivemlClassifier
        n, classes = len(self.snapshot), np.arange(self.snapshot.n_classes)
        pool, labelled = _probs(self.snapshot.log_probs), _probs(self.snapshot.labelled_log_probs)
        samples, head = (
            self.log_passes.double().exp().numpy(),
            _class_means(X[n:], self.snapshot.labels.numpy(), classes),
        )
        bias = 0.5 * (head**2).sum(axis=1)

        def known(self: Any, X: Array) -> Array:
            return (pool if len(X) == n else labelled).copy()

        methods = {
            "fit": lambda self, X, y, sample_weight=None: self,
            "predict_proba": known,
            "predict": lambda self, X: (X @ head.T - bias).argmax(axis=1),
            "sample": lambda self, X: samples,
        }
        fitted = type("LookedUp", (base,), methods)(classes=classes)
        fitted.classes_ = classes
        return fitted


def _probs(log_probs: Tensor) -> Array:
    return np.asarray(log_probs.double().log_softmax(dim=1).exp())


def _class_means(X: Array, labels: Array, classes: Array) -> Array:
    return np.stack([X[labels == c].mean(axis=0) if (labels == c).any() else np.zeros(X.shape[1]) for c in classes])


def radius(arrays: Arrays) -> float:
    """The radius of ProbCover's balls, found once for both."""
    return pure_radius(arrays.snapshot, 0.95, np.random.default_rng(0))


def ours(pair: Pair, arrays: Arrays, batch: int, delta: float, reduced: bool = False) -> Callable[[], Any]:
    """A query of ours; where it needs stochastic passes, they are reduced to statistics within it, or were before."""
    more: dict[str, Any] = {"delta": delta} if pair.name == "prob_cover" else {}
    strategy = strategies.get(pair.name)(**(pair.ours_with | more))

    def query() -> Any:
        snapshot = arrays.snapshot
        if "stochastic" in strategy.needs and not reduced:
            snapshot = replace(snapshot, stochastic=_statistics(arrays.log_passes))
        return strategy.select(snapshot, batch, np.random.default_rng(0))

    return query


def _statistics(log_passes: Tensor) -> StochasticStatistics:
    passes, n, n_classes = log_passes.shape
    statistics = StochasticStatistics.empty(n, n_classes, passes)
    for start in range(0, n, CHUNK):
        statistics.fill(slice(start, start + CHUNK), log_passes[:, start : start + CHUNK])
    return statistics


def theirs(pair: Pair, arrays: Arrays, batch: int, delta: float) -> Callable[[], Any]:
    """The same query of theirs, by a new object each time, as some remember distances."""
    kind = getattr(import_module("skactiveml.pool"), pair.theirs)
    more = {"deltas": [delta]} if pair.name == "prob_cover" else {}
    X = unit_norm(torch.from_numpy(arrays.X)).numpy() if pair.unit else arrays.X
    model = {pair.model: arrays.classifier(X), f"fit_{pair.model}": False} if pair.model else {}
    return lambda: kind(**pair.theirs_with, **more, random_state=0).query(X, arrays.y, batch_size=batch, **model)


def compare(task: Task) -> Iterator[Task]:
    """Ours, when theirs begins, and theirs."""
    limit(task)
    warnings.simplefilter("ignore")
    pair = next(pair for pair in PAIRS if pair.name == task["strategy"])
    problem, folder = Problem(**task["problem"]), Path(task["folder"])
    small = Arrays.of(replace(problem, rows=min(problem.labelled + 100, problem.rows)), folder)
    arrays = Arrays.of(problem, folder)
    delta = radius(arrays) if pair.name == "prob_cover" else 0.0
    sides = [("ours", ours), ("theirs", theirs)]
    if "stochastic" in strategies.get(pair.name).needs:
        sides.insert(1, ("selection", partial(ours, reduced=True)))
    for side, make in sides:
        make(pair, small, 4, delta)()  # imports and first-time costs
        call = make(pair, arrays, task["batch"], delta)
        yield {"side": side, "began": time.time() - task["started"]}
        seconds, mebibytes, picks = typical(call)
        distinct = len(np.unique(np.asarray(picks)))
        yield {"side": side, "seconds": seconds, "mebibytes": mebibytes, "distinct": distinct}


if __name__ == "__main__":
    answer({"peers": compare})
