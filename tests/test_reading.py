"""Whatever a parser raises becomes one error of ours, with the name of the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autoal.errors import InputError, StateError
from autoal.reading import open_regular, read_limited, reading


@pytest.mark.parametrize(
    "error", [MemoryError(), StopIteration(), RecursionError("deep"), KeyError("a"), OSError(5, "no")]
)
def test_every_error_becomes_one_of_ours(error: Exception) -> None:
    said = rf"a table at some/file; got {type(error).__name__}.*Try: another"
    with pytest.raises(StateError, match=said) as caught, reading("a table", "some/file", "another", StateError):
        raise error
    assert caught.value.__cause__ is error


def test_errors_of_ours_and_interrupts_stay() -> None:
    for error in (InputError("a", "b", "c"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, reading("a table", "some/file"):
            raise error
        assert caught.value is error


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        assert read_limited(tmp_path / name, 5) == b"12345"
    with pytest.raises(InputError, match=r"at most 4 bytes in .*file; got 5"):
        read_limited(tmp_path / "file", 4)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(InputError, match="a regular file"):
            open_regular(path)
    with pytest.raises(OSError, match="directory"):
        open_regular(tmp_path)
