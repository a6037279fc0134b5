"""Samples of none of the classes: an answer like any other, but nothing to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression
from torch.utils.data import Dataset

from autoal import OUTSIDE, ActiveLearner, AutoALError, Pool, Snapshot
from autoal.errors import ColdStartWarning

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)
IDS = np.arange(300, 360)


def learner_of(classes: object = 2, y: object = None, strategy: object = "margin") -> ActiveLearner:
    pool = Pool(X, y, ids=IDS, classes=classes)  # type: ignore[arg-type]
    return ActiveLearner(pool, LogisticRegression(), strategy, seed=2)  # type: ignore[arg-type]


def test_they_leave_the_pool_and_train_nothing() -> None:
    learner, without = learner_of(), learner_of()
    for run in (learner, without):
        run.teach(IDS[:10], Y[:10])
    learner.teach(IDS[10:15], [OUTSIDE, np.int64(OUTSIDE), torch.tensor(OUTSIDE), OUTSIDE, OUTSIDE])
    assert learner.outside == IDS[10:15].tolist()
    assert learner.labels == without.labels == dict(zip(IDS[:10].tolist(), Y[:10].tolist(), strict=True))
    assert not set(IDS[10:15].tolist()) & set(learner.unlabelled.tolist())
    assert torch.equal(learner.predict(X), without.predict(X))
    assert repr(learner) == "ActiveLearner(Margin, 10 of 60 samples labelled)"
    asked = [id_ for _ in range(3) for id_ in learner.query(15).tolist()]
    assert sorted(asked) == IDS[15:].tolist()


def test_the_answer_may_be_corrected_in_both_directions() -> None:
    learner = learner_of(["cat", "dog"])
    learner.teach(IDS[:3], ["cat", "dog", OUTSIDE])
    learner.teach(IDS[[0, 2]], [OUTSIDE, "dog"])
    assert learner.labels == {300 + 1: "dog", 300 + 2: "dog"}
    assert learner.outside == [300]


def test_pending_ids_are_answered_by_it() -> None:
    learner = learner_of()
    learner.teach(IDS[:10], Y[:10])
    ids = learner.query(3)
    learner.teach(ids[:2], [OUTSIDE, OUTSIDE])
    assert learner.pending == ids[2:].tolist()


def test_before_a_label_of_a_class_batches_cover_the_pool() -> None:
    learner = learner_of()
    with pytest.warns(ColdStartWarning):
        first = learner.query(5)
    learner.teach(first, [OUTSIDE] * 5)
    with pytest.raises(AutoALError, match="at least one label of a class"):
        learner.fit()
    with pytest.warns(ColdStartWarning):
        second = learner.query(5)
    assert not set(first.tolist()) & set(second.tolist())


def test_they_survive_save_and_load(tmp_path: Path) -> None:
    learner = learner_of()
    learner.teach(IDS[:10], [*Y[:8], OUTSIDE, OUTSIDE])
    learner.save(tmp_path / "run")
    (tmp_path / "copy").write_bytes((tmp_path / "run").read_bytes())
    loaded = ActiveLearner.load(tmp_path / "copy", Pool(X, ids=IDS, classes=2), LogisticRegression())
    assert loaded.outside == learner.outside == IDS[8:10].tolist()
    assert loaded.labels == learner.labels
    assert loaded.query(4).tolist() == learner.query(4).tolist()


def test_a_damaged_file_is_left_out_by_it(tmp_path: Path) -> None:
    for i in range(12):
        Image.new("RGB", (4, 4), (20 * i, 0, 0)).save(tmp_path / f"{i:02}.png")
    learner = ActiveLearner(Pool.from_folder(tmp_path, classes=["a", "b"]), LogisticRegression(), "margin")
    (tmp_path / "03.png").write_bytes((tmp_path / "03.png").read_bytes()[:40])
    with pytest.warns(ColdStartWarning), pytest.raises(AutoALError, match=r"03\.png.* teach\(\[3\]"):
        learner.query(2)
    damaged = learner.pool.damaged()
    learner.teach(damaged, [OUTSIDE] * len(damaged))
    with pytest.warns(ColdStartWarning):
        learner.query(2)
    learner.teach([0, 11], ["a", "b"])
    (tmp_path / "11.png").write_bytes(b"")
    with pytest.raises(AutoALError, match=r"11\.png"):  # what has a label is read too
        learner.query(2)
    learner.teach([10, 11], ["b", OUTSIDE])
    learner.save(tmp_path / "run")
    learner.query(2)
    loaded = ActiveLearner.load(tmp_path / "run", Pool.from_folder(tmp_path, classes=["a", "b"]), LogisticRegression())
    loaded.query(len(loaded.unlabelled))
    assert loaded.outside == [3, 11]
    assert {*loaded.pending, *loaded.labels} == set(range(12)) - {3, 11}


class Torn(Dataset[tuple[torch.Tensor, int]]):
    """Twelve samples, of which two fail as data sets fail, and one is not a number."""

    def __len__(self) -> int:
        return 12

    def __getitem__(self, row: int) -> tuple[torch.Tensor, int]:
        if row in (3, 7):
            raise OSError("truncated")
        return torch.tensor([float("nan") if row == 5 else float(row), 1.0]), row % 2


def test_a_sample_of_a_data_set_that_fails_is_named_and_left_out() -> None:
    learner = ActiveLearner(Pool(Torn(), classes=2, ids=range(100, 112)), LogisticRegression(), "margin")
    with pytest.warns(ColdStartWarning), pytest.raises(AutoALError, match=r"row 3 of the Torn; got OSError: truncated"):
        learner.query(2)
    assert learner.pool.damaged().tolist() == [103, 105, 107]
    learner.teach([103, 105, 107], [OUTSIDE] * 3)
    with pytest.warns(ColdStartWarning):
        learner.query(2)
    learner.teach([100, 101], [0, 1])
    assert len(learner.query(5)) == 5


def test_a_pool_may_know_them_from_the_start() -> None:
    for y in ([0, 1, OUTSIDE, *[None] * 57], np.array([0, 1, OUTSIDE, *[-1] * 57])):
        pool = Pool(X, y)
        assert pool.classes == (0, 1)
        assert repr(pool) == "Pool(60 samples, 2 classes, 2 labelled from the start)"
        learner = ActiveLearner(pool, LogisticRegression(), "margin")
        assert learner.outside == [2]
        assert learner.labels == {0: 0, 1: 1}


def test_strategies_see_their_ids_and_no_label_of_theirs() -> None:
    seen: list[Snapshot] = []
    learner = learner_of()

    class Watching(type(learner.strategy)):  # type: ignore[misc]
        def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
            seen.append(snapshot)
            return torch.arange(n)

    learner = learner_of(strategy=Watching())
    learner.teach(IDS[:10], [*Y[:8], OUTSIDE, OUTSIDE])
    learner.query(2)
    assert seen[0].outside_ids.tolist() == IDS[8:10].tolist()
    assert seen[0].labelled_ids.tolist() == IDS[:8].tolist()
    assert seen[0].labels.tolist() == Y[:8].tolist()
    assert len(seen[0]) == 50
    assert seen[0].subset(torch.arange(3)).outside_ids.tolist() == IDS[8:10].tolist()
    given = Snapshot.from_arrays(torch.zeros(2, 1), torch.zeros(2, 3), outside_ids=[7])
    assert given.outside_ids.tolist() == [7]


def test_a_class_cannot_be_called_by_its_number_and_missing_labels_are_not_meant() -> None:
    with pytest.raises(AutoALError, match="of no class"):
        Pool(X, classes=[OUTSIDE, 0])
    learner = learner_of()
    for missing in (-1, None, float("nan")):
        with pytest.raises(AutoALError, match="labels among 0, 1"):
            learner.teach(IDS[:2], [0, missing])
    assert learner.labels == {}


class Images(Dataset[object]):
    """Items as people have them: images of PIL, arrays backwards or in another byte order."""

    def __init__(self, items: list[object]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, row: int) -> object:
        return self.items[row]


def test_items_are_read_in_the_forms_they_have() -> None:
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    for items in ([row[::-1] for row in x[:, ::-1]], [row.astype(">f4") for row in x]):
        assert Pool(Images([*items]), classes=2).inputs.take(np.arange(2)).tolist() == x.tolist()
    pictures = [Image.new("RGB", (4, 5), (i, 0, 0)) for i in range(2)]
    assert Pool(Images([*pictures]), classes=2).inputs.take(np.arange(2)).shape == (2, 3, 5, 4)


def test_what_is_no_fault_of_a_sample_is_not_laid_on_it() -> None:
    class Broken(Images):
        def __getitem__(self, row: int) -> object:
            return misspelt  # type: ignore[name-defined]  # noqa: F821

    pool = Pool(Broken([0, 1]), classes=2)
    for read in (lambda: pool.inputs.take(np.arange(2)), pool.damaged):
        with pytest.raises(NameError):
            read()
