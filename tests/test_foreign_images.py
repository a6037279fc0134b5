"""Which files of a folder are images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autoal import AutoALError, AutoALWarning, Pool
from autoal.image_files import load_image


def test_images_of_kinds_that_are_not_read_are_not_left_out_in_silence(tmp_path: Path) -> None:
    for name in ("1.HEIC", "2.heic", "3.dng", "notes.txt", ".hidden.heic"):
        (tmp_path / name).write_bytes(b"")
    said = r"3 ending in \.dng, \.heic, which are not read"
    with pytest.raises(AutoALError, match=rf"images below .*; got {said}"):
        Pool.from_folder(tmp_path, classes=2)
    Image.new("RGB", (4, 4)).save(tmp_path / "4.png")
    with pytest.warns(AutoALWarning, match=rf"also holds {said}: save them as PNG or JPEG"):
        assert len(Pool.from_folder(tmp_path, classes=2)) == 1


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_values_of_more_than_eight_bits_are_not_clipped_in_silence(tmp_path: Path, dtype: type) -> None:
    Image.fromarray(np.linspace(0, 60000, 64).reshape(8, 8).astype(dtype)).save(tmp_path / "1.tif")
    pool = Pool.from_folder(tmp_path, classes=2)
    with pytest.raises(
        AutoALError, match=r"8 bits a channel at .*1\.tif; got one of mode [IF].* Try: save it with 8 bits"
    ):
        pool.inputs.take(np.arange(1))
    assert pool.damaged().tolist() == [0]


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    shape = np.zeros((8, 8, 4), np.uint8)
    shape[2:6, 2:6, 3] = 255  # black; around it, black that cannot be seen
    Image.fromarray(shape).save(tmp_path / "1.png")
    image = load_image(tmp_path / "1.png")
    assert image.shape == (3, 8, 8)
    assert (image[:, 2:6, 2:6] == 0).all()
    assert int((image == 255).sum()) == 3 * (64 - 16)
    palette = Image.fromarray(np.tile(np.uint8([[0, 1]]), (8, 4))).convert("P")
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.save(tmp_path / "2.png", transparency=1)
    assert load_image(tmp_path / "2.png")[:, 0, :2].tolist() == [[10, 255], [20, 255], [30, 255]]


def test_photos_stand_as_viewers_show_them(tmp_path: Path) -> None:
    held = np.zeros((16, 8, 3), np.uint8)
    held[:8] = 255  # white above, as it was seen through a camera that lay on its side
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn by a quarter, clockwise
    Image.fromarray(np.rot90(held)).save(tmp_path / "1.png", exif=exif)
    Image.fromarray(np.rot90(held)).save(tmp_path / "2.png")
    assert np.array_equal(load_image(tmp_path / "1.png").permute(1, 2, 0).numpy(), held)
    assert load_image(tmp_path / "2.png").shape == (3, 8, 16)
    assert Pool.from_folder(tmp_path, size=8, classes=2).inputs.take(np.arange(1))[0, 0, :3].min() == 255


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    "note", [b"Exif\x00\x00nothing that TIFF knows", b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff"]
)
def test_a_damaged_note_of_the_camera_is_no_damaged_image(tmp_path: Path, note: bytes) -> None:
    Image.new("RGB", (8, 8), "white").save(tmp_path / "1.jpg", exif=note)
    assert load_image(tmp_path / "1.jpg").min() == 255
