"""Images in files: which there are below a folder, and what is in one."""

from __future__ import annotations

import os
import stat
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import torch
from torch import Tensor

from autoal.arrays import some
from autoal.errors import AutoALWarning, InputError
from autoal.paths import is_file, is_folder
from autoal.undecoded import printable

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGE_SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
ORIENTATION = 0x0112  # among the notes of a camera (EXIF); 1 is upright
DEEP = ("I", "F")  # modes of Pillow with more than 8 bits: I, I;16, I;16B, F
FOREIGN_SUFFIXES = frozenset({".arw", ".avif", ".cr2", ".cr3", ".dng", ".heic", ".heif", ".jxl", ".nef", ".svg"})


def image_paths(folder: Path) -> list[Path]:
    """Every image below `folder`, in the order of their paths; hidden files and folders are left out.

    Images of kinds that are not read, such as HEIC, are left out with a warning.

    Raises:
        InputError: there is no such folder, or no image in it.
    """
    if not is_folder(folder):
        raise InputError("a folder of images", f"no folder {folder}", f"a path as seen from {Path.cwd()}")
    seen = [path for path in folder.rglob("*") if not any(p.startswith(".") for p in path.relative_to(folder).parts)]
    named = sorted(path for path in seen if path.suffix.lower() in IMAGE_SUFFIXES)
    paths = [path for path in named if is_file(path)]
    foreign = [suffix for path in seen if (suffix := path.suffix.lower()) in FOREIGN_SUFFIXES]
    left_out = f"{len(foreign)} ending in {', '.join(sorted(set(foreign)))}, which are not read"
    _warn_of_no_files([path for path in named if not is_file(path) and not is_folder(path)], seen, folder)
    if not paths:
        hint = f"files ending in {', '.join(sorted(IMAGE_SUFFIXES))}"
        raise InputError(f"images below {folder}", left_out if foreign else "none", hint)
    if foreign:
        message = f"{folder} also holds {left_out}: save them as PNG or JPEG"
        warnings.warn(message, AutoALWarning, stacklevel=3)
    return paths


def _warn_of_no_files(others: list[Path], seen: list[Path], folder: Path) -> None:
    said = []
    if others:
        names = some(path.relative_to(folder).as_posix() for path in others)
        said.append(f"{names} are no regular files, or links to files that are gone")
    if links := [path.relative_to(folder).as_posix() for path in seen if path.is_symlink() and is_folder(path)]:
        said.append(f"{some(links)} are links to folders, which are not followed")
    if said:
        message = f"in {folder}, {' and '.join(said)}: what they name is left out"
        warnings.warn(printable(message), AutoALWarning, stacklevel=4)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A regular file, open; anything else, such as a pipe that took its place, is refused and not waited for."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError("no regular file")
        yield file


@contextmanager
def _unwarned() -> Iterator[None]:
    """Leave out what Pillow warns of: notes that are damaged, of an image that can be read all the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def load_image(path: Path, size: tuple[int, int] | None = None, hint: str = "repair or replace the file") -> Tensor:
    """An image file as (3, height, width) uint8, resized to `size` = (height, width) if that is given.

    Raises:
        InputError: it is damaged, or no image; `hint` is what to try then.
    """
    from PIL import UnidentifiedImageError
    from PIL.Image import open as open_image

    try:
        with _opened(path) as file, _unwarned(), open_image(file) as image:
            return image_tensor(image, size)
    except InputError as error:
        raise InputError(f"{error.expected} at {path}", error.got, f"{error.hint}; {hint}") from None
    except UnidentifiedImageError as error:  # which names the open file, by its number
        raise InputError(f"an image at {path}", "a file of another kind, or a damaged one", hint) from error
    except Exception as error:  # Pillow raises almost anything where a file is damaged, also AssertionError
        raise InputError(f"an image at {path}", str(error), hint) from error


def image_tensor(image: Image, size: tuple[int, int] | None = None) -> Tensor:
    """A PIL image as (3, height, width) uint8, resized to `size` = (height, width) if that is given.

    It stands as viewers show it: turned as its camera noted, and on white where it is transparent.

    Raises:
        InputError: its values have more than 8 bits, of which nobody knows here which are black and which white.
    """
    if image.mode.startswith(DEEP):
        hint = "save it with 8 bits, its own range of values spread over 0 to 255, or arrays: Pool(X)"
        raise InputError("an image with 8 bits a channel", f"one of mode {image.mode}", hint)
    image = _upright(image)
    rgb = _on_white(image) if image.has_transparency_data else image.convert("RGB")
    if size is not None:
        rgb = rgb.resize((size[1], size[0]))
    return torch.from_numpy(np.array(rgb)).permute(2, 0, 1)


def _upright(image: Image) -> Image:
    from PIL.ImageOps import exif_transpose

    try:
        return image if image.getexif().get(ORIENTATION, 1) == 1 else exif_transpose(image)  # which copies the image
    except (SyntaxError, ValueError, TypeError, struct.error):  # a note that is damaged is no reason to do without
        return image


def _on_white(image: Image) -> Image:
    from PIL.Image import alpha_composite, new

    return alpha_composite(new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")
