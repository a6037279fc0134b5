"""Names of columns: which of a table are no features, though they look like some."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.arrays import repeated, some
from autoal.errors import AutoALWarning, InputError

Names = tuple[str, ...]
Numbers = npt.NDArray[Any]

# As pandas calls columns whose name is missing in a file, and an index in a table of Arrow.
NAMELESS = re.compile(r"(Unnamed: \d+(_level_\d+)?(\.\d+)*)?|__index_level_\d+__")
LIKE_LABELS = frozenset({"class", "classes", "label", "labels", "target", "targets"})
LIKE_IDS = re.compile(
    r".*(id|index|idx|key|level_0|nr|number|obs|row|rows|rowname|rownames|#)|\.\.\.1", re.IGNORECASE
)  # `...1` is a name that R gives
IDS = re.compile(r"(.*[^A-Za-z])?([iI][dD]|ID[xX]|[iI]dx|[iI]ndex|INDEX)|.*[a-z](Id|ID)")  # but not `humid`
MANY = 20  # labels that a column does not equal by chance


def is_nameless(name: str) -> bool:
    """Tell whether a column has no name."""
    return NAMELESS.fullmatch(name.strip()) is not None


def stripped(names: Iterable[str]) -> list[str]:
    """Names without blanks around them; a column without one is called as pandas calls it."""
    given = [name.strip() for name in names]
    taken = set(given)
    for index, name in enumerate(given):
        if not name:
            given[index] = f"Unnamed: {index}" if f"Unnamed: {index}" not in taken else f"Unnamed: {index}.1"
    return given


def require_distinct_names(names: Iterable[str], where: str) -> None:
    """Refuse names of columns of which one comes twice."""
    if twice := repeated(names):
        raise InputError(f"columns with different names in {where}", f"{twice[0]!r} twice", "another name for one")


def nameless_error(name: str, got: str, where: str) -> InputError:
    """The error for a column without a name that does not number the rows."""
    hint = "leave it out (index=False of to_csv, index_col=0 of read_csv), or give it a name, such as id for id='id'"
    return InputError(f"a name for column {name!r} of {where}", got, hint)


def without_row_numbers(X: Numbers, names: Names, where: str) -> tuple[Numbers, Names]:
    """Leave out the columns without a name: row numbers, with a warning, and empty ones.

    Args:
        X: numbers (n, D).
        names: of the columns (D,).
        where: what X was read from, for messages.

    Raises:
        InputError: one holds something else.
    """
    nameless = [index for index, name in enumerate(names) if is_nameless(name)]
    if not nameless or not len(X):
        return X, names
    empty = [index for index in nameless if bool(np.isnan(X[:, index]).all())]
    numbered = [names[index] for index in nameless if index not in empty]
    for index in nameless:
        if index not in empty and not names[index].startswith("__index") and not _counts(X[:, index]):
            raise nameless_error(names[index], f"{some(X[:3, index].tolist())}, which do not number the rows", where)
    if numbered:
        message = f"column {some(numbered)} of {where} has no name and numbers the rows: it is left out"
        warnings.warn(message, AutoALWarning, stacklevel=5)
    kept = [index for index in range(len(names)) if index not in set(nameless)]
    return X[:, kept], tuple(names[index] for index in kept)


def warn_of_no_features(X: Numbers, names: Names) -> None:
    """Warn of columns that are read as features and are likely labels or numbers of samples.

    Args:
        X: numbers (n, D).
        names: of the columns (D,).
    """
    labels = [name for name in names if name.strip().lower() in LIKE_LABELS]
    if labels:
        message = f"column {some(labels)} is read as a feature: take it out of X if it holds labels"
        warnings.warn(message, AutoALWarning, stacklevel=4)
    counted = [name for index, name in enumerate(names) if _names_samples(X[:, index], name.strip())]
    if counted:
        message = f"column {some(counted)} numbers the samples and is read as a feature: take it out, or give it as ids"
        warnings.warn(message, AutoALWarning, stacklevel=4)


def warn_of_labels(X: Numbers, names: Names, y: Numbers, known: Numbers, name: Any) -> None:
    """Warn of columns that are read as features and equal the labels, or have their name.

    Args:
        X: numbers (n, D).
        names: of the columns (D,).
        y: (n, K) labels as numbers, in K ways.
        known: True for samples (n,) that have one.
        name: what the labels are called, if they have a name.
    """
    rows = np.flatnonzero(known)
    enough = len(rows) >= MANY and bool((y[rows] != y[rows[0]]).any())
    for index, column in enumerate(names):
        few = X[rows[:MANY], index]
        equal = enough and any(
            np.array_equal(few, labels[rows[:MANY]]) and np.array_equal(X[rows, index], labels[rows]) for labels in y.T
        )
        if equal or (isinstance(name, str) and name == column):
            why = "equals the labels" if equal else "has the name of the labels"
            message = f"column {column!r} is read as a feature and {why}: take it out of X"
            warnings.warn(message, AutoALWarning, stacklevel=4)


def _names_samples(column: Numbers, name: str) -> bool:
    """Tell whether a column (n,) of that name numbers the rows, or holds ids."""
    if LIKE_IDS.fullmatch(name) and _counts(column):
        return True
    whole = IDS.fullmatch(name) is not None and bool((column == np.floor(column)).all())
    return whole and len(np.unique(column)) == len(column)


def _counts(column: Numbers) -> bool:
    """Tell whether a column (n,) is 0 .. n - 1 or 1 .. n."""
    first = column[0]
    return bool(first in (0, 1) and (column == np.arange(first, first + len(column))).all())
