"""Settings that no query can be made with are refused when they are given, and not by a strange batch later."""

from __future__ import annotations

import math
from numbers import Real

from autoal.errors import InputError


def require_positive(**settings: float | None) -> None:
    """Refuse what is not finite and above zero; None, where a default is worked out later, passes."""
    for name, value in settings.items():
        if value is not None and not (is_finite(value) and value > 0):
            raise InputError(f"a finite {name} above 0", repr(value), f"leave {name}= out for its default")


def is_finite(value: object) -> bool:
    """Whether it is a number, and neither NaN nor infinite."""
    return isinstance(value, Real) and math.isfinite(value)
