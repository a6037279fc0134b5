"""Encoded data sets on disk, each in a folder named by a fingerprint of its files and of the encoder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from autoal.errors import AutoALError, AutoALWarning
from autoal.reading import open_regular, read_limited, reading
from autoal.tasks.data import DataSet

FORMAT = 1  # of the folder; a change of what an encoder computes is a change of it too
LIMIT = 1 << 24  # bytes of what is said about them
ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def fingerprint(paths: Sequence[Path], recipe: str, times: bool = True) -> str:
    """Sixteen hexadecimal digits of the contents of `paths` and of what is made of them.

    Of a folder, names, sizes and, with `times`, times of change of all files below it stand for the contents.
    """
    digest = hashlib.sha256(f"{FORMAT} {recipe}".encode())
    for path in paths:
        with reading("data", path, "a file or a folder that can be read"):
            digest.update(_listing(path, times).encode() if path.is_dir() else _contents(path, *_state(path)))
    return digest.hexdigest()[:16]


def cached(folder: Path, key: str, make: Callable[[], DataSet]) -> DataSet:
    """The data set of `key`, its arrays as memory maps; made, and stored below `folder`, where it is not whole.

    Processes may do so at once: each writes to a folder of its own, and the first to be ready gives it its name.
    """
    kept = _load(folder / key)
    if kept is not None:
        return kept
    made = make()
    try:
        _store(folder / key, made)
    except OSError as error:
        message = f"the features are not kept, and will be computed again: {error}"
        warnings.warn(message, AutoALWarning, stacklevel=2)
    return _load(folder / key) or made


def _load(path: Path) -> DataSet | None:
    if not path.exists():
        return None
    try:
        with reading("features as they were kept", path, "nothing, as they are made again"):
            about = json.loads(read_limited(path / "about.json", LIMIT))
            _require_whole(path, about)
            arrays = [np.load(path / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS]
            x_train, y_train, x_test, y_test = arrays
            return DataSet(about["name"], x_train, np.array(y_train), x_test, np.array(y_test), tuple(about["classes"]))
    except AutoALError as error:
        warnings.warn(
            f"the features in {path} are damaged and are made again: {error.got}", AutoALWarning, stacklevel=3
        )
        shutil.rmtree(path, ignore_errors=True)
        return None


def _require_whole(path: Path, about: dict[str, Any]) -> None:
    """Compare the arrays with their checksums; features of earlier versions have none, and get them now."""
    found = _checksums(path)
    if "sha256" not in about:
        with suppress(OSError):  # nobody may write there
            _write(path / "about.json", about | {"sha256": found})
    elif altered := [name for name in found if about["sha256"].get(name) != found[name]]:
        raise ValueError(f"{', '.join(altered)} with another checksum")


def _checksums(path: Path) -> dict[str, str]:
    files = {name: path / f"{name}.npy" for name in ARRAYS}
    return {name: _contents(file, *_state(file)).hex() for name, file in files.items()}


def _write(path: Path, about: dict[str, Any]) -> None:
    """The file is there whole, or as it was."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(json.dumps(about), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _store(path: Path, data: DataSet) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=path.parent, prefix=f"{path.name}."))
    try:
        for name in ARRAYS:
            with open(draft / f"{name}.npy", "wb") as file:
                np.save(file, getattr(data, name), allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
        _write(draft / "about.json", {"name": data.name, "classes": data.classes, "sha256": _checksums(draft)})
        draft.rename(path)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not path.is_dir():  # else another process was quicker
            raise


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=64)
def _contents(path: Path, size: int, changed: int) -> bytes:
    """Digest of a file, read once a process unless its size or time of change differs."""
    del size, changed
    with reading("a file", path, "another file"), open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").digest()


def _listing(folder: Path, times: bool) -> str:
    def entries() -> Iterator[tuple[str | int, ...]]:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                size, changed = _state(path)
                yield (path.relative_to(folder).as_posix(), size, *([changed] if times else []))

    return json.dumps(list(entries()))
