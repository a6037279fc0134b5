"""A table in a file: a header, numbers, and perhaps a column of labels and one of ids."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError
from autoal.frames import require_distinct_names

DELIMITERS = ",;\t"
LABEL = "label"  # the column of labels, if none is named; it may be missing
Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """What a file holds of N samples."""

    X: npt.NDArray[np.float64]  # (N, D)
    columns: tuple[str, ...]  # the names (D,) of the features
    labels: list[str | None] | None  # None: the column is missing, or the field is empty
    ids: list[int] | None


def read_csv(path: str | Path, label: str = LABEL, id: str | None = None, *, labelled: bool = False) -> Table:
    """The table, its columns separated by commas, semicolons or tabs; after semicolons, numbers may have commas.

    Args:
        path: the file.
        label: the column of labels; `label` may be missing, unless the table must be `labelled`.
        id: the column of integer ids; default: there is none.

    Raises:
        InputError: it is no table of text with a header and a row, a column that was named is missing, or a field is
            no number where it should be.
    """
    path = Path(path)
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:  # spreadsheets put a mark before the header
            delimiter = max(DELIMITERS, key=file.readline().count)
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter)
            columns = next(reader, [])
            require_distinct_names(columns, str(path))
            lines = ((reader.line_num, _row(columns, row, reader.line_num, path)) for row in reader if row)
            wanted = [name for name in (id, label if labelled or label != LABEL else None) if name is not None]
            return _table(path, columns, lines, label, id, wanted, _decimal if delimiter == ";" else float)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"a table of text in UTF-8 at {path}", str(error), "save it as CSV in UTF-8") from error
    except OSError as error:
        raise InputError("the file of a table", str(error), f"a path as seen from {Path.cwd()}") from error


def _table(
    path: Path,
    columns: list[str],
    lines: Iterator[tuple[int, Row]],
    label: str,
    id: str | None,
    wanted: list[str],
    number: Callable[[str], float],
) -> Table:
    """The table of rows with the numbers of their lines, of which no text is kept but the labels."""
    features = [name for name in columns if name not in (label, id)]
    values, labels, ids = array("d"), list[str | None](), list[int]()
    n = 0
    for n, (line, row) in enumerate(lines, start=1):
        if n == 1:
            _require_columns(wanted, columns, path)
        values.extend([_field(row, name, number, path, line) for name in features])
        if label in columns:
            labels.append((row[label] or "").strip() or None)
        if id is not None:
            ids.append(_field(row, id, int, path, line))
    if n == 0:
        raise InputError(f"a header and at least one row in {path}", "none", "a table with one sample a row")
    X = np.asarray(values).reshape(n, len(features))
    return Table(X, tuple(features), labels if label in columns else None, ids if id is not None else None)


def _row(columns: list[str], fields: list[str], line: int, path: Path) -> Row:
    """The fields by column; None where the row ends early."""
    beyond = fields[len(columns) :]  # the header, perhaps since a number like 1,5 has become two fields
    if any(field.strip() for field in beyond):
        expected = f"{len(columns)} fields in line {line} of {path}, as in its header"
        hint = "quotes around a field that has a comma in it; semicolons between numbers like 1,5"
        raise InputError(expected, f"{len(fields)}", hint)
    return dict(zip_longest(columns, fields[: len(columns)]))


def _require_columns(wanted: Sequence[str], columns: Sequence[str], path: Path) -> None:
    for name in wanted:
        if name not in columns:
            raise InputError(f"a column {name!r} in {path}", ", ".join(columns), "the name as it is in the header")


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


def _field(row: Row, name: str, number: Any, path: str | Path, line: int) -> Any:
    try:
        return number(row[name])
    except (TypeError, ValueError, AttributeError) as error:
        hint = "encode text columns as numbers first, or name the label column with label="
        if number is int:
            hint = "integer ids, or no id= to number the rows"
        if not (row[name] or "").strip():
            hint = "fill the field, or drop the row"
        raise InputError(f"numbers in column {name!r} of {path}", f"{row[name]!r} in line {line}", hint) from error
