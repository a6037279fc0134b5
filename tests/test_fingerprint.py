"""A run's labels do not go to other samples: which pools are taken for the one it was saved with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

from autoal import ActiveLearner, AutoALError, Pool
from autoal.fingerprint import change, fingerprint

RNG = np.random.default_rng(0)
X = RNG.normal(5, 2, (300, 6)).astype(np.float32)


def test_rows_in_another_order_or_changed_are_another_pool() -> None:
    then = fingerprint(Pool(X, classes=2))
    assert change(then, fingerprint(Pool(X.copy(), classes=2))) == ""
    shifted = X.copy()
    shifted[:, 2] += 1
    for other in (X[::-1], RNG.permutation(X), shifted):
        assert change(then, fingerprint(Pool(other, classes=2))).startswith("other values in X")


def test_vectors_made_again_by_another_machine_are_the_same_pool() -> None:
    then = fingerprint(Pool(X, classes=2))
    assert change(then, fingerprint(Pool(torch.from_numpy(X).bfloat16().float(), classes=2))) == ""


def test_large_values_that_earlier_versions_rounded_are_the_same_pool() -> None:
    """Single precision, and six digits of each value."""
    times = 1.7e9 + 7 * np.arange(200.0)[:, None]
    then, now = fingerprint(Pool(times.astype(np.float32), classes=2)), fingerprint(Pool(times, classes=2))
    assert change(then, now) == ""
    then["values"] = [float(f"{value:.6g}") for value in then["values"]]
    assert change(then, now) == ""
    assert change(then, fingerprint(Pool(times * 1.001, classes=2))) != ""


def test_what_is_encoded_is_known_by_what_it_was_made_of() -> None:
    pool = Pool(X, classes=2)
    encoded = [pool.encoded(lambda x, k=k: x[:, :k]) for k in (2, 3)]
    assert fingerprint(encoded[0]) == fingerprint(encoded[1]) == fingerprint(pool)


def test_constant_samples_and_one_sample_are_pools_too() -> None:
    for x in (np.ones((5, 3), np.uint8), np.zeros((1, 2))):
        then = fingerprint(Pool(x, classes=2))
        assert change(then, fingerprint(Pool(x, classes=2))) == ""


def test_a_run_saved_before_values_were_noted_can_be_read() -> None:
    now = fingerprint(Pool(X, classes=2))
    then = {key: value for key, value in now.items() if key != "values"}
    assert change(then, fingerprint(Pool(X[::-1], classes=2))) == ""


def test_a_table_that_was_sorted_is_refused(tmp_path: Path) -> None:
    rows = [f"{a:.3f},{b:.3f}\n" for a, b in X[:40, :2]]
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(rows))
    learner = ActiveLearner(Pool.from_csv(tmp_path / "t.csv", classes=2), LogisticRegression(), "margin")
    learner.teach(range(6), [0, 1] * 3)
    learner.save(tmp_path / "run.autoal")
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(sorted(rows)))
    with pytest.raises(AutoALError, match="other values in X: its rows are in another order, or changed"):
        ActiveLearner.load(tmp_path / "run.autoal", Pool.from_csv(tmp_path / "t.csv", classes=2), LogisticRegression())


def test_a_folder_that_has_changed_is_refused_by_the_names_of_its_files(tmp_path: Path) -> None:
    for name in ("1", "2", "3"):
        Image.new("RGB", (4, 4)).save(tmp_path / f"{name}.png")
    then = fingerprint(Pool.from_folder(tmp_path, classes=2))
    (tmp_path / "2.png").rename(tmp_path / "9.png")
    said = change(then, fingerprint(Pool.from_folder(tmp_path, classes=2)))
    assert said == "other files: '2.png' not there any more, '9.png' new"
    del then["files"]  # as of an earlier version
    said = change(then, fingerprint(Pool.from_folder(tmp_path, classes=2)))
    assert said == "other files: moved, renamed, added or deleted"
    (tmp_path / "9.png").unlink()
    (tmp_path / "2.png").touch()  # empty, it stands for the one that is gone
    assert change(then, fingerprint(Pool.from_folder(tmp_path, classes=2))) == ""
