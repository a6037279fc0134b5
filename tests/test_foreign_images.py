"""Which files of a folder are images."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
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


def alarm(seconds: int) -> None:
    def stop(*_: object) -> None:
        raise TimeoutError("still waiting")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_only_regular_files_are_images(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / "folder.png").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(photos / "1.png")
    (photos / "2.png").symlink_to(photos / "1.png")
    os.mkfifo(photos / "pipe.png")
    (photos / "gone.png").symlink_to(photos / "nowhere.png")
    (photos / "loop.png").symlink_to(photos / "loop.png")
    (photos / "device.png").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(photos):
        server.bind("s.png")
    said = r"'device\.png', 'gone\.png', 'loop\.png', 'pipe\.png', 's\.png' are no regular files"
    with pytest.warns(AutoALWarning, match=said):
        pool = Pool.from_folder(photos, classes=2)
    assert [path.name for path in pool.paths] == ["1.png", "2.png"]
    (photos / "2.png").unlink()
    os.mkfifo(photos / "2.png")  # after the pool was made
    alarm(3600)  # only what hangs takes as long
    try:
        assert pool.damaged().tolist() == [1]
        with pytest.raises(AutoALError, match=r"an image at .*2\.png; got no regular file"):
            load_image(photos / "2.png")
    finally:
        signal.alarm(0)


def test_links_to_folders_are_said_not_to_be_followed(tmp_path: Path) -> None:
    for name in ("elsewhere/cat/1.png", "photos/dog/1.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (tmp_path / "photos/cat").symlink_to(tmp_path / "elsewhere/cat")
    (tmp_path / "photos/again").symlink_to(tmp_path / "photos")
    with pytest.warns(AutoALWarning, match="'again', 'cat' are links to folders, which are not followed"):
        assert len(Pool.from_folder(tmp_path / "photos", classes=["cat", "dog"])) == 1
