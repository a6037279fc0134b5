"""Tables in files: `read_csv`, `Pool.from_csv` and `csv:` tasks, on damaged bytes and on odd texts."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
from damaged_bytes import damaged
from fuzzing import fuzz, only_autoal_errors
from hypothesis import given
from hypothesis import strategies as st

from autoal import Pool
from autoal.csv_file import read_csv
from autoal.tasks.table import ReadTable

VALID = (
    b"a,b,label,id\n1,2.5,cat,7\n-3e4,0,dog,8\n\n1e-3,5,,9\n",
    b'\xef\xbb\xbf"a x";b;label\r\n1,5;2;"ca;t"\r\n3;4;dog\r\n',
    b"id\tlabel\ta\n1\tx\t0.5\n2\ty\t1\n3\tx\t2\n4\ty\t3\n5\tx\t4\n6\ty\t1\n",
)
names = st.sampled_from(
    ["a", "b", "label", "Label", " label", "id", "", "0", "1.5", "é", "\U0001f600", "a\nb", "Unnamed: 0"]
)
numbers = st.floats(width=32).map(str) | st.integers().map(str) | st.sampled_from(["1,5", "1_000", "0x1", "٣", "1e400"])
fields = (
    numbers
    | st.sampled_from(["", " ", "nan", "NA", "None", "cat", "dog", "-1", "-2", '"', "a,b", "\0"])
    | st.text(max_size=5)
)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252", "utf-7"])
columns = st.sampled_from(["label", "id", "a", "b", "", "Label"])


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """A header and rows, of odd names and fields, in any dialect and encoding."""
    header = draw(st.lists(names, max_size=5))
    width = st.just(len(header)) | st.integers(0, 6)
    rows = [draw(st.lists(fields, min_size=n, max_size=n)) for n in draw(st.lists(width, max_size=6))]
    text = io.StringIO()
    dialect = {
        "delimiter": draw(st.sampled_from(",;\t|")),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n", "\r"])),
    }
    writer = csv.writer(text, **dialect, quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])))
    writer.writerows([header, *rows])
    return text.getvalue().encode(draw(encodings), errors="replace")


contents = st.sampled_from(VALID).flatmap(lambda valid: damaged(valid, VALID[0])) | tables() | st.binary(max_size=80)
arguments = st.fixed_dictionaries(
    {},
    optional={
        "label": columns,
        "id": columns | st.none(),
        "classes": st.sampled_from([2, ["cat", "dog"], ["x"], "ab"]),
    },
)


def _write(data: bytes, folder: Path) -> Path:
    path = folder / "table.csv"
    path.write_bytes(data)
    return path


@given(data=contents, arguments=arguments)
@fuzz(20)
def test_pools_of_tables(tmp_path_factory: Any, data: bytes, arguments: dict[str, Any]) -> None:
    path = _write(data, _folder(tmp_path_factory))
    found = only_autoal_errors(lambda: Pool.from_csv(path, **arguments), (data, arguments))
    if not found.refused:
        pool = found.value
        assert len(pool) == len(pool.ids) == len(pool.labels) > 0
        assert np.isfinite(pool.inputs.array).all()
        assert bool((pool.labels < len(pool.classes)).all())


@given(data=contents, label=columns)
@fuzz(10)
def test_tasks_of_tables(tmp_path_factory: Any, data: bytes, label: str) -> None:
    path = _write(data, _folder(tmp_path_factory))
    found = only_autoal_errors(lambda: ReadTable(label)((path,)), (data, label))
    if not found.refused:
        assert len(found.value.x_train) == len(found.value.y_train)


@given(rows=st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=2), min_size=1, max_size=8))
@fuzz(6)
def test_what_was_written_is_read(tmp_path_factory: Any, rows: list[list[float]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["a", "b"], *rows])
    table = read_csv(_write(text.getvalue().encode(), _folder(tmp_path_factory)))
    assert np.array_equal(table.X, np.array(rows, dtype=np.float32))


def _folder(tmp_path_factory: Any) -> Path:
    return tmp_path_factory.getbasetemp()
