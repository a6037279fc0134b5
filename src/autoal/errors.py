"""What can go wrong: every error says what was expected, what came and what to try."""

from __future__ import annotations

from autoal.undecoded import printable

LONGEST = 1200  # characters of a part of a message


class AutoALError(Exception):
    """Root of all errors of this package; it is raised before anything has changed.

    Args:
        expected: what the call needs.
        got: what came instead, with its value or shape.
        hint: what to try next.
    """

    def __init__(self, expected: str, got: str, hint: str) -> None:
        self.expected, self.got, self.hint = (_brief(part) for part in (expected, got, hint))
        # kept in `args`, so that the error survives pickling between processes
        super().__init__(self.expected, self.got, self.hint)

    def __str__(self) -> str:
        return printable(f"expected {self.expected}; got {self.got}. Try: {self.hint}")  # whatever a path holds


def _brief(part: str) -> str:
    """The part of a message, without its middle if it is long, as of a large array."""
    if len(part) > LONGEST:
        return f"{part[: LONGEST // 2]} … {part[-LONGEST // 2 :]}"
    return part if part.strip() else "nothing"


class InputError(AutoALError, ValueError):
    """An argument has the wrong shape, value or type."""


class ModelError(AutoALError, TypeError):
    """The model lacks something that a query needs, or returned something that cannot be used."""


class DivergedError(ModelError):
    """A model computes NaN or infinite numbers, as after a training that diverged."""


class StateError(AutoALError, RuntimeError):
    """A saved run cannot be read, or does not belong to this pool."""


class DataNotFoundError(AutoALError, FileNotFoundError):
    """A data set is not where it was looked for and could not be downloaded."""

    def __str__(self) -> str:  # FileNotFoundError would print only its first two arguments, as errno and text
        return AutoALError.__str__(self)


class AutoALWarning(UserWarning):
    """Root of all warnings of this package: the call went on, but not quite as asked."""


class ColdStartWarning(AutoALWarning):
    """No label is known yet, so the query was chosen by coverage alone."""
