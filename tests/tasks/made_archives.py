"""Archives of the tests, which count as their publisher's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autoal.tasks.download import md5
from autoal.tasks.files import Archive
from autoal.tasks.source import Source


def published(source: Source, archive: Path) -> Source:
    """The same data set, of which the publisher's archive is the one at `archive`."""
    assert isinstance(source.files, Archive)
    return replace(source, files=replace(source.files, file=replace(source.files.file, md5=md5(archive))))
