"""A checksum in each row: of the row, of its place, and of all rows of its table before it.

It is the CRC-32 of the row's numbers and text, begun with the checksum of the row before; of the first, with the name
of the table and of the run. A row that is changed, exchanged, left out, or taken from another run is thus noticed in
the next checksum. What is missing at the end is noticed by the head, a fact of the run that holds the number of rows
and the last checksum of each table, and is written together with the rows. It also holds the CRC-32 of all checksums of
a table: as a CRC that goes on is the CRC of the whole, many rows are checked by one call for them and one for these.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from autoal.journal.schema import Table

Rows = npt.NDArray[np.void]  # structured: entry, time, the numbers of the table and, if it has a text, its checksum


def row_type(table: Table) -> np.dtype[np.void]:
    """The bytes of which the checksum of a row is made."""
    text = [] if table.text is None else [(table.text, "<u4")]
    return np.dtype([("entry", "<i8"), ("time", "<f8"), *((name, "<i8") for name in table.numbers), *text])


def rows_of(table: Table, columns: dict[str, Any], texts: Iterable[str] = ()) -> Rows:
    """Rows of the values in `columns`; a text counts by its checksum."""
    rows = np.empty(len(columns["entry"]), row_type(table))
    for name in ("entry", "time", *table.numbers):
        rows[name] = columns[name]
    if table.text is not None:
        rows[table.text] = texts_checksums(texts)
    return rows


def texts_checksums(texts: Iterable[str]) -> list[int]:
    """The checksum of each text; of those that come again and again it is found once."""
    found: dict[str, int] = {}
    return [found[text] if text in found else found.setdefault(text, crc32(text.encode())) for text in texts]


class End(NamedTuple):
    """Where a table ends: its last entry, the checksum of that row, and that of all checksums."""

    entry: int
    last: int
    all: int


def first(run: str, table: str) -> End:
    """The end of a table without rows, with which the checksum of its first row begins."""
    return End(0, crc32(f"{run}\0{table}".encode()), 0)


def after(end: End, rows: Rows, told: npt.ArrayLike) -> End:
    """The end of a table after these rows, if they have the checksums told."""
    last, all_ = crc32(rows.tobytes(), end.last), crc32(np.asarray(told, "<u4").tobytes(), end.all)
    return End(end.entry + len(rows), last, all_)


def chained(rows: Rows, before: int) -> list[int]:
    """The checksum of each row, the one before the first being `before`."""
    data, width, checksums = memoryview(rows.tobytes()), rows.dtype.itemsize, []
    for start in range(0, len(data), width):
        before = crc32(data[start : start + width], before)
        checksums.append(before)
    return checksums


def of_fact(run: str, key: str, value: str) -> int:
    """The checksum of a fact about the run; that of its own name stands alone."""
    return crc32(f"{run}\0about\0{key}\0{value}".encode(errors="surrogatepass"))


def of_memory(run: str, entry: int, round: int, memory: str) -> int:
    """The checksum of what a strategy remembers."""
    return crc32(f"{run}\0memories\0{entry}\0{round}\0{memory}".encode(errors="surrogatepass"))
