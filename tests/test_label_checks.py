"""Labels that likely mean something else than they are read as."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from PIL import Image

from autoal import OUTSIDE, AutoALError, AutoALWarning, Pool, tasks

R = np.random.default_rng(0)


def pool(y: object, classes: object = None) -> Pool:
    return Pool(np.arange(len(y), dtype=np.float32)[:, None], y, classes=classes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "y",
    [
        R.normal(size=150),
        torch.from_numpy(R.normal(size=150)).float(),
        pd.Series([0.5, 1.0, 2.0]),
        pl.Series([0.5, 1.0, 2.0]),
        pa.array([0.5, None, 2.0]),
        [0, 1, 2.5],
        [0.0, 1.0, float("inf")],
    ],
)
def test_measured_values_are_no_classes(y: object) -> None:
    with pytest.raises(AutoALError, match=r"labels that are classes; got measured values.*numpy\.digitize"):
        pool(y)


def test_named_values_are_classes() -> None:
    assert pool([0.5, 1.5, 0.5], classes=[0.5, 1.5]).labels.tolist() == [0, 1, 0]
    assert pool(["0.5", "1.5", "0.5"]).classes == ("0.5", "1.5")
    assert pool([0.0, 1.0, 1.0]).classes == (0.0, 1.0)


def test_measured_values_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"a": R.normal(size=40), "label": R.normal(size=40)}).to_csv(path, index=False)
    with pytest.raises(AutoALError, match="labels that are classes; got measured values"):
        Pool.from_csv(path)
    with pytest.raises(AutoALError, match="labels that are classes; got measured values"):
        tasks.get(f"csv:{path}").load(tmp_path)
    path.write_text("a,label\n1,0.5\n2,1.5\n3,\n")
    assert Pool.from_csv(path, classes=["0.5", "1.5"]).labels.tolist() == [0, 1, -1]
    path.write_text("a,label\n1,1.5\n2,1.5b\n")
    assert Pool.from_csv(path).classes == ("1.5", "1.5b")


DOUBTFUL = [
    ([-1, 0, 1, -1, 0, 1], None),
    ([-1, 0, 1], None),
    (np.array([-1.0, 1.0, 2.0, 2.0, np.nan]), None),
    (pd.Series([-1, 0, 1, 1]), None),
    (pl.Series([-1, 0, 1, 1]), 3),
    ([-1, 1, -1, -1], 2),
    ([-1, 1, 1], 2),
    ([-2, -1, 0, 1, 2], None),
    ([-2, 0, 2], None),
]


@pytest.mark.parametrize(("y", "classes"), DOUBTFUL)
def test_minus_one_where_most_have_a_label_is_said_aloud(y: object, classes: object) -> None:
    with pytest.warns(AutoALWarning, match=r"labels are -[12].*give names as text, \[str\(label\) for label in y\]"):
        pool(y, classes)
    with warnings.catch_warnings():  # the way out
        warnings.simplefilter("error")
        named = [str(int(label)) for label in list(y) if label == label]  # type: ignore[call-overload]
        assert "-1" in pool(named).classes or "-2" in pool(named).classes


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([0, -1, 1, -1, -1, 0], None),
        ([0, 1, *[-1] * 20], None),
        ([0, 1, 1, 0, -1], [0, 1]),
        ([0, 1, *[-1] * 20], 3),
        ([0, None, 1, -1], None),
        ([3, 5, 3, -1, 5, OUTSIDE], None),
        (["a", "b", -1], None),
        ([-1, -1], 2),
    ],
)
def test_where_labels_are_obviously_missing_nothing_is_said(y: list[object], classes: object) -> None:
    assert (pool(y, classes).labels == -1).sum() == sum(label in (-1, None) for label in y)


def test_signs_are_refused_with_the_way_out() -> None:
    with pytest.raises(AutoALError, match=r"only 1\..*; -1 counts as no label: if it is a class, names as text"):
        pool([-1, 1, -1, 1])
    for y in ([-3, -1, 0], [-2, 4, -7], np.array([-3.0, -1.0, 2.0])):
        with pytest.raises(
            AutoALError, match=r"other labels of at least 0; got -[37].* beside -[12]\. Try: names as t"
        ):
            pool(y)
    assert pool([-3, 0, 3]).classes == (-3, 0, 3)


@pytest.mark.parametrize("name", ["NA", "n/a", "nan", "NULL", "None", "?", " NA "])
def test_texts_for_missing_values_are_said_aloud(tmp_path: Path, name: str) -> None:
    said = "is read as the name of a class: None or an empty field says that there is no label"
    with pytest.warns(AutoALWarning, match=said):
        assert pool([name, "x", "y"]).classes == tuple(sorted([name, "x", "y"]))
    (tmp_path / "t.csv").write_text(f"a,label\n1,{name}\n2,x\n3,y\n4,x\n5,y\n")
    with pytest.warns(AutoALWarning, match=said):
        Pool.from_csv(tmp_path / "t.csv")
    with pytest.warns(AutoALWarning, match=said):
        tasks.get(f"csv:{tmp_path}/t.csv").load(tmp_path)
    assert pool([name, "x"], classes=["x", name]).labels.tolist() == [1, 0]
    with pytest.raises(AutoALError, match="None, or an empty field, where there is no label"):
        pool([name, "x"], classes=["x", "y"])


def test_codes_for_missing_values_are_said_aloud() -> None:
    minus_one_in_8_bits = np.array([0, 1, 2, -1]).astype(np.uint8)
    for y, code in ((minus_one_in_8_bits, 255), ([0, 1, -999], -999), ([1.0, 2.0, 99.0], 99)):
        with pytest.warns(AutoALWarning, match=f"{code}.* is read as the name of a class"):
            pool(y)
    for y in (np.arange(256), [0, 1, 98, 99], [10, 20, 99]):
        pool([*y, *y])


def test_folders_of_what_has_no_label_are_said_aloud(tmp_path: Path) -> None:
    for name in ("cat", "dog", "unlabeled"):
        (tmp_path / name).mkdir()
        Image.new("L", (4, 4)).save(tmp_path / name / "0.png")
    with pytest.warns(AutoALWarning, match="'unlabeled' is read as the name of a class"):
        assert Pool.from_folder(tmp_path).classes == ("cat", "dog", "unlabeled")
    with pytest.warns(AutoALWarning, match="stay unlabelled"):
        assert Pool.from_folder(tmp_path, classes=["cat", "dog"]).labels.tolist() == [0, 1, -1]


def test_measured_values_beside_given_classes_are_told_from_names() -> None:
    with pytest.raises(AutoALError, match=r"got 0\.5.*numpy\.digitize"):
        pool([0.5, 1.0], classes=2)


def test_spelling_and_names_of_samples_are_said_aloud() -> None:
    with pytest.warns(AutoALWarning, match="the classes 'Cat', 'cat' differ in case or blanks alone"):
        pool(["Cat", "cat"])
    with pytest.warns(AutoALWarning, match="20 classes for 30 labels: these look like measured values"):
        pool([f"IMG_{i % 20}" for i in range(30)])


def test_the_number_of_classes_has_a_bound() -> None:
    for number in (10**9, np.int64(100_001)):
        with pytest.raises(AutoALError, match="at most 100,000 classes; got 1"):
            pool([0, 1], classes=number)
    with pytest.raises(AutoALError, match="at most 100,000 classes; got 100,001"):
        pool(range(100_001))
    for endless in (itertools.count(), range(10**12)):
        with pytest.raises(AutoALError, match="at most 100,000 classes"):
            pool([0, 1], classes=endless)
    with pytest.raises(AutoALError, match="a list of class names; got True"):
        pool([0, 1], classes=True)


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(["b", "a", None]),
        pd.Series(["b", "a", None], dtype="category"),
        pd.Categorical(["b", "a", None]),
        pd.Series(["b", "a", None], dtype="string[pyarrow]"),
        pd.DataFrame({"label": ["b", "a", None]}),
        pl.Series(["b", "a", None]),
        pl.Series(["b", "a", None], dtype=pl.Categorical),
        pl.DataFrame({"label": ["b", "a", None]}),
        pa.array(["b", "a", None]),
        pa.array(["b", "a", None]).dictionary_encode(),
        pa.chunked_array([["b"], ["a", None]]),
        pa.table({"label": ["b", "a", None]}),
        np.array(["b", "a", None], dtype=object),
    ],
)
def test_text_labels_of_every_library(y: object) -> None:
    assert pool(["b", "a", None]).labels.tolist() == [1, 0, -1]
    made = Pool(np.eye(3), y)  # type: ignore[arg-type]
    assert made.classes == ("a", "b")
    assert made.labels.tolist() == [1, 0, -1]


@pytest.mark.parametrize(
    "y",
    [
        pd.Series([True, False, None], dtype="boolean"),
        pd.Series([True, False, None]),
        pl.Series([True, False, None]),
        pa.array([True, False, None]),
        [True, False, None],
        [np.True_, np.False_, None],
    ],
)
def test_yes_and_no_of_every_library(y: object) -> None:
    made = Pool(np.eye(3), y)  # type: ignore[arg-type]
    assert made.classes == (False, True)
    assert made.labels.tolist() == [1, 0, -1]


def test_several_columns_and_dates_are_no_labels() -> None:
    two = {"id": [5, 6, 7], "label": ["a", "b", "a"]}
    for frame in (pd.DataFrame(two), pl.DataFrame(two), pa.table(two)):
        with pytest.raises(AutoALError, match=r"one column of labels; got 2: 'id', 'label'\. Try: y\['label'\]"):
            Pool(np.eye(3), frame)  # type: ignore[arg-type]
    days = pd.date_range("2020-01-01", periods=3)
    for y in (days, pd.Series(days), days.to_numpy(), [day.date() for day in days]):
        with pytest.raises(AutoALError, match=r"dates or spans of time|measured values"):
            Pool(np.eye(3), y)


def test_frames_whose_index_differs_are_said_to_go_by_position() -> None:
    X, y = pd.DataFrame({"a": [0.0, 1.0, 2.0]}), pd.Series(["u", "v", "u"], index=[2, 1, 0])
    with pytest.warns(AutoALWarning, match=r"paired by position: y\.loc\[X\.index\]"):
        assert Pool(X, y).labels.tolist() == [0, 1, 0]
    assert Pool(X, y.loc[X.index]).labels.tolist() == [0, 1, 0]
