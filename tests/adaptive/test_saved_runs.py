"""A run with each of the peers without state, saved in the middle: it goes on as it would have."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from autoal import ActiveLearner, AutoALWarning, Pool, Strategy
from autoal.adaptive import Refine, RoundRobin, SelectAL, ShuffledWeights, Tcm

X, y = (array[:300] for array in load_digits(return_X_y=True))


@pytest.mark.parametrize(
    "strategy",
    [
        Refine(("margin", "typiclust"), rounds=2, batches=2),
        RoundRobin(("entropy", "kmeans")),
        SelectAL(least=1, repeats=1),
        ShuffledWeights(["margin", "kmeans"], cycles=1, fit_steps=10, search_steps=5),
        Tcm(),
    ],
    ids=lambda strategy: strategy.name,
)
def test_a_saved_run_goes_on_with_the_same_choices(strategy: Strategy, tmp_path: Path) -> None:
    pool, model, asked = Pool(X, classes=10), LogisticRegression(max_iter=50), []
    learner = ActiveLearner(pool, model, strategy, seed=4, progress=False)
    learner.teach(range(10), y[:10])
    ids = learner.query(10)
    learner.teach(ids, y[ids])
    learner.save(tmp_path / "run.autoal")
    copy = tmp_path / "copy.autoal"
    copy.write_bytes((tmp_path / "run.autoal").read_bytes())
    for run in (learner, ActiveLearner.load(copy, Pool(X, classes=10), model, progress=False)):
        assert run.strategy == strategy
        for _ in range(4):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", AutoALWarning)
                ids = run.query(10)
            run.teach(ids, y[ids])
            asked.append(ids.tolist())
    assert asked[:4] == asked[4:]
    assert len({id_ for ids in asked[:4] for id_ in ids}) == 40
