"""Settings that no query can be made with are refused when they are given, and not by a strange batch later.

Each check reads fields of a dataclass by name; None passes where it is a field's default, which is worked out later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields
from typing import Any

from autoal.errors import InputError
from autoal.numeric import is_finite, number, whole


def require_whole(settings: Any, *names: str, least: int = 1) -> None:
    """Refuse what is no whole number, or below `least`."""
    for name, value in _given(settings, names):
        whole(name, value, least)


def require_positive(settings: Any, *names: str) -> None:
    """Refuse what is not finite and above zero."""
    for name, value in _given(settings, names):
        number(name, value, positive=True)


def require_not_negative(settings: Any, *names: str) -> None:
    """Refuse what is not finite, or below zero."""
    for name, value in _given(settings, names):
        number(name, value, positive=False)


def require_share(settings: Any, *names: str) -> None:
    """Refuse what is not above 0 and at most 1."""
    for name, value in _given(settings, names):
        if not (is_finite(value) and 0 < value <= 1):
            raise InputError(f"{name} above 0 and at most 1", repr(value), f"leave {name}= out for its default")


def require_fraction(settings: Any, *names: str) -> None:
    """Refuse what is not between 0 and 1, which are too far."""
    for name, value in _given(settings, names):
        if not (is_finite(value) and 0 < value < 1):
            raise InputError(f"{name} between 0 and 1", repr(value), f"leave {name}= out for its default")


def is_one_of(value: Any, choices: Collection[str]) -> bool:
    """Tell whether it is one of the words."""
    return isinstance(value, str) and value in choices


def _given(settings: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    defaults = {field.name: field.default for field in fields(settings)}
    for name in names:
        value = getattr(settings, name)
        if value is not None or defaults[name] is not None:
            yield name, value
