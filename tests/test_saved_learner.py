"""A run in a file: it goes on as it would have, and belongs to its pool."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

from autoal import ActiveLearner, AutoAL, AutoALError, AutoALWarning, Pool, Snapshot, Strategy
from autoal.strategies import Entropy
from test_learner import IDS, QUICK, X, Y, new, run, started


def test_a_saved_run_goes_on_as_it_would_have(tmp_path: Path) -> None:
    undisturbed = started(QUICK)
    expected = run(undisturbed, 4)
    learner = started(QUICK)
    assert run(learner, 2) == expected[:2]
    learner.save(tmp_path / "run.autoal")
    loaded = ActiveLearner.load(tmp_path / "run.autoal", Pool(X, ids=IDS, classes=3), LogisticRegression())
    assert loaded.strategy == learner.strategy
    assert run(loaded, 1) == expected[2:3]
    again = ActiveLearner.load(tmp_path / "run.autoal", Pool(X, ids=IDS, classes=3), LogisticRegression())
    assert run(again, 1) == expected[3:]  # what the loaded run taught was written at once
    assert torch.equal(again.predict(X), undisturbed.predict(X))


def test_a_query_that_was_asked_and_not_answered_is_remembered(tmp_path: Path) -> None:
    learner = started()
    learner.save(tmp_path / "run.autoal")
    asked = learner.query(4)
    loaded = ActiveLearner.load(tmp_path / "run.autoal", Pool(X, ids=IDS, classes=3), LogisticRegression())
    assert loaded.pending == asked.tolist()


def test_a_run_of_another_pool_is_refused(tmp_path: Path) -> None:
    started().save(tmp_path / "run.autoal")
    others = {
        "other ids": Pool(X, classes=3),
        "50 samples, not 80; other ids": Pool(X[:50], ids=IDS[:50], classes=3),
        "the classes 0, 1, 2, 3, not 0, 1, 2": Pool(X, ids=IDS, classes=4),
    }
    for said, other in others.items():
        with pytest.raises(AutoALError, match=f"the pool that the run was saved with; got {said}[.] Try"):
            ActiveLearner.load(tmp_path / "run.autoal", other, LogisticRegression())
    with pytest.raises(AutoALError, match="a path that is free"):
        started().save(tmp_path / "run.autoal")


class Mine(Strategy):
    """Not registered, and not a dataclass."""

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
        return snapshot.embedding[:, 0]


def test_a_strategy_of_ones_own_is_brought_again(tmp_path: Path) -> None:
    learner = started(Mine())
    learner.save(tmp_path / "run.autoal")
    pool = Pool(X, ids=IDS, classes=3)
    with pytest.raises(AutoALError, match="strategy="):
        ActiveLearner.load(tmp_path / "run.autoal", pool, LogisticRegression())
    loaded = ActiveLearner.load(tmp_path / "run.autoal", pool, LogisticRegression(), Mine())
    assert loaded.query(3).tolist() == started(Mine()).query(3).tolist()
    assert started(AutoAL([Mine(), Entropy()], cycles=1, fit_steps=5, search_steps=2)).query(3).shape == (3,)


def test_settings_of_another_version_are_said_and_the_strategy_can_be_brought(tmp_path: Path) -> None:
    learner = started("margin")
    learner.save(tmp_path / "run.autoal")
    learner._journal.note(strategy={"name": "margin", "temperature": 3})
    pool = Pool(X, ids=IDS, classes=3)
    with pytest.raises(AutoALError, match=r"can be restored; got .*temperature.* Try: load\(\.\.\., strategy="):
        ActiveLearner.load(tmp_path / "run.autoal", pool, LogisticRegression())
    assert ActiveLearner.load(tmp_path / "run.autoal", pool, LogisticRegression(), "margin").query(3).shape == (3,)


def test_settings_may_be_numbers_of_numpy(tmp_path: Path) -> None:
    started(AutoAL(cycles=np.int64(2), prior=np.float64(0.5))).save(tmp_path / "run.autoal")  # type: ignore[arg-type]
    loaded = ActiveLearner.load(tmp_path / "run.autoal", Pool(X, ids=IDS, classes=3), LogisticRegression())
    assert loaded.strategy == AutoAL(cycles=2, prior=0.5)


def test_the_strategy_that_a_run_is_loaded_with_is_the_one_it_has(tmp_path: Path) -> None:
    started("margin").save(tmp_path / "run #1?.autoal")
    pool = Pool(X, ids=IDS, classes=3)
    other = ActiveLearner.load(tmp_path / "run #1?.autoal", pool, LogisticRegression(), "entropy")
    other.save(tmp_path / "copy")
    for name in ("run #1?.autoal", "copy"):
        assert ActiveLearner.load(tmp_path / name, pool, LogisticRegression()).strategy == Entropy()


def test_labels_that_a_saved_run_does_not_have_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    new().save(tmp_path / "run")
    pool = Pool(X, [*Y[:7], *[None] * 73], ids=IDS, classes=3)
    with pytest.warns(AutoALWarning, match="7 labels that the saved run does not have"):
        loaded = ActiveLearner.load(tmp_path / "run", pool, LogisticRegression())
    assert loaded.labels == {}


def test_a_run_of_files_knows_them_by_their_paths(tmp_path: Path) -> None:
    for i in range(12):
        Image.new("RGB", (4, 4), (20 * i, 0, 0)).save(tmp_path / f"{i:02}.png")
    learner = ActiveLearner(Pool.from_folder(tmp_path, classes=["a", "b"]), LogisticRegression(), "margin")
    learner.teach([0, 11], ["a", "b"])
    learner.save(tmp_path / "run")
    assert ActiveLearner.load(tmp_path / "run", learner.pool, LogisticRegression()).labels == {0: "a", 11: "b"}
    (tmp_path / "b").mkdir()
    (tmp_path / "11.png").rename(tmp_path / "b" / "11.png")
    (tmp_path / "a").mkdir()
    (tmp_path / "05.png").rename(tmp_path / "a" / "05.png")
    with pytest.raises(AutoALError, match=r"got other files: '05.png'.* new.* the same paths"):
        ActiveLearner.load(tmp_path / "run", Pool.from_folder(tmp_path), LogisticRegression())


def test_two_that_write_to_one_file_are_not_given_the_same_samples(tmp_path: Path) -> None:
    one = started("margin")
    one.save(tmp_path / "run")
    two = ActiveLearner.load(tmp_path / "run", one.pool, LogisticRegression())
    stale = two.unlabelled  # what the second saw before the first asked
    first = one.query(5)
    assert not two._journal.add_query(2, stale[:70].tolist())
    assert set(two.query(5)).isdisjoint(first)
    assert sorted(one.pending) == sorted(two.pending)


def test_to_load_a_run_changes_nothing_in_its_file(tmp_path: Path) -> None:
    one = started("margin")
    one.save(tmp_path / "run")
    before = (tmp_path / "run").read_bytes()
    ActiveLearner.load(tmp_path / "run", one.pool, LogisticRegression())
    assert (tmp_path / "run").read_bytes() == before
