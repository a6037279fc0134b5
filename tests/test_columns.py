"""Columns with names: kept by pools of frames and tables, and found by name when others are predicted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from autoal import ActiveLearner, AutoALError, AutoALWarning, Pool
from autoal.inputs import Subset, aligned, as_inputs, columns_of

TABLE = {"a": [1.0, 2.0, 3.0], "b": [4, 5, 6], "c": [True, False, True]}
ROWS = [[1, 4, 1], [2, 5, 0], [3, 6, 1]]
SECONDS = [1.7e9, 1.7e9 + 1, 1.7e9 + 2]


def structured(table: dict[str, list[float]]) -> np.ndarray:
    kinds = [(name, np.asarray(values).dtype) for name, values in table.items()]
    return np.array(list(zip(*table.values(), strict=True)), dtype=kinds)


FRAMES: list[Callable[..., object]] = [
    pd.DataFrame,
    lambda table: pd.DataFrame(table).convert_dtypes(),
    lambda table: pd.DataFrame(table).convert_dtypes(dtype_backend="pyarrow"),
    lambda table: pd.DataFrame(table).astype(object),
    pl.DataFrame,
    pa.table,
    lambda table: pa.table(table).to_batches()[0],
    structured,
]


@pytest.mark.parametrize("make", FRAMES)
def test_frames_are_read_by_rows_and_keep_their_names(make: Callable[..., object]) -> None:
    pool = Pool(make(TABLE), classes=2)
    assert pool.inputs.take(np.arange(3)).tolist() == ROWS
    assert pool.columns == ("a", "b", "c")
    assert columns_of(Subset(pool.inputs, np.array([2, 0]))) == ("a", "b", "c")
    assert Pool(make({"t": SECONDS}), classes=2).inputs.take(np.arange(3)).flatten().tolist() == SECONDS


def test_tables_in_files_keep_names_and_seconds(tmp_path: Path) -> None:
    pd.DataFrame({"t": SECONDS, "x": 0.1, "label": ["u", "v", "u"]}).to_csv(tmp_path / "t.csv", index=False)
    pool = Pool.from_csv(tmp_path / "t.csv")
    assert pool.columns == ("t", "x")
    assert pool.inputs.take(np.arange(3)).tolist() == [[seconds, 0.1] for seconds in SECONDS]


def test_what_has_no_columns_has_no_names() -> None:
    assert Pool(np.eye(3), classes=2).columns is None
    assert Pool(torch.eye(3), classes=2).columns is None
    assert Pool([[0.5, 1.7e9 + 1]], classes=2).inputs.take(np.arange(1)).tolist() == [[0.5, 1.7e9 + 1]]
    for column in (
        pd.Series([1.0, 2.0]),
        pl.Series([1.0, 2.0]),
        pa.array([1.0, 2.0]),
        pa.chunked_array([[1.0], [2.0]]),
    ):
        pool = Pool(column, classes=2)
        assert pool.columns is None
        assert pool.inputs.take(np.arange(2)).tolist() == [1.0, 2.0]
    assert Pool(pd.DataFrame(TABLE), classes=2).encoded(lambda x: x.float()).columns is None


def test_numbers_are_kept_as_they_are() -> None:
    """float32 only where it holds every number of the type."""
    for dtype, kept in (("float64", "float64"), ("int64", "float64"), ("float32", "float32"), ("uint8", "float32")):
        assert str(Pool(pd.DataFrame(np.eye(3, dtype=dtype)), classes=2).inputs.array.dtype) == kept  # type: ignore[attr-defined]
    whole = np.eye(3)
    assert np.shares_memory(Pool(pd.DataFrame(whole, copy=False), classes=2).inputs.array, whole)  # type: ignore[attr-defined]


@pytest.fixture
def learner() -> ActiveLearner:
    x = np.random.default_rng(0).normal(size=(40, 3)) * [1, 10, 100]
    pool = Pool(pd.DataFrame(x, columns=["a", "b", "c"]), classes=2)
    learner = ActiveLearner(pool, LogisticRegression(), "margin", progress=False)
    learner.teach(range(10), (x[:10, 0] > 0).astype(int))
    return learner


@pytest.mark.parametrize("make", FRAMES)
def test_predict_finds_columns_by_name(learner: ActiveLearner, make: Callable[..., object]) -> None:
    expected = learner.predict(np.array(ROWS, dtype=float))
    swapped = make({name: TABLE[name] for name in ("c", "a", "b")})
    assert torch.equal(learner.predict(swapped), expected)
    assert torch.equal(learner.predict(Pool(swapped, classes=2)), expected)
    assert torch.equal(learner.predict(Pool(swapped, classes=2).subset([0, 1, 2])), expected)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "b"], "the 3 columns of the pool; got no 'c'"),
        (["a", "b", "c", "label"], "got also 'label'"),
        (["a", "b", "C"], r"got no 'c' and also 'C'. Try: X\[list\(pool.columns\)\]"),
    ],
)
def test_predict_refuses_other_columns(learner: ActiveLearner, names: list[str], message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        learner.predict(pd.DataFrame(np.zeros((2, len(names))), columns=names))


def test_columns_that_only_have_numbers_go_by_position_unless_they_are_the_same() -> None:
    x = np.arange(6.0).reshape(2, 3)
    numbered, named = pd.DataFrame(x), pd.DataFrame(x, columns=["a", "b", "c"])
    for ours, theirs in ((numbered, named), (named, numbered)):
        assert aligned(as_inputs(theirs), Pool(ours, classes=2).columns).take(np.arange(2)).tolist() == x.tolist()
    back = aligned(as_inputs(numbered[[2, 0, 1]]), Pool(numbered, classes=2).columns)
    assert back.take(np.arange(2)).tolist() == x.tolist()


@pytest.mark.parametrize("values", [range(1000, 1030), np.random.default_rng(0).permutation(30)])
@pytest.mark.parametrize("name", ["id", "sample_id", "ImageId", "index"])
def test_numbers_of_samples_are_said_to_be_read_as_features(name: str, values: object) -> None:
    frame = pd.DataFrame({"a": np.arange(30) / 7, name: values})
    with pytest.warns(AutoALWarning, match=f"column '{name}' numbers the samples") as said:
        Pool(frame, classes=2)
    assert len(said) == 1


def test_names_that_only_end_like_those_of_ids_are_no_ids() -> None:
    Pool(pd.DataFrame({"humid": [30, 10, 20], "id": [1.5, 2, 3], "group_id": [1, 1, 2]}), classes=2)


def test_labels_among_the_features_are_said_aloud() -> None:
    y, a = np.arange(30) % 3, np.arange(30) / 7
    for labels, kind in ((y, y), (np.array(["x", "y", "z"])[y], y), (y * 10, y * 10)):
        with pytest.warns(AutoALWarning, match="column 'kind' is read as a feature and equals the labels"):
            Pool(pd.DataFrame({"a": a, "kind": kind}), labels)
    with pytest.warns(AutoALWarning, match="'kind' is read as a feature and has the name of the labels"):
        Pool(pd.DataFrame({"a": a, "kind": y}), pd.Series(y % 2, name="kind"))
    Pool(pd.DataFrame({"a": a, "kind": np.where(a < 1, y + 1, y)}), y)
    Pool(pd.DataFrame({"flag": [0, 1, 0]}), [0, 1, 0])  # so few are equal by chance


def test_the_index_of_a_frame_in_a_table_of_arrow_is_left_out() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}, index=[7, 3, 5])
    with pytest.warns(AutoALWarning, match="'__index_level_0__' of X has no name"):
        assert Pool(pa.Table.from_pandas(frame), classes=2).columns == ("a", "b")


def test_two_columns_with_one_name_are_refused() -> None:
    for frame in (pd.DataFrame([[1, 2]], columns=["a", "a"]), pd.DataFrame([[1, 2]], columns=["1", 1])):
        with pytest.raises(AutoALError, match=r"columns with different names in X; got '[a1]' twice"):
            Pool(frame, classes=2)


DATES = pd.date_range("2020-01-01", periods=3, freq="s")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"t": DATES}), r"numbers in column 't'; got dates \(datetime64.*Try: numbers of a unit"),
        (pd.DataFrame({"x": [1.0] * 3, "t": DATES - DATES[0]}), "numbers in column 't'; got spans of time"),
        (pd.DataFrame({"t": DATES.to_pydatetime()}, dtype=object), r"in column 't'; got .*2020"),
        (pd.DataFrame({"t": DATES.tz_localize("UTC")}), r"in column 't'; got .*2020"),
        (pl.DataFrame({"x": [1.0] * 3, "t": DATES.to_pydatetime()}), "numbers in column 't'; got dates, as"),
        (pl.DataFrame({"t": DATES.to_numpy()}), "numbers in column 't'; got dates .datetime64"),
        (pa.table({"x": [1.0] * 3, "t": DATES}), "numbers in column 't'; got dates"),
        (pd.Series(DATES), "numbers; got dates"),
        (DATES.to_numpy(), "numbers; got dates"),
        ((DATES - DATES[0]).to_numpy(), "numbers; got spans of time"),
        ([[1.0, 2.0], [1.0, np.datetime64("2020-01-01")]], "numbers"),
        (pd.DataFrame({"x": [1.0] * 2, "kind": ["red", "blue"]}), "in column 'kind'; got 'red'. Try: encode text"),
        (pl.DataFrame({"kind": ["red", "blue"]}), "in column 'kind'; got 'red'"),
        (pa.table({"kind": ["red", "blue"]}), "in column 'kind'; got 'red'"),
        (pd.DataFrame({"x": pd.Categorical(["u", "v"])}), "in column 'x'; got 'u'"),
        (pd.DataFrame({"x": [1.0, None], "e": [[1.0], [2.0]]}), "in column 'e'; .*numpy.stack"),
        (pd.DataFrame({"z": [1j, 2j]}), "in column 'z'"),
        (pd.DataFrame({"x": pd.array([True, None], dtype="boolean")}), "nan|<NA>"),
        (pd.DataFrame({"x": pd.array([1, None], dtype="Int64")}), "nan in row 1"),
        (pl.DataFrame({"x": [1, None]}), "nan in row 1"),
        (pa.table({"x": [1, None]}), "nan in row 1"),
        (pa.array([1, None]), "nan in row 1"),
        (pd.DataFrame(index=range(3)), "a table of numbers; got no column"),
    ],
)  # fmt: skip
def test_columns_of_something_else_are_named(frame: object, message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        Pool(frame, classes=2)
