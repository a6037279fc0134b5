"""Publishers' files: npz, IDX, pickles, MATLAB, ARFF, texts, and archives of them, damaged or made up."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damaged_bytes import damaged
from fuzzing import Outcome, fuzz, only_autoal_errors
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.io import savemat

from autoal.tasks import cifar, fashion_mnist, letter, medmnist, npz, svhn, tiny_imagenet, trec
from autoal.tasks.download import RemoteFile
from autoal.tasks.files import Archive
from autoal.tasks.plain_pickle import read_plain_pickle

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
N = 6
x = np.arange(N * 3 * 32 * 32, dtype=np.int64).astype(np.uint8)
Y = [0, 1, 2, 1, 0, 3]
ARFF = b"""% letters
@relation letter
@attribute 'x-box' numeric
@attribute y integer
@attribute class {A,B}
@data
1,2,A
3,4.5,B
?,2,A
1,1,B
0,9,A
"""
TREC = b"DESC:manner How did serfdom develop ?\nENTY:cremat What films featured him ?\nDESC What is it ?\n"


def _npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@cache
def valid(kind: str) -> bytes:
    """A small file of that kind that is read."""
    images = x.reshape(N, 32, 32, 3)
    if kind == "npz":
        return _npz(x_train=images[..., 0], y_train=Y, x_test=images[..., 0], y_test=Y)
    if kind == "medmnist":
        small = images[:, :28, :28]
        return _npz(train_images=small, train_labels=np.array(Y)[:, None], test_images=small, test_labels=Y)
    if kind == "mat":
        file = io.BytesIO()
        savemat(file, {"X": images.transpose(1, 2, 3, 0), "y": np.array(Y)[:, None] + 1})
        return file.getvalue()
    if kind == "images":
        return b"\0\0\x08\x03" + struct.pack(">3I", N, 32, 32) + images[..., 0].tobytes()
    if kind == "labels":
        return b"\0\0\x08\x01" + struct.pack(">I", N) + bytes(Y)
    if kind == "cifar10":
        return pickle.dumps({b"data": x.reshape(N, -1), b"labels": Y}, protocol=2)
    if kind == "cifar100":
        return pickle.dumps({b"data": x.reshape(N, -1), b"fine_labels": Y}, protocol=2)
    return pickle.dumps({b"fine_label_names": [b"apple", b"bee", b"cup", b"dog"]}, protocol=2)


def _reads(read: Callable[[tuple[Path, ...]], Any], names: list[str], contents: list[bytes], folder: Path) -> Outcome:
    paths = tuple(folder / name for name in names)
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    found = only_autoal_errors(lambda: read(paths), contents)
    if not found.refused:
        data = found.value
        assert len(data.x_train) == len(data.y_train) > 0
        assert data.y_train.min() >= 0
        assert data.y_train.max() < len(data.classes)
        assert data.x_train.dtype.kind in "uU" or np.isfinite(data.x_train).all()
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def _repacked(members: dict[str, bytes]) -> bytes:
    """A zip file whose checksums are right."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for name, content in members.items():
            pack.writestr(name, content)
    return file.getvalue()


@st.composite
def broken_npz(draw: st.DrawFn, kind: str) -> bytes:
    """The file itself damaged; or one of its arrays, in a whole file; or arrays of other types and shapes."""
    whole = valid(kind)
    how = draw(st.sampled_from(["file", "member", "arrays"]))
    if how == "file":
        return draw(damaged(whole))
    with zipfile.ZipFile(io.BytesIO(whole)) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    name = draw(st.sampled_from(sorted(members)))
    if how == "member":
        members[name] = draw(damaged(members[name]))
        return _repacked(members)
    file = io.BytesIO()
    np.save(file, draw(odd_arrays()), allow_pickle=True)
    return _repacked(members | {name: file.getvalue()})


def odd_arrays() -> st.SearchStrategy[Any]:
    """Arrays of six rows of any type, and some of other lengths, dimensions or contents."""
    kinds = [
        "u1",
        "i8",
        "f2",
        "f4",
        "f8",
        "c8",
        "?",
        "U3",
        "S3",
        "O",
        "M8[s]",
        "m8[s]",
        ">f4",
        "u8",
        "f16",
        "V4",
        "i4,f4",
    ]
    shapes = [(N,), (N, 1), (N, 2), (N, 0), (N, 32, 32), (N, 3, 2, 2), (), (0,), (0, 3), (1,), (2, N)]
    plain = st.builds(lambda kind, shape: np.zeros(shape, dtype=kind), st.sampled_from(kinds), st.sampled_from(shapes))
    values = [np.nan, np.inf, -np.inf, 1e300, -1, -2, 2**63 - 1, None, "", "a", "1", b"a", 0, True, 1.5]
    mixed = st.lists(st.sampled_from(values), min_size=N, max_size=N)
    return plain | mixed.map(lambda found: np.array(found, dtype=object)) | mixed.map(_as_array)


def _as_array(found: list[Any]) -> Any:
    try:
        return np.array(found)
    except ValueError:
        return np.array(found, dtype=object)


@given(data=st.data(), content=broken_npz("npz"))
@fuzz(10)
def test_own_arrays(folder: Path, data: Any, content: bytes) -> None:
    _reads(npz.read, ["mine.npz"], [content], folder)


@given(content=broken_npz("medmnist"))
@fuzz(6)
def test_medmnist(folder: Path, content: bytes) -> None:
    _reads(medmnist.ORGANCMNIST.read, ["organcmnist.npz"], [content], folder)


@given(content=damaged(valid("mat")))
@fuzz(6)
def test_svhn(folder: Path, content: bytes) -> None:
    _reads(svhn.read, ["train_32x32.mat", "test_32x32.mat"], [content, valid("mat")], folder)


@given(images=damaged(valid("images")), labels=damaged(valid("labels")), which=st.integers(0, 2), packed=st.booleans())
@fuzz(6)
def test_idx(folder: Path, images: bytes, labels: bytes, which: int, packed: bool) -> None:
    first = images if which != 1 else valid("images")
    second = labels if which != 0 else valid("labels")
    contents = [first, second, valid("images"), valid("labels")]
    names = list(fashion_mnist.FILES)
    if packed:
        names, contents = [f"{name}.gz" for name in names], [gzip.compress(each, 1) for each in contents]
    _reads(fashion_mnist.read, names, contents, folder)


@given(content=damaged(gzip.compress(valid("images"), 1)))
@fuzz(4)
def test_packed_idx(folder: Path, content: bytes) -> None:
    contents = [content, *(gzip.compress(valid(kind), 1) for kind in ("labels", "images", "labels"))]
    _reads(fashion_mnist.read, [f"{name}.gz" for name in fashion_mnist.FILES], contents, folder)


@given(content=damaged(valid("cifar10")))
@fuzz(6)
def test_cifar10(folder: Path, content: bytes) -> None:
    _reads(cifar.read_cifar10, list(cifar.FILES_10), [content, *[valid("cifar10")] * 5], folder)


@given(content=damaged(valid("cifar100")), names=damaged(valid("names")), which=st.booleans())
@fuzz(6)
def test_cifar100(folder: Path, content: bytes, names: bytes, which: bool) -> None:
    contents = [content, valid("cifar100"), valid("names")] if which else [*[valid("cifar100")] * 2, names]
    _reads(cifar.read_cifar100, list(cifar.FILES_100), contents, folder)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.binary(max_size=3)
    | odd_arrays(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.binary(max_size=2) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    value=plain | st.dictionaries(st.sampled_from([b"data", b"labels", b"fine_label_names"]), plain),
    protocol=st.integers(0, 5),
)
@fuzz(13)
def test_pickles_of_anything(folder: Path, value: Any, protocol: int) -> None:
    path = folder / "any.pickle"
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    found = only_autoal_errors(lambda: read_plain_pickle(path), value)
    assert found.refused or isinstance(found.value, dict)
    contents = [path.read_bytes(), *[valid("cifar10")] * 5]
    _reads(cifar.read_cifar10, list(cifar.FILES_10), contents, folder)
    names = [*[valid("cifar100")] * 2, path.read_bytes()]
    _reads(cifar.read_cifar100, list(cifar.FILES_100), names, folder)


@given(content=damaged(ARFF, b"@attribute z date\n@attribute q string\n{0 1, 2 B}\n@attribute w relational\n"))
@fuzz(8)
def test_letter(folder: Path, content: bytes) -> None:
    _reads(letter.read, ["letter.arff"], [content], folder)


@given(train=damaged(TREC), test=damaged(TREC), which=st.integers(0, 2))
@fuzz(6)
def test_trec(folder: Path, train: bytes, test: bytes, which: int) -> None:
    contents = [train if which != 1 else TREC, test if which != 0 else TREC]
    _reads(trec.read, ["train_5500.label", "TREC_10.label"], contents, folder)


def _image(suffix: str = "jpeg") -> bytes:
    from PIL.Image import fromarray

    file = io.BytesIO()
    fromarray(x[: 16 * 16 * 3].reshape(16, 16, 3)).save(file, suffix)
    return file.getvalue()


IDS, ANNOTATIONS = b"n01\nn02\n", b"v0.JPEG\tn01\t0\t0\t9\t9\nv1.JPEG\tn02\t1\t2\t3\t4\n"


@given(ids=damaged(IDS), annotations=damaged(ANNOTATIONS), image=damaged(_image()), which=st.integers(0, 2))
@fuzz(5)
def test_tiny_imagenet(folder: Path, ids: bytes, annotations: bytes, image: bytes, which: int) -> None:
    root = folder / "tiny-imagenet-200"
    paths = tuple(root / name for name in tiny_imagenet.MEMBERS)
    files = {f"train/{name}/images/{name}_0.JPEG": _image() for name in ("n01", "n02")}
    files |= {"val/images/v0.JPEG": image if which == 2 else _image(), "val/images/v1.JPEG": _image()}
    files |= {"wnids.txt": ids if which == 0 else IDS}
    files |= {"val/val_annotations.txt": annotations if which == 1 else ANNOTATIONS}
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    only_autoal_errors(lambda: tiny_imagenet.read(paths), (which, ids, annotations, image))


def _archive(suffix: str) -> bytes:
    file = io.BytesIO()
    if suffix == ".zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.writestr("kept/a.txt", b"a" * 99)
            pack.writestr("kept/b.txt", b"b" * 99)
        return file.getvalue()
    with tarfile.open(fileobj=file, mode="w:gz" if suffix == ".tar.gz" else "w") as tar:
        for name in "ab":
            entry = tarfile.TarInfo(f"kept/{name}.txt")
            entry.size = 99
            tar.addfile(entry, io.BytesIO(name.encode() * 99))
    return file.getvalue()


@given(data=st.data(), suffix=st.sampled_from([".zip", ".tar.gz", ".tar"]), repacked=st.booleans())
@fuzz(8)
def test_archives(tmp_path_factory: pytest.TempPathFactory, data: Any, suffix: str, repacked: bool) -> None:
    root = tmp_path_factory.mktemp("archive")
    content = data.draw(damaged(_archive(".tar" if repacked else suffix)))
    if repacked:
        assume(suffix == ".tar.gz")
        content = gzip.compress(content, 1)
    (root / f"kept{suffix}").write_bytes(content)
    archive = Archive(RemoteFile(f"kept{suffix}", "http://127.0.0.1:9/none", "", "by hand"), "kept", ("a.txt", "b.txt"))
    found = only_autoal_errors(lambda: archive.fetch(root), content)
    assert {path.name for path in root.iterdir()} <= {f"kept{suffix}", "kept"}, "files beside the folder"
    assert found.refused != (root / "kept").exists(), "half an archive"
