"""What data sets there are, for people: which of them are at hand, and how to get the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autoal.tasks.download import data_directory
from autoal.tasks.regimes import REGIMES
from autoal.tasks.source import Source


@dataclass(frozen=True)
class Row:
    """One data set.

    Args:
        name: what the names of its tasks begin with.
        summary: what its samples are.
        format: of its files.
        found: whether the files are there; None for your own, whose path is not known.
        samples: that pools are drawn from; None for your own.
        classes: None for your own.
        arms: the first is the default.
        regimes: the default one first.
        origin: where it comes from.
    """

    name: str
    summary: str
    format: str
    found: bool | None
    samples: int | None
    classes: int | None
    arms: tuple[str, ...]
    regimes: tuple[str, ...]
    origin: str


def rows(sources: Iterable[Source], data_dir: Path | None = None) -> list[Row]:
    """One row a data set; it is only looked whether files exist, nothing is read or downloaded."""
    return [_row(source, data_directory(data_dir)) for source in sources]


def _row(source: Source, root: Path) -> Row:
    regimes = (source.regime, *(name for name in REGIMES if name != source.regime))
    found = None if source.n_train is None else source.files.find(root) is not None
    return Row(
        source.name,
        source.summary,
        source.format,
        found,
        source.n_train,
        source.n_classes,
        source.arms,
        regimes,
        source.origin,
    )
