"""What counts as a number where one is asked for: of Python or of NumPy, and never a yes or no."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any


def is_number(value: Any) -> bool:
    """Whether it is a real number, which may be NaN or infinite."""
    return not isinstance(value, bool) and isinstance(value, Real)


def is_finite(value: Any) -> bool:
    """Whether it is a real number, neither NaN nor infinite."""
    return is_number(value) and math.isfinite(value)


def is_whole(value: Any, least: int) -> bool:
    """Whether it is a whole number of at least `least`; 20.0 is none."""
    return is_number(value) and isinstance(value, Integral) and int(value) >= least
