"""Images in files: a folder with one that is damaged, read as a pool, as a task and by a learner."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from damaged_bytes import damaged
from fuzzing import fuzz, only_autoal_errors
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autoal import Pool
from autoal.image_files import load_image
from autoal.tasks.image_folder import ReadFolder

FORMATS = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tif", "WEBP": ".webp"}
MODES = ("RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16", "I", "F", "YCbCr")


@cache
def image(kind: str, mode: str = "RGB") -> bytes:
    """A small image with a note of how the camera was held; RGB, where the format has no such mode."""
    pixels = Image.fromarray(np.arange(12 * 9 * 3, dtype=np.uint8).reshape(12, 9, 3))
    file = io.BytesIO()
    notes = Image.Exif()
    notes[0x0112] = 6
    try:
        pixels.convert(mode).save(file, kind, exif=notes.tobytes())
    except (OSError, ValueError, KeyError, TypeError):
        pixels.save(file := io.BytesIO(), kind)
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG file with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PLAIN = image("PNG")
sizes = st.integers(0, 40) | st.sampled_from([2**16, 2**31 - 1, 2**32 - 1])


@st.composite
def png_with_right_checksums(draw: st.DrawFn) -> bytes:
    """Any header, colours and notes, which checksums would not give away."""
    depths, kinds = st.sampled_from([1, 2, 4, 8, 16, 3]), st.sampled_from([0, 2, 3, 4, 6, 1])
    header = struct.pack(
        ">2I5B", draw(sizes), draw(sizes), draw(depths), draw(kinds), 0, 0, draw(st.sampled_from([0, 0, 1, 2]))
    )
    names = [b"PLTE", b"tRNS", b"eXIf", b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"acTL", b"fcTL", b"gAMA", b"pHYs"]
    others = st.builds(
        chunk,
        st.sampled_from(names),
        st.binary(max_size=30) | damaged(b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0"),
    )
    body = zlib.compress(draw(st.binary(max_size=200)), 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), *draw(st.lists(others, max_size=3)), chunk(b"IDAT", body), chunk(b"IEND", b"")]
    )


@st.composite
def images(draw: st.DrawFn) -> tuple[str, bytes]:
    """A suffix, and bytes that are perhaps such an image."""
    kind = draw(st.sampled_from(sorted(FORMATS)))
    content = draw(
        damaged(image(kind, draw(st.sampled_from(MODES)))) | png_with_right_checksums() | st.binary(max_size=40)
    )
    return FORMATS[kind], content


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@given(image=images(), size=st.none() | st.just((8, 10)))
@fuzz(26)
def test_one_image(folder: Path, image: tuple[str, bytes], size: Any) -> None:
    path = folder / f"one{image[0]}"
    path.write_bytes(image[1])
    found = only_autoal_errors(lambda: load_image(path, size), image)
    if not found.refused:
        assert found.value.shape[0] == 3
        assert size is None or found.value.shape[1:] == size


@given(image=images())
@fuzz(8)
def test_folders_with_a_damaged_image(folder: Path, image: tuple[str, bytes]) -> None:
    root = folder / "pool"
    for name in ("cat/a.png", "cat/b.png", "dog/c.png", "dog/d.png", "dog/e.png", "dog/f.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(PLAIN)
    for old in root.glob("cat/z.*"):
        old.unlink()
    (root / f"cat/z{image[0]}").write_bytes(image[1])
    pool = only_autoal_errors(lambda: Pool.from_folder(root, size=16), image).value
    damage = only_autoal_errors(pool.damaged, image).value
    readable = only_autoal_errors(lambda: pool.subset([2]).take(np.arange(1)), image)
    assert readable.refused == (2 in damage), "damaged() and take() disagree"
    encoded = only_autoal_errors(lambda: pool.encoded(lambda x: x.flatten(1).float()), image).value
    assert bool(torch.isfinite(torch.as_tensor(encoded.inputs.array)).all())
    only_autoal_errors(lambda: ReadFolder(16)((root,)), image)


arguments = st.fixed_dictionaries(
    {},
    optional={
        "size": st.sampled_from(
            [None, 1, 0, -1, 8, (8, 8), (8,), (8, 8, 8), "8", 8.0, [8, 9], np.array([8, 8]), True, 2**40, ()]
        ),
        "classes": st.sampled_from(
            [
                None,
                2,
                0,
                -1,
                10**9,
                ["cat", "dog"],
                ["cat"],
                "cat",
                ["cat", "cat"],
                [1, 2],
                {"cat": 0, "dog": 1},
                [""],
                2.0,
                object(),
            ]
        ),
    },
)


@given(arguments=arguments, where=st.sampled_from(["pool", "", "none", "pool/cat/a.png", "a\0b", "x" * 300]))
@fuzz(13)
def test_arguments_of_from_folder(folder: Path, arguments: dict[str, Any], where: str) -> None:
    for name in ("cat/a.png", "dog/c.png"):
        (folder / "pool" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "pool" / name).write_bytes(image("PNG"))
    found = only_autoal_errors(lambda: Pool.from_folder(folder / where, **arguments), (where, arguments))
    if not found.refused:
        only_autoal_errors(lambda: found.value.subset([0]).take(np.arange(1)), (where, arguments))
