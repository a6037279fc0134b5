"""Finding a publisher's file: in the data directory, or downloaded into it; its checksum is looked at either way."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from autoal.errors import AutoALWarning, DataNotFoundError, InputError
from autoal.progress import track

BLOCK = 1 << 20  # bytes read at one time
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
    """The first of `names` in the first of `folders` that has one."""
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
    except (urllib.error.URLError, HTTPException, OSError) as error:
        _remove(draft)
        places = ", ".join(str(place) for place in looked)
        got = f"none there, and {file.url} could not be downloaded ({error})"
        raise DataNotFoundError(f"{file.name} in {places}", got, file.how) from error
    found = md5(draft)
    if file.md5 and found != file.md5:
        draft.unlink()
        raise InputError(f"{file.url} with md5 {file.md5}", found, f"again later, or {file.how}")
    draft.replace(folder / file.name)
    return folder / file.name


def _remove(draft: Path) -> None:
    with suppress(OSError):  # it may lie below something that is no folder
        draft.unlink()


def _stream(url: str, path: Path, timeout: float) -> None:
    with urllib.request.urlopen(url, timeout=timeout) as response, open(path, "wb") as out:
        size = int(response.headers.get("Content-Length") or 0)
        blocks = iter(lambda: response.read(BLOCK), b"")
        for block in track(blocks, -(-size // BLOCK), f"downloading {url.rpartition('/')[2]} (MiB)", show=True):
            out.write(block)
        if out.tell() < size:  # http.client says nothing where a connection was closed too early
            raise OSError(f"{out.tell()} of {size} bytes came")


def md5(path: Path) -> str:
    """Checksum of a file."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def warn_if_altered(altered: Sequence[Path]) -> None:
    """Say which files on disk are not the publisher's; they are read all the same."""
    if altered:
        names = ", ".join(path.name for path in altered)
        message = (
            f"not the publisher's bytes: {names} in {altered[0].parent}; results cannot be compared with published ones"
        )
        warnings.warn(message, AutoALWarning, stacklevel=3)
