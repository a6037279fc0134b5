"""Labels as an estimator is told them: names of classes, or whole numbers from 0 where it demands those."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autoal.arrays import IntArray
from autoal.errors import InputError
from autoal.labels import Classes

# Parameters, of an estimator or of a step of it, that are a dict by class.
BY_CLASS = frozenset({"class_weight", "class_weights", "sampling_strategy"})


@dataclass(frozen=True)
class Encoding:
    """The label of each of C classes, as an estimator is told it."""

    values: npt.NDArray[Any]  # (C,), distinct

    @classmethod
    def by_name(cls, names: Sequence[Hashable]) -> Self:
        """The names themselves if they are all text or all numbers, as estimators ask, else their positions."""
        kinds = {type(name) for name in names}
        cut = any(isinstance(name, str) and name.endswith("\0") for name in names)  # an end that NumPy drops
        if kinds == {str} and not cut:
            return cls(np.array(names))
        values = np.array(names) if kinds == {bool} or kinds <= {int, float} else np.arange(len(names))
        return cls(values if values.dtype.kind in "bif" else np.arange(len(names)))

    @classmethod
    def contiguous(cls, present: IntArray, n_classes: int) -> Self:
        """0 .. k - 1 for the k classes that have samples, in the pool's order, and the numbers behind for the rest."""
        order = np.concatenate([present, np.setdiff1d(np.arange(n_classes), present)])
        values = np.empty(n_classes, dtype=np.int64)
        values[order] = np.arange(n_classes)
        return cls(values)

    def starts_at_zero(self, present: IntArray) -> bool:
        """Tell whether the k classes that have samples are called 0 .. k - 1."""
        told = self.values[present]
        return told.dtype.kind == "i" and set(told.tolist()) == set(range(len(present)))

    def find(self, value: Any) -> int | None:
        """The class of this label, which an estimator may have made text; None: there is none."""
        plain = value.item() if isinstance(value, np.generic) else value
        return self._index.get(plain, self._index_of_text.get(str(plain)))

    @cached_property
    def _index(self) -> dict[Any, int]:
        return {value: index for index, value in enumerate(self.values.tolist())}

    @cached_property
    def _index_of_text(self) -> dict[str, int]:
        return {str(value): index for index, value in enumerate(self.values.tolist())}


def known_keys(params: Mapping[str, Any], classes: Classes | None, n_classes: int) -> bool:
    """Tell whether each class that a parameter of `BY_CLASS` speaks of is one of the pool's."""
    return all(_class(key, classes, n_classes) is not None for _, by in _by_class(params) for key in by)


def translated(
    params: Mapping[str, Any], classes: Classes | None, encoding: Encoding, present: IntArray
) -> dict[str, Any]:
    """The parameters that speak of classes, by the labels that the estimator is told, where that changes them.

    Classes that have no sample yet are left out, as estimators refuse to weight what they do not see.
    """
    changed, seen, n_classes = {}, set(present.tolist()), len(encoding.values)
    for name, by in _by_class(params):
        indices = {key: _class(key, classes, n_classes) for key in by}
        told = {
            key if index is None else encoding.values[index].item(): by[key]
            for key, index in indices.items()
            if index is None or index in seen
        }
        if told != by:
            changed[name] = told
    return changed


def _by_class(params: Mapping[str, Any]) -> list[tuple[str, dict[Any, Any]]]:
    return [
        (name, value)
        for name, value in params.items()
        if name.rsplit("__", 1)[-1] in BY_CLASS and isinstance(value, dict)
    ]


def _class(key: Any, classes: Classes | None, n_classes: int) -> int | None:
    """The class that a key means, by name or, where no name is a number, by position."""
    key = key.item() if isinstance(key, np.generic) else key
    if classes is None:
        return key if isinstance(key, int) and 0 <= key < n_classes else None
    try:
        index = classes.index(key)
    except InputError:
        return None
    return index if index >= 0 else None
