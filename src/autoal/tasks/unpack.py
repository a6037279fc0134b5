"""Unpacking the members of an archive that a loader reads, and nothing else."""

from __future__ import annotations

import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from autoal.reading import BLOCK

LIMIT = 1 << 32  # bytes of all members; the largest that is published has 0.2 billion
Member = tuple[str, int, IO[bytes]]  # name, size and contents of a regular file


def unpack(file: IO[bytes], kind: str, folder: Path, top: str, members: Sequence[str]) -> None:
    """Write the regular files of an archive that are one of `members`, or below one, into `folder`.

    Names are made of plain parts, so that nothing is written elsewhere. Links, devices and all other members stay
    packed.

    Args:
        file: the archive.
        kind: "tar", packed or not, or "zip".
        folder: where the folder `top` is made.
        top: the folder in the archive that the members are in.
        members: files or folders, relative to it.

    Raises:
        ValueError: the members are larger than `LIMIT` together, or one comes twice.
    """
    left = LIMIT
    for name, size, content in (_zip if kind == "zip" else _tar)(file, top, members):
        left -= size
        if left < 0:
            raise ValueError(f"members of more than {LIMIT:,} bytes")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as out:
            shutil.copyfileobj(content, out, BLOCK)
            if out.tell() != size:
                raise ValueError(f"{out.tell()} of the {size} bytes of {name}")


def _tar(file: IO[bytes], top: str, members: Sequence[str]) -> Iterator[Member]:
    with tarfile.open(fileobj=file, mode="r|*") as tar:
        for info in tar:
            content = tar.extractfile(info) if info.isreg() and _is_wanted(info.name, top, members) else None
            if content is not None:
                yield _plain(info.name), info.size, content


def _zip(file: IO[bytes], top: str, members: Sequence[str]) -> Iterator[Member]:
    with zipfile.ZipFile(file) as pack:
        for info in pack.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind in (0, stat.S_IFREG) and not info.is_dir() and _is_wanted(info.filename, top, members):
                with pack.open(info) as content:
                    yield _plain(info.filename), info.file_size, content


def _plain(name: str) -> str:
    return PurePosixPath(name).as_posix()  # without ./ and //


def _is_wanted(name: str, top: str, members: Sequence[str]) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or path.parts[:1] != (top,):
        return False
    inner = PurePosixPath(*path.parts[1:])
    return any(inner == (member := PurePosixPath(wanted)) or member in inner.parents for wanted in members)
