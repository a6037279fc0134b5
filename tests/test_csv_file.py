"""Tables in files, as pandas, R, spreadsheets and people write them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from autoal import AutoALError, AutoALWarning, Pool, tasks

FRAME = pd.DataFrame({"a": [0.1, 0.2, 0.3], "label": ["x", "x", "y"]})


def write(path: Path, text: str) -> Path:
    (path / "t.csv").write_text(text)
    return path / "t.csv"


def test_the_row_numbers_of_pandas_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    for first in (0, 1):
        FRAME.set_index(pd.RangeIndex(first, first + 3)).to_csv(path)
        with pytest.warns(AutoALWarning, match=r"column 'Unnamed: 0' of .*t\.csv has no name and numbers the rows"):
            pool = Pool.from_csv(path)
        assert pool.columns == ("a",)
        assert pool.inputs.take(np.arange(3)).flatten().tolist() == [0.1, 0.2, 0.3]
    FRAME.to_csv(path)
    pd.read_csv(path).to_csv(path)  # twice
    with pytest.warns(AutoALWarning, match=r"column 'Unnamed: 0\.1', 'Unnamed: 0' of"):
        assert Pool.from_csv(path).columns == ("a",)
    with pytest.warns(AutoALWarning, match=r"column 'Unnamed: 0\.1', 'Unnamed: 0' of X has no name"):
        assert Pool(pd.read_csv(path).drop(columns="label"), classes=2).columns == ("a",)


def test_the_row_numbers_of_r_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, '"","a","label"\n"1",0.5,"x"\n"2",1.5,"y"\n')
    with pytest.warns(AutoALWarning, match="numbers the rows"):
        assert Pool.from_csv(path).inputs.take(np.arange(2)).tolist() == [[0.5], [1.5]]


@pytest.mark.parametrize("index", [[5, 0, 2], ["p", "q", "r"], [0.5, 1.5, 2.5], [0, 1, None]])
def test_a_column_without_a_name_is_no_feature(tmp_path: Path, index: list[object]) -> None:
    FRAME.set_index(pd.Index(index)).to_csv(tmp_path / "t.csv")
    with pytest.raises(AutoALError, match=r"a name for column 'Unnamed: 0' of .*t\.csv.*index=False of to_csv"):
        Pool.from_csv(tmp_path / "t.csv")
    if index[0] == 5:
        assert Pool.from_csv(tmp_path / "t.csv", id="Unnamed: 0").ids.tolist() == index
        with pytest.raises(AutoALError, match=r"a name for column 'Unnamed: 0' of X; got 5\.0, 0.0, 2.0, which do not"):
            Pool(pd.read_csv(tmp_path / "t.csv").drop(columns="label"), classes=2)


def test_delimiters_at_the_end_of_lines_make_no_column(tmp_path: Path) -> None:
    pool = Pool.from_csv(write(tmp_path, "a,b,label,\n1,2,x,\n3,4,y,\n"))
    assert pool.columns == ("a", "b")


def test_columns_with_the_names_of_ids_or_labels_are_said_aloud(tmp_path: Path) -> None:
    path = write(tmp_path, "PassengerId,a,label\n1,5,x\n2,6,y\n3,7,x\n")
    with pytest.warns(AutoALWarning, match="column 'PassengerId' numbers the samples and is read as a feature"):
        assert Pool.from_csv(path).columns == ("PassengerId", "a")
    assert Pool.from_csv(path, id="PassengerId").ids.tolist() == [1, 2, 3]
    path = write(tmp_path, "a,target\n1,0\n2,1\n3,1\n")
    with pytest.warns(AutoALWarning, match="column 'target' is read as a feature: take it out of X"):
        Pool.from_csv(path, classes=2)
    for frame in (pd.read_csv(path), pl.read_csv(path)):
        with pytest.warns(AutoALWarning, match="column 'target' is read as a feature"):
            Pool(frame, frame["target"])


@pytest.mark.parametrize("header", ["a,b, label", "a, b ,label ", ' a,b,"label"', 'a, b, "label"'])
def test_blanks_around_names_do_not_count(tmp_path: Path, header: str) -> None:
    path = write(tmp_path, f"{header}\n.1,.2, x\n.3,.4, y\n")
    for label in ("label", " label"):
        pool = Pool.from_csv(path, label=label)
        assert pool.columns == ("a", "b")
        assert pool.labels.tolist() == [0, 1]


@pytest.mark.parametrize("name", ["Label", "LABEL"])
def test_another_case_is_named(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, f"a,b,{name}\n.1,.2,x\n.3,.4,y\n")
    for label in ("label", "lABEL"):
        with pytest.raises(AutoALError, match=rf"a column '{label}' in .*; got a, b, {name}\. Try: label='{name}'"):
            Pool.from_csv(path, label=label)
    with pytest.raises(AutoALError, match=rf"Try: label='{name}'"):
        tasks.get(f"csv:{path}").load(tmp_path)
    with pytest.raises(AutoALError, match="Try: id='a'"):
        Pool.from_csv(path, label=name, id="A")


@pytest.mark.parametrize(
    "text", ["1.5,2,0\n2.5,3,1\n", "5.1,3.5,1.4,0.2,Iris-setosa\n4.9,3,1.4,.2,Iris-virginica\n", "1,1,0\n2,3,1\n"]
)
def test_a_table_without_a_header_is_refused(tmp_path: Path, text: str) -> None:
    first = text.partition("\n")[0].replace(",", ", ")
    with pytest.raises(
        AutoALError, match=rf"a header with names of columns in the first line .*; got {first}\. Try: a f"
    ):
        Pool.from_csv(write(tmp_path, text), classes=2)


def test_numbers_may_be_names_of_columns(tmp_path: Path) -> None:
    pd.DataFrame(np.eye(3) / 2).to_csv(tmp_path / "t.csv", index=False)
    assert Pool.from_csv(tmp_path / "t.csv", classes=2).columns == ("0", "1", "2")
    assert Pool.from_csv(write(tmp_path, "400.5,401,label\n1,2,x\n3,4,y\n")).columns == ("400.5", "401")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\na,b\n3,4\n", "a sample in line 3 of .*; got the header again. Try: take that line out"),
        ("a|b\n1|2\n", "commas, semicolons or tabs between columns"),
        ("a,b\n1,1_5\n", "got '1_5' in line 2"),
        ("a\n1.234,5\n", "1 fields in line 2"),
        ("label\nx\ny\n", "at least one feature"),
        (",".join(f"c{i}" for i in range(900)) + "\n", "at least one row"),
        ("", "at least one row"),
    ],
)
def test_tables_with_faults(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        Pool.from_csv(write(tmp_path, text), classes=2)


def test_other_encodings_are_refused_in_words(tmp_path: Path) -> None:
    for encoding in ("utf-16", "utf-32"):
        (tmp_path / "t.csv").write_text("a,label\n1,x\n2,y\n", encoding=encoding)
        with pytest.raises(AutoALError, match="a table of text in UTF-8"):
            Pool.from_csv(tmp_path / "t.csv")
    with pytest.raises(AutoALError, match="no regular file"):
        Pool.from_csv(tmp_path)


def test_lines_of_blanks_and_line_breaks_in_quotes(tmp_path: Path) -> None:
    pool = Pool.from_csv(write(tmp_path, 'a,"label"\n1,"x\ny"\n   \n\n2,z\n'))
    assert pool.classes == ("x\ny", "z")
    assert pool.inputs.take(np.arange(2)).flatten().tolist() == [1, 2]


def test_names_are_read_once_whatever_their_number(tmp_path: Path) -> None:
    """Names of 20,000 columns, which take minutes if each is looked for among all others."""
    names = [f"c{i}" for i in range(20_000)]
    path = write(tmp_path, ",".join(names) + "\n" + 2 * (",".join(["0.5"] * len(names)) + "\n"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Pool.from_csv(path, classes=2).columns == tuple(names)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": 3}, "the path of a file"),
        ({"path": "a\0b"}, "the path of a file"),
        ({"label": 3}, "label= the name of a column; got 3"),
        ({"label": None}, "label= the name of a column"),
        ({"id": 3}, "id= the name of a column; got 3"),
    ],
)
def test_arguments_that_cannot_be_meant(tmp_path: Path, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        Pool.from_csv(**{"path": write(tmp_path, "a,label\n1,x\n2,y\n"), **arguments})  # type: ignore[arg-type]
