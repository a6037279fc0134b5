"""Which class a label means, in the forms that labels come in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from autoal import OUTSIDE, AutoALError, Pool

X = np.arange(12, dtype=np.float32).reshape(6, 2)


@pytest.mark.parametrize("names", [["1", "2", "3"], ["0.5", "1.5"], [0.5, 1.5]])
def test_where_a_name_is_a_number_no_position_is_meant(names: list[object]) -> None:
    with pytest.raises(AutoALError, match=r"labels among .*; got 0"):
        Pool(X, classes=names).encode([0])  # type: ignore[arg-type]


@pytest.mark.parametrize("classes", [[0, 1], 2])
def test_a_file_has_numbers_as_text(tmp_path: Path, classes: object) -> None:
    (tmp_path / "t.csv").write_text("a,label\n1,0\n2,1\n3,\n")
    assert Pool.from_csv(tmp_path / "t.csv", classes=classes).labels.tolist() == [0, 1, -1]  # type: ignore[arg-type]
    for name in ("0", "1"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / name / "1.png")
    assert Pool.from_folder(tmp_path, classes=classes).labels.tolist() == [0, 1]  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [np.array, torch.tensor, lambda rows: np.array(rows, dtype=">i8")])
def test_a_column_of_labels_is_a_list_of_them(make: object) -> None:
    column = make([[3], [5], [3], [-1], [5], [-2]])  # type: ignore[operator]
    pool = Pool(X, column)
    assert pool.classes == (3, 5)
    assert pool.labels.tolist() == [0, 1, 0, -1, 1, OUTSIDE]
    assert pool.encode(column[:2]).tolist() == [0, 1]


def test_labels_of_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    numbers = pandas.Series([1, None, 2, -1, None, OUTSIDE], dtype="Int64")
    for y in (numbers, numbers.to_frame(), numbers.astype("Float64")):
        pool = Pool(X, y)
        assert pool.classes == (1, 2)
        assert pool.labels.tolist() == [0, -1, 1, -1, -1, OUTSIDE]
    texts = pandas.Series(["a", None, "b", None, "", "a"], dtype="string")
    assert Pool(X, texts).labels.tolist() == [0, -1, 1, -1, -1, 0]


def test_no_label_and_no_class_may_be_floats() -> None:
    y = np.array([0.0, 1.0, np.nan, OUTSIDE, -1.0, 0.0])
    for classes in (None, 2):
        assert Pool(X, y, classes=classes).labels.tolist() == [0, 1, -1, OUTSIDE, -1, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": np.eye(6)}, r"a text or a number each.*y\.argmax\(1\)"),
        ({"y": torch.eye(6)}, r"y\.argmax\(1\)"),
        ({"y": np.eye(6).tolist()}, r"y\.argmax\(1\)"),
        ({"y": ["a", 1, *[None] * 4]}, "names of one kind; got 'a', 1"),
        ({"y": "abcdef"}, "a list of labels, one a sample; got 'abcdef'"),
        ({"y": 5}, "a list of labels, one a sample; got 5"),
        ({"classes": [["a"], ["b"]]}, r"a text or a number each; got \['a'\]"),
        ({"classes": 2.0}, r"a list of class names; got 2\.0"),
        ({"classes": "ab"}, "a list of class names; got 'ab'"),
        ({"classes": {"a", "b"}}, "a list of class names"),  # in another order in each process
        ({"classes": ["a", float("nan")]}, "nan, which says that there is no label"),
    ],
)
def test_what_are_no_labels_or_names_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        Pool(X, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("label", [None, "", -1, float("nan")])
def test_an_answer_that_is_none_says_how_to_give_none(label: object) -> None:
    with pytest.raises(AutoALError, match=r"Try: leave its id out to skip it; autoal\.OUTSIDE if it is of no class"):
        Pool(X, classes=["a", "b"]).encode(["a", label])


def test_numbers_that_mean_none_are_no_class_of_that_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,label\n" + "".join(f"{i},{i - 2}\n" for i in range(5)) + "5,\n")
    pool = Pool.from_csv(tmp_path / "t.csv")
    assert pool.classes == ("-1", "-2", "0", "1", "2")
    assert pool.labels.tolist() == [1, 0, 2, 3, 4, -1]
    assert pool.encode([OUTSIDE, "-2", 2, "2"]).tolist() == [OUTSIDE, 1, 4, 4]
    with pytest.raises(AutoALError, match="leave its id out"):
        pool.encode([-1])


def test_more_forms_of_labels_and_names() -> None:
    masked = np.ma.array([5, 1, 1, 1, 1, 1], mask=[1, 0, 0, 0, 0, 1])
    assert Pool(X, masked, classes=6).labels.tolist() == [-1, 1, 1, 1, 1, -1]
    beside_nan = np.array([0, np.nan, 1.0, OUTSIDE, np.nan, 1.0])
    assert Pool(X, beside_nan, classes=["a", "b"]).labels.tolist() == [0, -1, 1, OUTSIDE, -1, 1]
    by_name = Pool(X, classes={"cat": 0, "nan": 1, "dog": 2})
    assert by_name.classes == ("cat", "nan", "dog")
    assert by_name.encode([0, "nan", 2]).tolist() == [0, 1, 2]
    with pytest.raises(AutoALError, match=r"a text or a number each; got \('a', \[1\]\)"):
        Pool(X, [("a", [1]), *[None] * 5], classes=2)
    with pytest.raises(AutoALError, match="where a name is a number, none is called by its position"):
        Pool(X, classes=["cat", "7"]).encode([0])
