"""Numbers that no model can be trained with are refused when they are given, and not in the first query."""

from __future__ import annotations

from typing import Any

from autoal.errors import InputError
from autoal.numeric import is_finite, is_whole


def whole(name: str, value: Any, least: int) -> int:
    """The value as a plain integer, if it is a whole number of at least `least`."""
    if not is_whole(value, least):
        raise InputError(f"{name}, a whole number of at least {least}", repr(value), f"leave {name}= out")
    return int(value)


def number(name: str, value: Any, *, positive: bool) -> float:
    """The value as a plain float, if it is finite and at least 0; above 0, if `positive`."""
    if not is_finite(value) or value < 0 or (positive and value == 0):
        expected = f"a finite {name} {'above' if positive else 'of at least'} 0"
        raise InputError(expected, repr(value), f"leave {name}= out")
    return float(value)
