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

from autoal.column_names import is_nameless, nameless_error, require_distinct_names, stripped, without_row_numbers
from autoal.errors import InputError
from autoal.numeric import reads_as_number
from autoal.paths import as_path, is_there

DELIMITERS = ",;\t"
LABEL = "label"  # the column of labels, if none is named; it may be missing
Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """The N samples of a file."""

    X: npt.NDArray[np.float64]  # (N, D)
    columns: tuple[str, ...]  # the names (D,) of the features
    labels: list[str | None] | None  # None: the column is missing, or the field is empty
    ids: list[int] | None


def read_csv(path: str | Path, label: str = LABEL, id: str | None = None, *, labelled: bool = False) -> Table:
    """Read a table, its columns separated by commas, semicolons or tabs; after semicolons, numbers may have commas.

    Blanks around names and labels do not count. A column without a name that numbers the rows, as pandas and R write
    it, is left out with a warning.

    Args:
        path: the file.
        label: the column of labels; `label` may be missing, unless the table must be `labelled`.
        id: the column of integer ids; default: there is none.

    Raises:
        InputError: it is no table of text with a header and a row, a column that was named is missing or has no name,
            or a field is no number where it should be.
    """
    for role, name in (("label", label), ("id", id)):
        if not isinstance(name, str) and not (role == "id" and name is None):
            raise InputError(f"{role}= the name of a column", repr(name), f"{role}='name', as it is in the header")
    path, label, id = as_path(path), label.strip(), None if id is None else id.strip()
    if is_there(path) and not path.is_file():
        raise InputError("the file of a table", f"{path}, which is no regular file", "a path of a file on a disk")
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:  # spreadsheets put a mark before the header
            delimiter = max(DELIMITERS, key=file.readline().count)
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
            columns = stripped(next(reader, []))
            _require_header(columns, label, id, path)
            require_distinct_names(columns, str(path))
            labels_in = _found(label, columns, path, "label", optional=label == LABEL and not labelled)
            ids_in = None if id is None else _found(id, columns, path, "id")
            lines = ((reader.line_num, _row(columns, row, reader.line_num, path)) for row in reader if _is_row(row))
            return _table(path, columns, lines, labels_in, ids_in, _decimal if delimiter == ";" else _number)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"a table of text in UTF-8 at {path}", str(error), "save it as CSV in UTF-8") from error
    except OSError as error:
        raise InputError("the file of a table", str(error), f"a path as seen from {Path.cwd()}") from error


def _table(
    path: Path,
    columns: list[str],
    lines: Iterator[tuple[int, Row]],
    label: str | None,
    id: str | None,
    number: Callable[[str], float],
) -> Table:
    """The table of rows with the numbers of their lines, of which no text is kept but the labels."""
    features = tuple(name for name in columns if name not in (label, id))
    parsers = {name: _nameless(number) if is_nameless(name) else number for name in features}
    values, labels, ids = array("d"), list[str | None](), list[int]()
    n = 0
    for line, row in lines:
        n += 1
        values.extend([_field(row, name, parse, path, line) for name, parse in parsers.items()])
        if label is not None:
            labels.append((row[label] or "").strip() or None)
        if id is not None:
            ids.append(_field(row, id, _integer, path, line))
    if n == 0:
        raise InputError(f"a header and at least one row in {path}", "none", "a table with one sample a row")
    X = np.asarray(values).reshape(n, len(features))
    X, features = without_row_numbers(X, features, str(path))
    return Table(X, features, None if label is None else labels, None if id is None else ids)


def _require_header(columns: Sequence[str], label: str, id: str | None, path: Path) -> None:
    """Refuse a first line that is a sample: without the columns that were named, and at least half of it numbers."""
    given = [name for name in columns if not is_nameless(name)]
    wanted = {name.lower() for name in (label, id) if name is not None}
    if not given or any(name.lower() in wanted for name in given) or given == [str(i) for i in range(len(given))]:
        return
    numbers = [name for name in given if reads_as_number(name)]
    if 2 * len(numbers) >= len(given):
        hint = "a first line with a name for each column, such as a,b,label"
        raise InputError(f"a header with names of columns in the first line of {path}", _listed(given), hint)


def _found(name: str, columns: Sequence[str], path: Path, role: str, *, optional: bool = False) -> str | None:
    """The column of a role, if it may be missing, else the one of that name."""
    if name in columns:
        return name
    near = next((other for other in columns if other.lower() == name.lower()), None)
    if near is None and optional:
        return None
    hint = "the name as it is in the header" if near is None else f"{role}={near!r}"
    raise InputError(f"a column {name!r} in {path}", _listed(columns), hint)


def _listed(names: Sequence[str], limit: int = 20) -> str:
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


def _is_row(fields: list[str]) -> bool:
    """Tell whether a line is more than blanks."""
    return len(fields) > 1 or any(field.strip() for field in fields)


def _row(columns: list[str], fields: list[str], line: int, path: Path) -> Row:
    """The fields by column; None where the row ends early."""
    beyond = fields[len(columns) :]  # the header, perhaps since a number like 1,5 has become two fields
    if any(field.strip() for field in beyond):
        expected = f"{len(columns)} fields in line {line} of {path}, as in its header"
        hint = "quotes around a field that has a comma in it; semicolons between numbers like 1,5; a name a column"
        raise InputError(expected, f"{len(fields)}", hint)
    if len(fields) > 1 and [field.strip() for field in fields] == columns:
        raise InputError(f"a sample in line {line} of {path}", "the header again", "take that line out")
    return dict(zip_longest(columns, fields[: len(columns)]))


def _number(text: str) -> float:
    if "_" in text:  # Python reads 1_5 as 15
        raise ValueError(text)
    return float(text)


def _decimal(text: str) -> float:
    return _number(text.replace(",", "."))


def _integer(text: str) -> int:
    if "_" in text:
        raise ValueError(text)
    return int(text)


def _nameless(number: Callable[[str], float]) -> Callable[[str | None], float]:
    """Fields of a column without a name may be empty, as behind a delimiter at the end of each line."""
    return lambda text: number(text) if text and text.strip() else float("nan")


def _field(row: Row, name: str, number: Callable[[Any], Any], path: str | Path, line: int) -> Any:
    try:
        return number(row[name])
    except (TypeError, ValueError, AttributeError) as error:
        got = f"{row[name]!r} in line {line}"
        if is_nameless(name):
            raise nameless_error(name, got, str(path)) from error
        hint = "encode text columns as numbers first, or name the label column with label="
        if number is _integer:
            hint = "integer ids, or no id= to number the rows"
        if not (row[name] or "").strip():
            hint = "fill the field, or drop the row"
        elif len(row) == 1:
            hint = "commas, semicolons or tabs between columns"
        raise InputError(f"numbers in column {name!r} of {path}", got, hint) from error
