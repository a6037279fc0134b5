"""What an encoder is."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar, Protocol

from autoal.errors import InputError
from autoal.tasks.data import DataSet


class Encoder(Protocol):
    """A frozen dataclass whose fields are its recipe; equal recipes give equal features of equal data."""

    costly: ClassVar[bool]  # so that its features are kept on disk

    def __call__(self, data: DataSet) -> DataSet:
        """The same samples as features; labels are not looked at."""
        ...


def optional(package: str) -> Any:
    """A module of the extra `bench`.

    Raises:
        InputError: it is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise InputError(
            f"the package {package}, for features", str(error), "pip install '.[bench]' in autoal's folder"
        ) from error
