"""Finding a publisher's file: in the data directory, or downloaded into it; its checksum is looked at either way."""

from __future__ import annotations

import hashlib
import os
import urllib.request
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from io import BufferedReader
from pathlib import Path

from autoal.errors import AutoALWarning, DataNotFoundError, InputError
from autoal.progress import track
from autoal.reading import BLOCK, open_regular, reading

TIMEOUT = 20.0  # seconds without an answer


@dataclass(frozen=True)
class RemoteFile:
    """One file as its publisher distributes it."""

    name: str
    url: str
    md5: str  # of the file itself, as published; "" where the publisher names none
    how: str  # how to get it by hand
    aliases: tuple[str, ...] = ()  # other names that it is known by on disk


def data_directory(given: Path | None) -> Path:
    """The directory given, else $AUTOAL_DATA, else ~/.cache/autoal."""
    return Path(given or os.environ.get("AUTOAL_DATA") or Path.home() / ".cache" / "autoal").expanduser()


def find(names: Sequence[str], folders: Sequence[Path]) -> Path | None:
    """The first of `names` in the first of `folders` that has one; it may turn out to be no file."""
    return next((folder / name for folder in folders for name in names if (folder / name).exists()), None)


def download(file: RemoteFile, folder: Path, looked: Sequence[Path], timeout: float = TIMEOUT) -> Path:
    """Fetch `file` into `folder`, where it appears only whole and with the publisher's checksum, if there is one.

    Args:
        file: what to fetch.
        folder: where to put it.
        looked: folders in which it was looked for, named in the error.
        timeout: seconds without an answer until the download counts as failed.

    Raises:
        DataNotFoundError: it could not be downloaded.
        InputError: what came does not have the publisher's checksum.
    """
    draft = folder / f"{file.name}.{os.getpid()}.part"  # processes that fetch the same file stay apart
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _stream(file.url, draft, timeout)
        if file.md5 and (found := md5(draft)) != file.md5:
            raise InputError(f"{file.url} with md5 {file.md5}", found, f"again later, or {file.how}")
        draft.replace(folder / file.name)
    except (HTTPException, OSError) as error:
        places = ", ".join(str(place) for place in looked)
        got = f"none there, and {file.url} could not be downloaded ({error})"
        raise DataNotFoundError(f"{file.name} in {places}", got, file.how) from error
    finally:
        _remove(draft)
    return folder / file.name


def _remove(draft: Path) -> None:
    with suppress(OSError):  # it may lie below something that is no folder
        draft.unlink()


def _stream(url: str, path: Path, timeout: float) -> None:
    with urllib.request.urlopen(url, timeout=timeout) as response, open(path, "wb") as out:
        size = _announced(response.headers.get("Content-Length"))
        blocks = iter(lambda: response.read(BLOCK), b"")
        for block in track(blocks, -(-size // BLOCK), f"downloading {url.rpartition('/')[2]} (MiB)", show=True):
            out.write(block)
        if out.tell() < size:  # http.client says nothing where a connection was closed too early
            raise OSError(f"{out.tell()} of {size} bytes came")
        out.flush()
        os.fsync(out.fileno())  # else it may be empty after a power cut, under its name


def _announced(length: str | None) -> int:
    """Bytes that will come, or 0 where the server does not say."""
    return int(length) if length is not None and length.isascii() and length.isdigit() else 0


def md5(path: Path) -> str:
    """Checksum of a regular file.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    with reading("a file", path, "another file"), open_regular(path) as file:
        return checksum(file)


def checksum(file: BufferedReader) -> str:
    """MD5 of what is left of an open file."""
    return hashlib.file_digest(file, _md5).hexdigest()


def _md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)


def warn_if_altered(altered: Sequence[Path]) -> None:
    """Say which files on disk are not the publisher's; they are read all the same."""
    if altered:
        names = ", ".join(path.name for path in altered)
        message = (
            f"not the publisher's bytes: {names} in {altered[0].parent}; results cannot be compared with published ones"
        )
        warnings.warn(message, AutoALWarning, stacklevel=3)
