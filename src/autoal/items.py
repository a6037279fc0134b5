"""Items of lists and data sets: the part of each that is the sample."""

from __future__ import annotations

from datetime import date, timedelta
from numbers import Number
from typing import Any

import numpy as np
from torch import Tensor

from autoal.errors import InputError

VALUES = (Number, np.generic, date, timedelta)


def sample_of(item: Any) -> Any:
    """Return the sample of an item: what a tuple or a list begins with, or the item itself.

    A list that begins with a number, or holds lists of one length, is an array, and so the sample.

    Raises:
        InputError: a tuple of three or more begins with a number, and could be all sample, or a sample and more.
    """
    if not isinstance(item, tuple | list) or not item:
        return item
    if isinstance(item, tuple):
        if len(item) > 2 and _is_value(item[0]):
            hint = "numpy.array(item) if all of it is the sample, else (numpy.array([item[0]]), label)"
            raise InputError("a sample, or a tuple of a sample and its label", f"a tuple of {len(item)} numbers", hint)
        return item[0]
    return item if _is_value(item[0]) or _is_nested(item) else item[0]


def is_row(item: Any) -> bool:
    """Tell whether an item of a list is a row of a table, which has one number a column."""
    if not isinstance(item, tuple | list) or not item:
        return False
    return all(map(_is_value, item)) or (_is_value(item[0]) and (isinstance(item, list) or len(item) > 2))


def _is_value(part: Any) -> bool:
    """Tell whether it is a number, or stands in the place of one."""
    return part is None or isinstance(part, VALUES) or (isinstance(part, np.ndarray | Tensor) and part.ndim == 0)


def _is_nested(item: list[Any]) -> bool:
    """Tell whether a list holds lists of one length, as an image does."""
    return all(isinstance(part, list) for part in item) and len({len(part) for part in item}) == 1
