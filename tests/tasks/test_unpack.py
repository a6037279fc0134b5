"""Archives that mean harm, with the right checksum: only members that are wanted come out, and nothing escapes."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from autoal.tasks.unpack import unpack

GOOD = {"top/a": b"1", "top/inner/b": b"22"}
EVIL = [
    "../out",
    "/autoal-out",
    "top/../../out",
    "top/inner/../../../out",
    "top\\inner\\out",
    "other/a",
    "topper/a",
]


def packed(kind: str, members: dict[str, bytes], links: dict[str, str] | None = None) -> io.BytesIO:
    """A tar or a zip of regular files and symbolic links."""
    data = io.BytesIO()
    if kind == "tar":
        with tarfile.open(fileobj=data, mode="w:gz") as tar:
            for name, target in (links or {}).items():
                info = tarfile.TarInfo(name)
                info.type, info.linkname = tarfile.SYMTYPE, target
                tar.addfile(info)
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    else:
        with zipfile.ZipFile(data, "w") as pack:
            for name, target in (links or {}).items():
                entry = zipfile.ZipInfo(name)
                entry.external_attr = (stat.S_IFLNK | 0o777) << 16
                pack.writestr(entry, target)
            for name, content in members.items():
                pack.writestr(name, content)
    data.seek(0)
    return data


def files(folder: Path) -> dict[str, bytes]:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    assert not any(path.is_symlink() for path in found.values())
    return {name: path.read_bytes() for name, path in found.items()}


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_only_members_that_are_wanted_come_out(kind: str, tmp_path: Path) -> None:
    inside = tmp_path / "draft"
    inside.mkdir()
    data = packed(kind, GOOD | {"top/unwanted": b"x"} | dict.fromkeys(EVIL, b"evil"))
    unpack(data, kind, inside, "top", ("a", "inner"))
    assert files(tmp_path) == {f"draft/{name}": content for name, content in GOOD.items()}


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_links_are_neither_made_nor_followed(kind: str, tmp_path: Path) -> None:
    inside = tmp_path / "draft"
    inside.mkdir()
    links = {"top": "..", "top/inner": "../..", "top/a": "/etc/passwd"}
    unpack(packed(kind, {"top/inner/out": b"x"}, links), kind, inside, "top", ("a", "inner"))
    assert files(tmp_path) == {"draft/top/inner/out": b"x"}


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_members_that_are_too_large_or_come_twice_are_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoal.tasks.unpack.LIMIT", 2)
    with pytest.raises(ValueError, match="members of more than 2 bytes"):
        unpack(packed(kind, GOOD), kind, tmp_path, "top", ("a", "inner"))
    with pytest.raises(FileExistsError):
        unpack(packed(kind, {"top/a": b"1", "top/./a": b"2"}), kind, tmp_path / "twice", "top", ("a",))
