"""Anybody's own arrays, table and images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import autoal
from autoal import AutoALError, tasks
from autoal.errors import DataNotFoundError, InputError
from autoal.random import SeedTree
from autoal.tasks import Budget

RNG = np.random.default_rng(0)


def write_npz(path: Path, **changes: np.ndarray) -> None:  # type: ignore[type-arg]
    arrays = {
        "x_train": RNG.normal(size=(300, 6)),
        "y_train": np.array(["cat", "dog", "eel"])[np.arange(300) % 3],
        "x_test": RNG.normal(size=(30, 6)),
        "y_test": np.array(["cat", "dog", "eel"])[np.arange(30) % 3],
    }
    kept = {name: array for name, array in (arrays | changes).items() if array is not None}
    np.savez(path, **kept)  # type: ignore[arg-type]


def test_arrays_are_a_task_with_features_as_given(tmp_path: Path) -> None:
    path = tmp_path / "my data.npz"
    write_npz(path)
    task = tasks.get(f"npz:{path}/mlp/tiny")
    assert task.budget == Budget(3, 3, 10)
    data = task.split(tmp_path, SeedTree(0))
    with np.load(path) as content:
        assert np.array_equal(data.x_train, content["x_train"].astype(np.float32))
    assert data.classes == ("cat", "dog", "eel")
    assert data.y_test.tolist()[:4] == [0, 1, 2, 0]
    assert not (tmp_path / "features").exists()  # nothing was computed that were worth keeping


def test_arrays_of_images_are_a_task_of_pixels(tmp_path: Path) -> None:
    images = RNG.integers(0, 255, (300, 1, 9, 9), dtype=np.uint8)
    write_npz(tmp_path / "x.npz", x_train=images, x_test=images[:30])
    pixels = tasks.get(f"npz:{tmp_path}/x.npz/cnn/tiny").split(None, SeedTree(0))
    assert np.array_equal(pixels.x_train, images)
    flat = tasks.get(f"npz:{tmp_path}/x.npz/linear/tiny").split(None, SeedTree(0))
    assert np.allclose(flat.x_train, images.reshape(300, 81) / 255)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, "no y_test"),
        ({"y_train": np.array(["cat", "dog", "eel"])[np.arange(299) % 3]}, "as many labels"),
        ({"x_test": np.zeros((30, 5))}, "of one shape"),
        ({"x_train": np.full((300, 6), np.nan)}, "finite samples"),
        ({"x_train": np.array([["a"]] * 300)}, r"samples \(n, ...\)"),
        ({"y_train": np.array([{}] * 300)}, "plain arrays"),
        ({"y_train": np.eye(3)[np.arange(300) % 3]}, r"a text or a number each.*argmax"),
        ({"x_test": np.zeros((0, 6)), "y_test": np.zeros(0)}, "as many labels"),
        ({"y_train": np.where(np.arange(300) == 3, np.nan, 1.0)}, "a class for every sample in y_train"),
        ({"y_test": np.full(30, -1)}, "a class for every sample in y_test"),
        ({"y_train": np.array(["", "cat"])[np.arange(300) % 2]}, "a class for every sample in y_train"),
        (
            {"y_test": np.array(["cat", "fox"])[np.arange(30) % 2]},
            "^expected y_test of the classes 'cat', 'dog', 'eel'.*got 'fox'",
        ),
        ({"y_train": np.full(300, "cat"), "y_test": np.full(30, "cat")}, "two classes or more; got only 'cat'"),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(changes: dict[str, object], message: str, tmp_path: Path) -> None:
    write_npz(tmp_path / "x.npz", **changes)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=message):
        tasks.get(f"npz:{tmp_path}/x.npz/linear/low").split(None, SeedTree(0))


def test_class_indices_are_the_same_of_every_type(tmp_path: Path) -> None:
    indices = np.arange(300) % 11
    write_npz(tmp_path / "x.npz", y_train=indices.astype(float), y_test=indices[:30].astype(np.uint8))
    data = tasks.get(f"npz:{tmp_path}/x.npz").load()
    assert data.classes == tuple(f"{i}.0" for i in range(11))
    assert (data.y_train == indices).all()
    assert (data.y_test == indices[:30]).all()


def test_files_that_are_no_arrays_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(3))
    (tmp_path / "text.npz").write_text("text")
    for name in ("x.npy", "text.npz"):
        with pytest.raises(InputError, match=name):
            tasks.get(f"npz:{tmp_path}/{name}").load()


@pytest.mark.parametrize("name", ["npz:nothing.npz", "csv:nothing.csv", "folder:nothing"])
def test_paths_of_nothing_say_so(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataNotFoundError, match=f"nothing there, seen from {tmp_path}"):
        tasks.get(name).load()


def test_an_option_before_the_arm_is_part_of_a_path_and_the_error_says_where_it_belongs(tmp_path: Path) -> None:
    write_npz(tmp_path / "x.npz")
    with pytest.raises(DataNotFoundError, match="options come after the arm and the regime"):
        tasks.get(f"npz:{tmp_path}/x.npz/imbalance=10/linear/low").load()


def write_table(path: Path, n: int = 200) -> None:
    rows = [f"{i},{i % 7},{'' if i == 3 else 'ab'[i % 2]}" for i in range(n)]
    path.write_text("\n".join(["height,width,kind", *rows]))


def test_a_table_is_standardised_and_split_the_same_way_every_time(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv")
    task = tasks.get(f"csv:{tmp_path}/t.csv/linear/tiny/label=kind")
    data, again = task.load(tmp_path), task.load(tmp_path)
    assert (len(data.x_train), len(data.x_test), data.classes) == (160, 39, ("a", "b"))  # one row has no label
    assert data.x_train.mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert data.x_train.std(axis=0) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(data.x_test, again.x_test)
    assert task.budget == Budget(2, 2, 10)
    with pytest.raises(InputError, match=r"a column 'label'.*height, width, kind"):
        tasks.get(f"csv:{tmp_path}/t.csv").load(tmp_path)
    (tmp_path / "bad.csv").write_text("x,label\none,a\n")
    with pytest.raises(InputError, match=r"numbers in column 'x'"):
        tasks.get(f"csv:{tmp_path}/bad.csv").load(tmp_path)
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="a table of text"):
        tasks.get(f"csv:{tmp_path}/bad.csv").load(tmp_path)


def test_features_of_another_label_column_are_other_features(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv")
    kind, width = (tasks.get(f"csv:{tmp_path}/t.csv/label={label}") for label in ("kind", "width"))
    (tmp_path / "u.csv").write_text("a,b,label\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n")
    assert len(kind.load(tmp_path).classes) == 2
    with pytest.raises(InputError, match="column 'kind'"):  # not what was kept for the other column
        width.load(tmp_path)
    assert tasks.get(f"csv:{tmp_path}/u.csv").load(tmp_path).x_train.shape == (4, 2)


def write_images(folder: Path, n: int) -> None:
    for name, colour in (("cat", (200, 0, 0)), ("dog", (0, 0, 200))):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            Image.new("RGB", (20 + i % 3, 30), colour).save(folder / name / f"{i}.png")


def test_images_are_split_by_their_names(tmp_path: Path) -> None:
    write_images(tmp_path / "photos", 30)
    task = tasks.get(f"folder:{tmp_path}/photos/cnn/tiny/size=16")
    data = task.load(tmp_path)
    assert task.source.counts() == (2, len(data.x_train))
    assert data.x_train.shape[1:] == (3, 16, 16)
    assert len(data.x_train) + len(data.x_test) == 60
    assert 4 <= len(data.x_test) <= 24
    red = data.x_train[:, 0].mean(axis=(1, 2)) > 100
    assert np.array_equal(red, data.y_train == 0)
    before = len(data.x_test)
    write_images(tmp_path / "photos", 40)  # more images: what is kept on disk is not theirs
    assert len(task.load(tmp_path).x_test) >= before
    assert len(task.load(tmp_path).x_train) + len(task.load(tmp_path).x_test) == 80


def test_images_may_come_split(tmp_path: Path) -> None:
    write_images(tmp_path / "photos" / "train", 12)
    write_images(tmp_path / "photos" / "test", 3)
    data = tasks.get(f"folder:{tmp_path}/photos/cnn").load(tmp_path)
    assert (data.x_train.shape, len(data.x_test)) == ((24, 3, 64, 64), 6)
    assert data.classes == ("cat", "dog")


def test_the_innermost_folder_is_the_class_as_in_a_pool(tmp_path: Path) -> None:
    write_images(tmp_path / "photos" / "indoors", 20)
    write_images(tmp_path / "photos" / "outdoors" / "by day", 20)
    data = tasks.get(f"folder:{tmp_path}/photos/cnn").load(tmp_path)
    assert data.classes == ("cat", "dog") == autoal.Pool.from_folder(tmp_path / "photos").classes
    assert len(data.x_train) + len(data.x_test) == 80


def test_folders_without_images_and_damaged_images_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(AutoALError, match=r"images below .*empty; got none"):
        tasks.get(f"folder:{tmp_path}/empty/cnn").load(tmp_path)
    write_images(tmp_path / "photos", 30)
    (tmp_path / "photos" / "cat" / "7.png").write_bytes(b"no image")
    assert tasks.get(f"folder:{tmp_path}/photos/cnn/tiny").budget.batch > 0  # for which no image is read
    with pytest.raises(AutoALError, match=r"an image at .*7\.png"):
        tasks.get(f"folder:{tmp_path}/photos/cnn").load(tmp_path)
