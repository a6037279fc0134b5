"""SVHN, the MedMNIST sets and TinyImageNet on small files of their publishers' formats."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_archives import published
from PIL import Image
from scipy.io import savemat

from autoal import AutoALError, AutoALWarning
from autoal.errors import DataNotFoundError
from autoal.tasks.medmnist import ORGANCMNIST, PATHMNIST, TISSUEMNIST
from autoal.tasks.source import Source
from autoal.tasks.svhn import SVHN
from autoal.tasks.tiny_imagenet import TINY_IMAGENET

Offline = Callable[..., Source]

RNG = np.random.default_rng(0)


def test_svhn_is_read_with_its_digit_ten_as_zero(tmp_path: Path) -> None:
    x = RNG.integers(0, 255, (32, 32, 3, 4), dtype=np.uint8)
    for name in ("train_32x32.mat", "test_32x32.mat"):
        savemat(tmp_path / name, {"X": x, "y": np.array([[10], [1], [9], [5]], dtype=np.uint8)})
    with pytest.warns(AutoALWarning, match="not the publisher's bytes"):
        data = SVHN.load(tmp_path)
    assert data.y_train.tolist() == data.y_test.tolist() == [0, 1, 9, 5]
    assert np.array_equal(data.x_train[2], x[:, :, :, 2].transpose(2, 0, 1))
    for content in (b"garbage", b""):
        (tmp_path / "test_32x32.mat").write_bytes(content)
        with pytest.warns(AutoALWarning), pytest.raises(AutoALError, match=r"test_32x32.mat"):
            SVHN.load(tmp_path)
    savemat(tmp_path / "test_32x32.mat", {"X": x})
    with pytest.warns(AutoALWarning), pytest.raises(AutoALError, match="y of SVHN"):
        SVHN.load(tmp_path)


@pytest.mark.parametrize(("source", "shape"), [(ORGANCMNIST, ()), (PATHMNIST, (3,)), (TISSUEMNIST, ())])
def test_medmnist_is_read_in_grey_and_in_colour(source: Source, shape: tuple[int, ...], tmp_path: Path) -> None:
    path = tmp_path / f"{source.name}.npz"
    images = RNG.integers(0, 255, (5, 28, 28, *shape), dtype=np.uint8)
    labels = np.arange(5, dtype=np.uint8)[:, None]  # as published: a column
    arrays = {f"{part}_images": images for part in ("train", "val", "test")}
    np.savez(path, **arrays, **{f"{part}_labels": labels for part in ("train", "val", "test")})  # type: ignore[arg-type]
    with pytest.warns(AutoALWarning, match="not the publisher's bytes"):
        data = source.load(tmp_path)
    assert data.x_train.shape == (5, *(shape or (1,)), 28, 28)
    assert np.array_equal(data.x_test[3].transpose(1, 2, 0).reshape(images[3].shape), images[3])
    assert data.y_train.tolist() == [0, 1, 2, 3, 4]
    assert len(data.classes) == source.n_classes
    np.savez(path, train_images=images, train_labels=labels)
    with pytest.warns(AutoALWarning), pytest.raises(AutoALError, match="no test_images, test_labels"):
        source.load(tmp_path)
    np.savez(path, train_images=images / 2, train_labels=labels, test_images=images, test_labels=labels)
    with pytest.warns(AutoALWarning), pytest.raises(AutoALError, match=r"of bytes.*float64"):
        source.load(tmp_path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.warns(AutoALWarning), pytest.raises(AutoALError, match=r"an .npz file of plain arrays"):
        source.load(tmp_path)


def write_tiny_imagenet(folder: Path) -> None:
    (folder / "val" / "images").mkdir(parents=True)
    (folder / "wnids.txt").write_text("n02\nn01\n")
    for number, name in enumerate(("n01", "n02")):
        images = folder / "train" / name / "images"
        images.mkdir(parents=True)
        for i in range(3):
            Image.new("RGB" if i else "L", (64, 64), 100 * number + i).save(images / f"{name}_{i}.JPEG")
    Image.new("RGB", (64, 64)).save(folder / "val" / "images" / "val_0.JPEG")
    (folder / "val" / "val_annotations.txt").write_text("val_0.JPEG\tn02\t0\t0\t62\t62\n")


def test_tiny_imagenet_is_read_from_its_folder_and_its_archive(tmp_path: Path) -> None:
    write_tiny_imagenet(tmp_path / "tiny-imagenet-200")
    data = TINY_IMAGENET.load(tmp_path)
    assert data.x_train.shape == (6, 3, 64, 64)
    assert data.y_train.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.y_test.tolist() == [1]
    packed = tmp_path / "packed"
    packed.mkdir()
    with zipfile.ZipFile(packed / "tiny-imagenet-200.zip", "w") as pack:
        for path in (tmp_path / "tiny-imagenet-200").rglob("*"):
            pack.write(path, path.relative_to(tmp_path))
    source = published(TINY_IMAGENET, packed / "tiny-imagenet-200.zip")
    assert np.array_equal(source.load(packed).x_train, data.x_train)
    for content, got in ((b"no zip", "a zip archive"), (b"", "a zip archive")):
        damaged = tmp_path / "damaged"
        damaged.mkdir(exist_ok=True)
        (damaged / "tiny-imagenet-200.zip").write_bytes(content)
        for other in (TINY_IMAGENET, published(TINY_IMAGENET, damaged / "tiny-imagenet-200.zip")):
            with pytest.raises(AutoALError, match=got):
                other.load(damaged)


def test_damaged_folders_of_tiny_imagenet_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "tiny-imagenet-200"
    write_tiny_imagenet(folder)
    (folder / "val" / "val_annotations.txt").write_text("val_0.JPEG\tn09\n")
    with pytest.raises(AutoALError, match=r"one of the classes.*n09"):
        TINY_IMAGENET.load(tmp_path)
    (folder / "val" / "val_annotations.txt").write_text("val_7.JPEG\tn01\n")
    with pytest.raises(AutoALError, match=r"an image at.*val_7"):
        TINY_IMAGENET.load(tmp_path)
    (folder / "wnids.txt").unlink()
    with pytest.raises(AutoALError, match=r"no wnids.txt"):
        TINY_IMAGENET.load(tmp_path)


@pytest.mark.parametrize("source", [SVHN, ORGANCMNIST, TINY_IMAGENET])
def test_what_is_not_there_is_an_error_with_the_way_to_get_it(source: Source, offline: Offline, tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match=r"could not be downloaded.*Try: put"):
        offline(source).load(tmp_path)
