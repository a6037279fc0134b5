"""A table in a file: a header, numbers, and perhaps a column of labels and one of ids."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.errors import InputError

DELIMITERS = ",;\t"
LABEL = "label"  # the column of labels, if none is named; it may be missing
REST = "\0"  # the key of what a row has beyond the header: no name of a column
Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """What a file holds of N samples."""

    X: npt.NDArray[np.float32]  # (N, D)
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
    lines, delimiter = _lines(Path(path))
    columns = list(lines[0][1]) if lines else []
    for name in (id, label if labelled or label != LABEL else None):
        if lines and name is not None and name not in columns:
            raise InputError(f"a column {name!r} in {path}", ", ".join(columns), "the name as it is in the header")
    if not lines:
        raise InputError(f"a header and at least one row in {path}", "none", "a table with one sample a row")
    features = [name for name in columns if name not in (label, id)]
    number = _decimal if delimiter == ";" else float
    X = [[_field(row, name, number, path, line) for name in features] for line, row in lines]
    labels = [(row[label] or "").strip() or None for _, row in lines] if label in columns else None
    ids = None if id is None else [_field(row, id, int, path, line) for line, row in lines]
    return Table(np.array(X, dtype=np.float32), labels, ids)


def _lines(path: Path) -> tuple[list[tuple[int, Row]], str]:
    """Each row with the number of its line, and what separates the columns."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:  # spreadsheets put a mark before the header
            delimiter = max(DELIMITERS, key=file.readline().count)
            file.seek(0)
            reader = csv.DictReader(file, restkey=REST, delimiter=delimiter)
            _require_distinct(reader.fieldnames or (), path)
            lines = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"a table of text in UTF-8 at {path}", str(error), "save it as CSV in UTF-8") from error
    except OSError as error:
        raise InputError("the file of a table", str(error), f"a path as seen from {Path.cwd()}") from error
    for line, row in lines:
        beyond = row.pop(REST, ())  # the header, perhaps since a number like 1,5 has become two fields
        if any(field.strip() for field in beyond):
            expected = f"{len(row)} fields in line {line} of {path}, as in its header"
            hint = "quotes around a field that has a comma in it; semicolons between numbers like 1,5"
            raise InputError(expected, f"{len(row) + len(beyond)}", hint)
    return lines, delimiter


def _require_distinct(names: Sequence[str], path: Path) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            f"columns with different names in {path}", f"{twice[0]!r} twice", "another name for one of them"
        )


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
