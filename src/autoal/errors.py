"""What can go wrong: every error says what was expected, what came and what to try."""

from __future__ import annotations

from autoal.undecoded import printable


class AutoALError(Exception):
    """Root of all errors of this package; it is raised before anything has changed.

    Args:
        expected: what the call needs.
        got: what came instead, with its value or shape.
        hint: what to try next.
    """

    def __init__(self, expected: str, got: str, hint: str) -> None:
        super().__init__(expected, got, hint)  # kept in `args`, so that the error survives pickling between processes
        self.expected, self.got, self.hint = expected, got, hint

    def __str__(self) -> str:
        return printable(f"expected {self.expected}; got {self.got}. Try: {self.hint}")  # whatever a path holds


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
