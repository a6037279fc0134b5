"""The files of a data set: where they are, or how they come there."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from autoal.errors import InputError
from autoal.reading import open_regular, reading
from autoal.tasks.download import RemoteFile, checksum, download, find
from autoal.tasks.unpack import unpack


class Files(Protocol):
    """The files that a loader reads, in the order in which it wants them."""

    def find(self, root: Path) -> tuple[Path, ...] | None:
        """Where they are, or None if one is missing; nothing is read or downloaded."""
        ...

    def fetch(self, root: Path) -> tuple[Path, ...]:
        """Where they are, after those that are missing have been downloaded into the data directory `root`.

        Raises:
            DataNotFoundError: they cannot be had.
        """
        ...


@dataclass(frozen=True)
class NoFiles:
    """Of a data set that is part of a package."""

    def find(self, root: Path) -> tuple[Path, ...]:
        """None are needed."""
        return ()

    fetch = find


@dataclass(frozen=True)
class LooseFiles:
    """Files that are downloaded one by one.

    Args:
        files: what they are called, and where they come from.
        folders: where they may be, in the order of search; relative to the data directory, or absolute. What is
            downloaded goes into the first.
    """

    files: tuple[RemoteFile, ...]
    folders: tuple[str, ...]

    def find(self, root: Path) -> tuple[Path, ...] | None:
        """The first folder that has a file under one of its names counts, for each file by itself."""
        paths = [find([file.name, *file.aliases], self._places(root)) for file in self.files]
        return None if None in paths else tuple(path for path in paths if path is not None)

    def fetch(self, root: Path) -> tuple[Path, ...]:
        """Download those that are missing."""
        places = self._places(root)
        return tuple(
            find([file.name, *file.aliases], places) or download(file, places[0], places) for file in self.files
        )

    def _places(self, root: Path) -> list[Path]:
        return [root / folder for folder in self.folders]


@dataclass(frozen=True)
class Archive:
    """A folder that is downloaded as an archive, tar or zip; the data directory may also be that folder itself.

    Args:
        file: the archive.
        folder: what it unpacks to.
        members: the files below the folder that a loader reads.
    """

    file: RemoteFile
    folder: str
    members: tuple[str, ...]

    def find(self, root: Path) -> tuple[Path, ...] | None:
        """The members, if the folder has them all."""
        folder = self._folder(root)
        return None if self._missing(folder) else tuple(folder / name for name in self.members)

    def fetch(self, root: Path) -> tuple[Path, ...]:
        """Unpack the members out of the archive, which is downloaded unless it is there, if there is no such folder.

        Raises:
            DataNotFoundError: the archive is not there, and cannot be downloaded.
            InputError: the folder lacks files, or the archive is not the publisher's.
        """
        folder = self._folder(root)
        if not folder.is_dir():
            self._unpack(find([self.file.name], [root]) or download(self.file, root, [root]), root)
        self._require_members(folder, folder)
        return tuple(folder / name for name in self.members)

    def _folder(self, root: Path) -> Path:
        return root if root.name == self.folder and root.is_dir() else root / self.folder

    def _missing(self, folder: Path) -> list[str]:
        return [name for name in self.members if not (folder / name).exists()]

    def _require_members(self, folder: Path, source: Path) -> None:
        missing = self._missing(folder)
        if missing:
            raise InputError(f"the files of {self.folder} in {source}", f"no {', '.join(missing)}", self.file.how)

    def _unpack(self, archive: Path, root: Path) -> None:
        """The folder appears in `root` only whole; nothing is written before the checksum is known to be right."""
        kind = "zip" if archive.suffix == ".zip" else "tar"
        hint = f"remove it and get it again, or unpack it yourself and put the folder {self.folder} into --data-dir"
        with reading(f"a {kind} archive of {self.folder}", archive, hint), open_regular(archive) as file:
            self._require_published(file, archive, kind, hint)
            with tempfile.TemporaryDirectory(dir=root, prefix=self.folder) as draft:
                unpack(file, kind, Path(draft), self.folder, self.members)
                self._require_members(Path(draft) / self.folder, archive)
                move(Path(draft) / self.folder, root / self.folder)

    def _require_published(self, file: BufferedReader, archive: Path, kind: str, hint: str) -> None:
        found = checksum(file)
        if found != self.file.md5:
            expected = f"a {kind} archive of {self.folder} at {archive} with the publisher's md5 {self.file.md5}"
            raise InputError(expected, found, hint)
        file.seek(0)


def move(folder: Path, target: Path) -> None:
    """Give a folder its name, unless another process has been quicker."""
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():
            raise
