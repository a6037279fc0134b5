"""Sources without a network, and where the real files are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autoal.tasks.files import Archive, LooseFiles
from autoal.tasks.source import Source

SHARED = Path(__file__).resolve().parents[3] / "shared"


def _offline(source: Source, folders: tuple[str, ...] | None = None) -> Source:
    """The same data set, whose publisher's server does not answer, wherever the tests run."""
    files = source.files
    if isinstance(files, Archive):
        return replace(source, files=replace(files, file=replace(files.file, url="http://127.0.0.1:9/")))
    assert isinstance(files, LooseFiles)
    dead = tuple(replace(file, url="http://127.0.0.1:9/") for file in files.files)
    return replace(source, files=LooseFiles(dead, folders or files.folders))


@pytest.fixture
def offline() -> Callable[..., Source]:
    """Turns a source into one whose downloads fail."""
    return _offline


@pytest.fixture
def shared() -> Path:
    """The folder of data sets beside the checkout."""
    if not (SHARED / "data").exists():
        pytest.skip("the shared data sets are not beside the checkout")
    return SHARED
