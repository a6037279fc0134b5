"""Which files of a folder are images."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from autoal import AutoALError, AutoALWarning, Pool


def test_images_of_kinds_that_are_not_read_are_not_left_out_in_silence(tmp_path: Path) -> None:
    for name in ("1.HEIC", "2.heic", "3.dng", "notes.txt", ".hidden.heic"):
        (tmp_path / name).write_bytes(b"")
    said = r"3 ending in \.dng, \.heic, which are not read"
    with pytest.raises(AutoALError, match=rf"images below .*; got {said}"):
        Pool.from_folder(tmp_path, classes=2)
    Image.new("RGB", (4, 4)).save(tmp_path / "4.png")
    with pytest.warns(AutoALWarning, match=rf"also holds {said}: save them as PNG or JPEG"):
        assert len(Pool.from_folder(tmp_path, classes=2)) == 1
