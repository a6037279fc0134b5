"""Labels: what the classes are called, which of them a label means, and what stands for none."""

from __future__ import annotations

import difflib
import math
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
from torch import Tensor

from autoal.arrays import some
from autoal.errors import InputError
from autoal.label_checks import AS_NAMES, MISSING_TEXTS, check_markers, require_no_values, warn_of_found
from autoal.numeric import reads_as_number

UNKNOWN = -1  # stands for "no label" wherever labels are class indices
OUTSIDE = -2  # the label of a sample that is of none of the classes: an answer, but nothing to train on
MOST = 100_000  # classes: each is a column of every prediction, so that 512 samples of them take 200 MB
NUMBER_OR_NAMES = 'classes=["cat", "dog"], or their number'


class Classes:
    """The names of the classes in order, and the index of each.

    Args:
        classes: the names, or their number; default: the distinct ones of `known`, sorted.
        known: labels, as `listed` gives them.

    Raises:
        InputError: fewer than two names or too many, one that comes twice, or one that stands for no label or for no
            class; of labels without classes, measured values.
    """

    def __init__(self, classes: Any, known: list[Any] | None = None) -> None:
        known = known or []
        self.names = _names(classes, known)
        _require_names(self.names, known)
        self._index_of = {name: index for index, name in enumerate(self.names)}
        self._index_of_text = {
            str(name): index for name, index in self._index_of.items() if isinstance(name, int | str)
        }
        self._named_by_numbers = any(reads_as_number(name) for name in self.names)

    def find(self, label: Any) -> int | None:
        """The index of the class of that name, a number being the same as its text; None: there is no such class."""
        if label in self._index_of:
            return self._index_of[label]
        return self._index_of_text.get(str(label)) if isinstance(label, int | str) else None

    def index(self, label: Any) -> int:
        """The index that a label means, by name or, where no name is a number, by position; `OUTSIDE` stays itself.

        Raises:
            InputError: it is not one of the classes.
        """
        if is_outside(label):
            return OUTSIDE
        found = None if is_missing(label) else self.find(label)
        if found is not None:
            return found
        if isinstance(label, float) and label.is_integer():
            return self.index(int(label))  # beside NaN, an array has its numbers as floats
        if isinstance(label, int) and not self._named_by_numbers and 0 <= label < len(self.names):
            return label
        raise InputError(f"labels among {some(self.names)}", repr(label), self._hint(label))

    def indices(self, labels: list[Any]) -> list[int]:
        """The index of each label, found once for all that are alike.

        Raises:
            InputError: one is not one of the classes.
        """
        found: dict[tuple[type, Any], int] = {}  # 1, 1.0 and True are equal, and mean different things
        for key in ((type(label), label) for label in labels):
            if key not in found:
                found[key] = self.index(key[1])
        return [found[type(label), label] for label in labels]

    def _hint(self, label: Any) -> str:
        if is_missing(label):
            return "leave its id out to skip it; autoal.OUTSIDE if it is of no class"
        if isinstance(label, float) and math.isfinite(label) and not label.is_integer():
            return "names, as they stand; of measured values groups, as numpy.digitize(y, edges) gives"
        if isinstance(label, int) and self._named_by_numbers:
            return "a name, as it stands; where a name is a number, none is called by its position"
        if isinstance(label, str) and label.strip().lower() in MISSING_TEXTS:
            return "None, or an empty field, where there is no label"
        near = difflib.get_close_matches(str(label).strip().lower(), [str(name).lower() for name in self.names], n=1)
        meant = next((name for name in self.names if near and str(name).lower() == near[0]), None)
        return "classes=[...] of Pool, with every name" if meant is None else f"{meant!r}"


def listed(values: Any, what: str, hint: str) -> list[Any]:
    """Labels or names as plain values: of a list, an array (n,) or (n, 1), or a data frame of one column."""
    values = _one_column(values)
    many = isinstance(values, Iterable) or hasattr(values, "__getitem__")
    in_order = many and not isinstance(values, str | bytes | set | frozenset | Mapping)
    if not in_order or getattr(values, "shape", None) == ():
        raise InputError(what, reprlib.repr(values), hint)
    if getattr(getattr(values, "dtype", None), "kind", "") in ("m", "M"):
        raise InputError(what, f"dates or spans of time ({values.dtype})", "classes, as text or whole numbers")
    if type(values) is np.ndarray and values.ndim == 1 and values.dtype.kind in "iufU":
        return values.tolist()  # type: ignore[no-any-return]  # one call for a million labels
    return [_plain(value) for value in values]


def _one_column(values: Any) -> Any:
    """The one column of a data frame or an Arrow table; other values as they are, of Arrow as a list."""
    if hasattr(values, "collect") and hasattr(values, "collect_schema"):  # a DataFrame has the latter alone
        raise InputError("a column of labels that is there", f"a {type(values).__name__} of polars", "y.collect()")
    found = next((name for name in ("column_names", "columns") if hasattr(type(values), name)), None)
    if found is not None:
        names = list(getattr(values, found))
        if len(names) != 1:
            raise InputError(
                "one column of labels", f"{len(names)}: {some(names)}", "y['label'], one column by its name"
            )
        values = values.column(0) if found == "column_names" else values.to_numpy()
    return values.to_pylist() if hasattr(values, "to_pylist") else values


def is_missing(label: Any) -> bool:
    """Tell whether it says that there is no label."""
    if label is None or type(label).__name__ == "NAType":  # of pandas, and neither equal to itself nor different
        return True
    return bool(label != label) or label in ("", UNKNOWN)


def is_outside(label: Any) -> bool:
    """Tell whether a sample is of none of the classes; beside NaN, an array has `OUTSIDE` as a float."""
    return isinstance(label, int | float) and label == OUTSIDE


def _plain(label: Any) -> Any:
    if label is np.ma.masked:
        return None
    if isinstance(label, np.generic | np.ndarray | Tensor) and math.prod(label.shape) == 1:
        return label.item()
    try:
        if not isinstance(label, np.ndarray | Tensor):
            hash(label)
            return label
    except TypeError:
        pass
    hint = "a flat list or array of them; y.argmax(1) of one-hot labels"
    raise InputError("labels that are a text or a number each", reprlib.repr(label), hint)


def _names(classes: Any, known: list[Any]) -> tuple[Any, ...]:
    number = classes.item() if getattr(classes, "shape", None) == () else classes
    if isinstance(number, int) and not isinstance(number, bool):
        _require_few(number)
        check_markers(known, sum(map(is_missing, known)), number)
        return tuple(range(number))
    if classes is not None:
        classes = list(classes) if isinstance(classes, dict) else classes  # as of torchvision, by name
        if isinstance(classes, range | Iterator):  # which may go on for ever
            classes = list(islice(classes, MOST + 1))
        return tuple(listed(classes, "a list of class names", NUMBER_OR_NAMES))
    labels = [label for label in known if not is_missing(label) and not is_outside(label)]
    present = set(labels)
    require_no_values(present)
    _require_few(len(present))
    if len(present) > 1:
        check_markers(known, sum(map(is_missing, known)), None)
        warn_of_found(present, len(labels))
    try:
        return tuple(sorted(present))
    except TypeError as error:
        got = some(sorted(present, key=repr))
        raise InputError("class names of one kind", got, "labels that are all text or all numbers") from error


def _require_few(number: int) -> None:
    if number > MOST:
        hint = "the number of classes, not of samples; groups of them if the labels are measured values"
        raise InputError(f"at most {MOST:,} classes", f"{number:,}", hint)


def _require_names(names: tuple[Any, ...], known: list[Any]) -> None:
    _require_few(len(names))
    if not names or len(set(names)) < len(names):
        raise InputError("distinct class names", some(names) or "none", NUMBER_OR_NAMES)
    if len(names) == 1:  # nothing to learn or to ask, and no way to teach any other
        hint = "classes=[...] with the name of every class, also of those that no sample has yet"
        if any(isinstance(label, int | float) and label == UNKNOWN for label in known):
            hint += f"; -1 counts as no label: if it is a class, {AS_NAMES}"
        raise InputError("two classes or more", f"only {names[0]!r}", hint)
    for is_reserved, meaning in ((is_outside, "a sample is of no class"), (is_missing, "there is no label")):
        for name in filter(is_reserved, names):
            raise InputError("class names", f"{name!r}, which says that {meaning}", "another name, 0 or text")
