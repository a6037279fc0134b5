"""Labels that likely mean something else than they are read as: measured values, -1 as a class, "NA"."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from numbers import Real
from typing import Any

from autoal.arrays import some
from autoal.errors import AutoALWarning, InputError

MISSING_TEXTS = frozenset(
    {"#n/a", "<na>", "?", "n/a", "na", "nan", "none", "null", "unknown", "unlabeled", "unlabelled"}
)
MISSING_NUMBERS = frozenset({-9999, -999, -99, -9, 99, 255, 999, 9999, 65535})  # -1 in 8 and 16 bits among them
FEW = 20  # labels of which each may well be of another class
AS_NAMES = "names as text, [str(label) for label in y], and classes=[...] with every name"


def require_no_values(labels: Iterable[Any]) -> None:
    """Refuse numbers with a fraction, dates and spans of time, which are measured values and no classes.

    Raises:
        InputError: one is such a number.
    """
    fractions = [label for label in labels if isinstance(label, date | timedelta) or not _is_whole(label)]
    if fractions:
        hint = "groups of them, as numpy.digitize(y, edges) gives; classes=[...] with every name, if these are names"
        raise InputError("labels that are classes", f"measured values, such as {some(fractions, 3)}", hint)


def require_no_values_as_text(labels: Iterable[str | None]) -> None:
    """Refuse what `require_no_values` refuses, as a file has it: all of the labels numbers, some with a fraction."""
    texts = {label for label in labels if label is not None}
    numbers = [_as_number(text) for text in texts]
    if all(number is not None for number in numbers):
        require_no_values(number for number in numbers if number is not None and math.isfinite(number))


def check_markers(known: Sequence[Any], unlabelled: int, wanted: int | None) -> None:
    """Warn where -1 or -2 is likely the name of a class, though they say no label and no class.

    Where at least half of the samples have no label, -1 means no label; else a warning says so. A warning also
    comes where two classes are wanted and all other labels are 1. With -2 beside -1, both are markers, unless the
    labels go from -2 to 2.

    Args:
        known: labels as plain values, `OUTSIDE` and missing ones as they are.
        unlabelled: how many of them count as no label.
        wanted: the number of classes, if it was given.

    Raises:
        InputError: other negative numbers are labels, so that -1 cannot mean that there is none.
    """
    numbers = Counter(label for label in known if _is_number(label) and label == label)
    markers = [marker for marker in (-2, -1) if numbers[marker]]
    others = [number for number in numbers if number not in (-1, -2)]
    if not markers or not others:
        return
    if min(others) < 0:
        got = f"{min(others)} beside {markers[0]}"
        raise InputError("-1 for no label and -2 for no class, and other labels of at least 0", got, AS_NAMES)
    on_a_scale = max(others) == -markers[0]  # as -1, 0, 1
    if markers == [-1]:
        doubtful = 2 * unlabelled < len(known) or (others == [1] and wanted == 2)
    else:
        doubtful = on_a_scale and 2 * unlabelled < len(known)
    if doubtful:
        share = " and ".join(f"{numbers[marker]} of {len(known)} labels are {marker}" for marker in markers)
        meaning = "which says that there is no label" if markers == [-1] else "and -2 says of no class, -1 no label"
        message = f"{share}, {meaning}. If it is a class, give {AS_NAMES}; None in place of -1 is always no label"
        warnings.warn(message, AutoALWarning, stacklevel=4)


def warn_of_found(names: Collection[Any], n_labels: int) -> None:
    """Warn of classes that were found among labels and are likely none.

    Args:
        names: the classes.
        n_labels: how many samples have a label.
    """
    missing: list[Any] = [
        name for name in sorted(names, key=repr) if isinstance(name, str) and name.strip().lower() in MISSING_TEXTS
    ]
    numbers = {name for name in names if _is_number(name)}
    codes = sorted(numbers & MISSING_NUMBERS)
    others = sorted(numbers - MISSING_NUMBERS)
    if codes and others and others[0] in (0, 1) and others == list(range(int(others[0]), int(others[0]) + len(others))):
        missing += [code for code in codes if code != others[-1] + 1]
    said = []
    if missing:
        said.append(
            f"{some(missing)} is read as the name of a class: None or an empty field says that there is no label, and "
            "so does classes=[...] without it for the folders of from_folder; classes=[...] with it says that it is one"
        )
    spelling = Counter(name.strip().casefold() for name in names if isinstance(name, str))
    alike = [
        name for name in sorted(names, key=repr) if isinstance(name, str) and spelling[name.strip().casefold()] > 1
    ]
    if alike:
        said.append(f"the classes {some(alike)} differ in case or blanks alone")
    if n_labels > FEW and 2 * len(names) > n_labels:
        said.append(f"{len(names)} classes for {n_labels} labels: these look like measured values or names of samples")
    for message in said:
        warnings.warn(message, AutoALWarning, stacklevel=4)


def _is_number(label: Any) -> bool:
    return isinstance(label, Real | Decimal) and not isinstance(label, bool)


def _is_whole(label: Any) -> bool:
    """Tell whether it is no number, or a whole one."""
    return not _is_number(label) or bool(math.isfinite(label) and label == int(label))


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
