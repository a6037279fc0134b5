"""Checks of numbers of Python or NumPy; True and False are none."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np

from autoal.errors import InputError


def is_number(value: Any) -> bool:
    """Tell whether it is a real number, which may be NaN or infinite."""
    return isinstance(value, Real) and not isinstance(value, bool | np.timedelta64)  # to NumPy a duration is an integer


def is_finite(value: Any) -> bool:
    """Tell whether it is a real number, neither NaN nor infinite."""
    return is_number(value) and math.isfinite(value)


def is_whole(value: Any, least: int) -> bool:
    """Tell whether it is a whole number of at least `least`; 20.0 is none."""
    return is_number(value) and isinstance(value, Integral) and int(value) >= least


def whole(name: str, value: Any, least: int) -> int:
    """The value as a plain integer, if it is a whole number of at least `least`."""
    if not is_whole(value, least):
        raise InputError(f"{name} of at least {least}, a whole number", repr(value), f"{name}={least} or more")
    return int(value)


def number(name: str, value: Any, *, positive: bool) -> float:
    """The value as a plain float, if it is finite and at least 0; above 0, if `positive`."""
    if not is_finite(value) or value < 0 or (positive and value == 0):
        expected = f"a finite {name} {'above' if positive else 'of at least'} 0"
        raise InputError(expected, repr(value), f"leave {name}= out for its default")
    return float(value)


def reads_as_number(value: Any) -> bool:
    """Tell whether it is a finite number, or a text of one."""
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return False
