from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.sparse import csr_array
from torch.utils.data import Dataset, TensorDataset

from autoal import AutoALError, AutoALWarning, Pool, Snapshot
from autoal.csv_file import read_csv
from autoal.errors import InputError
from autoal.inputs import SequenceInputs, chunks
from autoal.testing.memory import STATUS, peak_memory

X = np.arange(12, dtype=np.float32).reshape(6, 2)


def test_ids_are_stable_and_rows_follow_them() -> None:
    pool = Pool(X, ids=[10, 30, 20, 5, 7, 9], classes=["cat", "dog"])
    assert pool.rows([20, 10]).tolist() == [2, 0]
    assert pool.subset([20, 10]).take(np.array([1])).tolist() == [X[0].tolist()]
    assert len(pool) == 6
    assert repr(pool) == "Pool(6 samples, 2 classes, 0 labelled from the start)"


def test_labels_may_be_known_for_some() -> None:
    for y in (["a", None, "b", None, None, "a"], [0, -1, 1, -1, -1, 0], [0.0, np.nan, 1.0, np.nan, np.nan, 0.0]):
        assert Pool(X, y).labels.tolist() == [0, -1, 1, -1, -1, 0]
    assert Pool(X, np.array([3, 3, 5, 5, 3, 3])).classes == (3, 5)


def test_labels_are_encoded_by_name_or_by_index() -> None:
    named = Pool(X, classes=["cat", "dog"])
    assert named.encode(["dog", "cat", 1, np.int64(0), torch.tensor(1)]).tolist() == [1, 0, 1, 0, 1]
    assert Pool(X, classes=[7, 9]).encode([9, 7]).tolist() == [1, 0]
    with pytest.raises(AutoALError, match="labels among 7, 9; got 0"):
        Pool(X, classes=[7, 9]).encode([0])


class Pairs(Dataset[tuple[torch.Tensor, int]]):
    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.from_numpy(X[index]), index % 2


@pytest.mark.parametrize(
    "make",
    [
        lambda path: X,
        lambda path: torch.from_numpy(X),
        lambda path: X.tolist() and [row for row in X],  # noqa: C416
        lambda path: Pairs(),
        lambda path: TensorDataset(torch.from_numpy(X)),
        lambda path: np.lib.format.open_memmap(path / "x.npy", mode="w+", dtype=np.float32, shape=X.shape),
    ],
    ids=["array", "tensor", "list", "dataset", "tensor dataset", "memory map"],
)
def test_inputs_of_every_kind_are_read_by_reference(make: Callable[[Path], object], tmp_path: Path) -> None:
    source = make(tmp_path)
    if isinstance(source, np.memmap):
        source[:] = X
    pool = Pool(source, classes=2)
    assert torch.equal(pool.inputs.take(np.array([4, 0])), torch.from_numpy(X[[4, 0]]))
    assert [rows.stop - rows.start for rows, _ in chunks(pool.inputs, 4)] == [4, 2]
    if isinstance(source, np.ndarray):
        assert pool.inputs.array is source  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X": np.empty((0, 2))}, "at least one sample"),
        ({"X": np.empty((6, 0)), "classes": 2}, r"at least one feature; got samples of shape \(0,\)"),
        ({"X": X, "y": [0, 1]}, "6 labels, one a sample; got 2"),
        ({"X": X, "y": ["a"] * 5 + ["z"], "classes": ["a", "b"]}, "labels among 'a', 'b'; got 'z'"),
        ({"X": X, "ids": [1, 2, 3, 4, 5, 5], "classes": 2}, "repeated 5"),
        ({"X": X, "ids": [1, 2], "classes": 2}, "6 ids"),
        ({"X": X, "ids": [0.5] * 6, "classes": 2}, "list of integers; got float64"),
        ({"X": X}, "distinct class names; got none"),
        ({"X": X, "classes": ["a", "a"]}, "distinct class names"),
        ({"X": X, "classes": ["a"]}, "two classes or more; got only 'a'"),
        ({"X": X, "y": ["a", "a", *[None] * 4]}, r"got only 'a'. Try: classes=\[...\] with the name of every class"),
        ({"X": np.where(X == 5, np.nan, X), "classes": 2}, "finite features; got nan in row 2"),
        ({"X": np.where(X == 5, np.inf, X), "classes": 2}, "finite features; got inf in row 2"),
        ({"X": np.where(X == 5, np.inf, X).astype(np.float16), "classes": 2}, "finite features; got inf in row 2"),
        (
            {"X": np.where(X == 5, np.float32(-3.4e38), X), "classes": 2},
            "features of at most 1e.18; got -3.4.*in row 2",
        ),
        ({"X": 5, "classes": 2}, "a torch Dataset with a length; got an object of type int"),
        ({"X": np.array(5), "classes": 2}, "an array of samples; got the single value 5"),
        ({"X": X.astype(str), "classes": 2}, "numbers of at most 64 bits; got an array of <U"),
        ({"X": X.astype(object), "classes": 2}, r"an array of object. Try: X.astype\(numpy.float32\)"),
        ({"X": X.astype(np.longdouble), "classes": 2}, "numbers of at most 64 bits"),
        ({"X": X, "ids": np.arange(6, dtype=np.uint64) + 2**63, "classes": 2}, r"integers; got 9223372036854775813"),
    ],
)
def test_bad_pools_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        Pool(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "source",
    [X.astype(">f4"), X[::-1, ::-1].copy()[::-1, ::-1], np.asfortranarray(X), torch.from_numpy(X).requires_grad_()],
    ids=["big-endian", "backwards", "by columns", "with gradients"],
)
def test_arrays_in_forms_that_torch_or_a_classifier_does_not_read(source: np.ndarray | torch.Tensor) -> None:
    pool = Pool(source, classes=2)
    batch = pool.inputs.take(np.array([4, 0]))
    assert batch.tolist() == X[[4, 0]].tolist()
    assert not batch.requires_grad


def test_nan_in_a_data_set_is_found_when_it_is_read() -> None:
    pool = Pool([np.array([0.0]), np.array([np.nan])], classes=2)
    with pytest.raises(AutoALError, match="nan in row 1"):
        list(chunks(pool.inputs, 8))


@pytest.mark.parametrize(
    ("ids", "message"), [([99], "unknown 99"), ([1, 1], "repeated 1"), (["a"], "list of integers")]
)
def test_bad_ids_are_refused(ids: list[object], message: str) -> None:
    with pytest.raises(AutoALError, match=message):
        Pool(X, classes=2).rows(ids)  # type: ignore[arg-type]


def test_a_folder_of_images(tmp_path: Path) -> None:
    for name, size in (("cat/1.png", (5, 4)), ("cat/2.png", (9, 9)), ("dog/1.jpg", (5, 4)), ("unknown.png", (5, 4))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", size, (255, 0, 0)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not an image")
    pool = Pool.from_folder(tmp_path, size=(4, 5))
    assert pool.classes == ("cat", "dog")
    assert pool.labels.tolist() == [0, 0, 1, -1]
    batch = pool.inputs.take(np.arange(4))
    assert batch.shape == (4, 3, 4, 5)
    assert batch.dtype == torch.uint8
    assert isinstance(pool.inputs, SequenceInputs)
    assert pool.paths == tuple(tmp_path / name for name in ("cat/1.png", "cat/2.png", "dog/1.jpg", "unknown.png"))
    with pytest.warns(AutoALWarning, match="images in 'cat', 'dog' stay unlabelled: the classes are 'red', 'green'"):
        unlabelled = Pool.from_folder(tmp_path, classes=["red", "green"])
    assert unlabelled.labels.tolist() == [-1] * 4
    with pytest.raises(AutoALError, match=r"no folder .*nowhere"):
        Pool.from_folder(tmp_path / "nowhere")


def test_one_size_fits_both_sides_and_mixed_sizes_need_one(tmp_path: Path) -> None:
    for name, size in (("a/1.png", (5, 4)), ("b/2.png", (9, 9))):
        (tmp_path / name).parent.mkdir()
        Image.new("RGB", size).save(tmp_path / name)
    assert Pool.from_folder(tmp_path, size=7).inputs.take(np.arange(2)).shape == (2, 3, 7, 7)
    with pytest.raises(AutoALError, match=r"samples of one shape; got \(3, 4, 5\) and \(3, 9, 9\)"):
        Pool.from_folder(tmp_path).inputs.take(np.arange(2))
    for bad in ((-1, 3), 0, "32", 3.5, (3, 3, 3), ()):
        with pytest.raises(AutoALError, match="size="):
            Pool.from_folder(tmp_path, size=bad)  # type: ignore[arg-type]


def test_hidden_files_are_left_out_and_damaged_ones_named(tmp_path: Path) -> None:
    Image.new("RGB", (5, 4)).save(tmp_path / "good.png")
    (tmp_path / "._good.png").write_bytes(b"of a file system")
    assert len(Pool.from_folder(tmp_path, classes=2)) == 1
    (tmp_path / "half.png").write_bytes((tmp_path / "good.png").read_bytes()[:40])
    with pytest.raises(AutoALError, match=r"an image at .*half\.png.* teach\(\[1\], \[autoal\.OUTSIDE\]\)"):
        Pool.from_folder(tmp_path, classes=2).inputs.take(np.arange(2))


def test_damaged_files_are_found_by_their_ids(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    for name in ("0.png", "1.jpg", "2.bmp", "3.jpg", "4.png"):
        Image.fromarray(noise).save(tmp_path / name)
    pool = Pool.from_folder(tmp_path, classes=2)
    assert pool.damaged().tolist() == []
    (tmp_path / "1.jpg").write_bytes((tmp_path / "1.jpg").read_bytes()[:-100])  # its header is whole
    header = bytearray((tmp_path / "2.bmp").read_bytes())
    header[18:26] = b"\xff\xff\x01\x00" * 2  # 131071 pixels a side
    (tmp_path / "2.bmp").write_bytes(header)
    (tmp_path / "4.png").unlink()
    assert pool.damaged().tolist() == [1, 2, 4]
    assert Pool(X, classes=2).damaged().tolist() == []


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffa,b,species\n1,2.5, x\n3,4,y\n",
        "a;b;species\n1;2,5;x\n3;4;y \n",
        "a\tb\tspecies\n1\t2.5\tx\n3\t4\ty\n",
        "a,b,species\n1,2.5,x,\n3,4,y, ,\n",
    ],
)
def test_tables_of_spreadsheets(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    pool = Pool.from_csv(tmp_path / "t.csv", label="species")
    assert pool.classes == ("x", "y")
    assert pool.inputs.take(np.arange(2)).tolist() == [[1.0, 2.5], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (b"a,b,species\n1,2,x\n", {"label": "Species"}, "a column 'Species' in .*; got a, b, species"),
        (b"a,b\n1,2\n", {"id": "ID"}, "a column 'ID' in .*; got a, b"),
        (b"a,b\nx1,2\n", {"id": "a"}, "numbers in column 'a' of .*; got 'x1' in line 2.*integer ids, or no id="),
        (b"a,b\n1,2\n3\n", {}, "numbers in column 'b' of .*; got None in line 3.*fill the field, or drop the row"),
        (b"a,b\n1,2\n3, \n", {}, "got '' in line 3.*fill the field, or drop the row"),
        (b"a,b\n1,red\n", {}, "got 'red' in line 2.*encode text columns"),
        (b"a,b\n1,\xe4\n", {}, "text in UTF-8"),
        (b"a,b,label\n1,2,x\n1,5,2,y\n", {}, "3 fields in line 3 of .*; got 4. Try: quotes around"),
        (b"a,a,label\n1,2,x\n", {}, "different names in .*; got 'a' twice"),
    ],
)
def test_tables_that_are_not_what_was_said(
    tmp_path: Path, text: bytes, arguments: dict[str, str], message: str
) -> None:
    (tmp_path / "t.csv").write_bytes(text)
    with pytest.raises(AutoALError, match=message):
        Pool.from_csv(tmp_path / "t.csv", classes=2, **arguments)  # type: ignore[arg-type]


def test_classes_called_by_numbers_are_meant_by_them() -> None:
    pool = Pool(X, classes=["1", "2", "10"])
    assert pool.encode([1, 10, "2"]).tolist() == [0, 2, 1]
    assert Pool(X, ["a", "", "b", "", "", "a"]).labels.tolist() == [0, -1, 1, -1, -1, 0]
    with pytest.raises(AutoALError, match=r"got 'Cat'\. Try: 'cat'"):
        Pool(X, classes=["cat", "dog"]).encode(["Cat"])


@pytest.mark.parametrize(
    ("given", "hint"), [("photos", "from_folder"), (["a cat", "a dog"], "encoder"), (csr_array(X), "toarray")]
)
def test_what_is_no_samples_is_refused_at_once(given: object, hint: str) -> None:
    with pytest.raises(AutoALError, match=hint):
        Pool(given, classes=2)


HALF_THERE = [
    (np.ma.masked_less(X, 2), r"2 masked.*X\.filled"),
    (torch.from_numpy(X).to_sparse(), r"torch\.sparse_coo.*X\.to_dense"),
    (csr_array(X), r"sparse csr_array.*X\.toarray"),
]


@pytest.mark.parametrize(("given", "match"), HALF_THERE)
def test_arrays_that_are_sparse_or_masked_are_refused_with_what_to_call(given: object, match: str) -> None:
    with pytest.raises(AutoALError, match=match):
        Pool(given, classes=2)
    with pytest.raises(AutoALError, match=match):
        Pool(SequenceInputs([given] * 2), classes=2).inputs.take(np.arange(2))
    with pytest.raises(AutoALError, match=match):
        Snapshot.from_arrays(np.log(np.full((6, 2), 0.5)), given)
    with pytest.raises(AutoALError, match=match):
        Pool(X, ids=given, classes=2)  # type: ignore[arg-type]
    with pytest.raises(AutoALError, match=match):
        Snapshot.from_arrays(np.log(np.full((6, 2), 0.5)), X, X, given)


def test_a_mask_that_hides_nothing_is_no_matter() -> None:
    assert np.array_equal(Pool(np.ma.array(X), classes=2).inputs.take(np.arange(6)), X)


@pytest.mark.skipif(not STATUS.exists(), reason="this system does not tell")
def test_of_a_table_only_numbers_are_kept_while_it_is_read(tmp_path: Path) -> None:
    path, row = tmp_path / "table.csv", ",".join(["0.125"] * 50) + ",cat\n"
    path.write_text(",".join([*(f"f{i}" for i in range(50)), "label"]) + "\n" + 20_000 * row)
    with peak_memory() as memory:
        table = read_csv(path)
    assert table.X.shape == (20_000, 50)
    assert memory.mebibytes < 5 * table.X.nbytes / 2**20  # as text, it takes thirty times as much


def test_a_table(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("key,a,b,label\n11,1,2,yes\n12,3,4,\n13,5,6,no\n")
    pool = Pool.from_csv(path, id="key")
    assert pool.ids.tolist() == [11, 12, 13]
    assert pool.classes == ("no", "yes")
    assert pool.labels.tolist() == [1, -1, 0]
    assert pool.inputs.take(np.array([1])).tolist() == [[3.0, 4.0]]
    path.write_text("a,b\n1,two\n")
    with pytest.raises(AutoALError, match="numbers in column 'b'"):
        Pool.from_csv(path, classes=["x"])
    path.write_text("a,b\n")
    with pytest.raises(AutoALError, match="at least one row"):
        Pool.from_csv(path)


def hugging_face(columns: dict[str, list[object]], **features: object) -> object:
    """A data set made without hashing its rows, which needs nothing but the columns."""
    hf = pytest.importorskip("datasets", reason="the extra hf is not installed")
    described = hf.Features(features)
    table = importlib.import_module("pyarrow").table(columns, schema=described.arrow_schema)
    return hf.Dataset(hf.table.InMemoryTable(table), info=hf.DatasetInfo(features=described), fingerprint="test")


def test_a_hugging_face_data_set_of_images_or_numbers() -> None:
    hf = pytest.importorskip("datasets", reason="the extra hf is not installed")
    label = hf.ClassLabel(names=["cat", "dog"])
    columns = {"x": [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], "label": [0, 1, None], "key": [7, 8, 9]}
    numbers = hugging_face(columns, x=hf.Sequence(hf.Value("float32")), label=label, key=hf.Value("int64"))
    pool = Pool.from_hf(numbers, "x", id="key")
    assert pool.classes == ("cat", "dog")
    assert pool.ids.tolist() == [7, 8, 9]
    assert pool.labels.tolist() == [0, 1, -1]
    assert pool.inputs.take(np.array([2, 0])).tolist() == [[4.0, 5.0], [0.0, 1.0]]
    images = [hf.Image().encode_example(np.full((4, 6, 3), value, dtype=np.uint8)) for value in (10, 20)]
    pictures = hugging_face({"image": images, "label": [1, 0]}, image=hf.Image(), label=label)
    batch = Pool.from_hf(pictures, "image", size=(2, 3)).inputs.take(np.array([1]))
    assert batch.shape == (1, 3, 2, 3)
    assert batch.unique().tolist() == [20]
    with pytest.raises(AutoALError, match="a column 'pixels'"):
        Pool.from_hf(pictures, "pixels")
    undeclared = hugging_face(
        {"x": [[0.0], [1.0]], "label": ["cat", None]}, x=hf.Sequence(hf.Value("float32")), label=hf.Value("string")
    )
    assert Pool.from_hf(undeclared, "x", classes=["cat", "dog"]).classes == ("cat", "dog")


class Frame:
    """What a data frame of pandas or polars offers here."""

    def to_numpy(self) -> object:
        return X.astype(object)


@pytest.mark.parametrize("table", [X.tolist(), [tuple(row) for row in X], Frame()])
def test_a_table_is_read_as_one(table: object) -> None:
    pool = Pool(table, classes=np.int64(2))  # type: ignore[arg-type]
    assert pool.classes == (0, 1)
    assert pool.inputs.take(np.arange(6)).tolist() == X.tolist()


def test_a_table_of_texts_or_of_ragged_rows_is_refused() -> None:
    with pytest.raises(AutoALError, match="encode text columns"):
        Pool([[1.0, 2.0], [3.0]], classes=2)
    frame = Frame()
    frame.to_numpy = lambda: np.array([["red", 1.0]], dtype=object)  # type: ignore[method-assign]
    with pytest.raises(AutoALError, match="a table of numbers"):
        Pool(frame, classes=2)


def test_minus_one_is_no_label_and_no_class() -> None:
    pool = Pool(X[:4], np.array([0.0, 1.0, -1.0, -1.0]))  # as data frames give it
    assert pool.classes == (0.0, 1.0)
    assert pool.labels.tolist() == [0, 1, -1, -1]
    with pytest.raises(AutoALError, match="-1, which says that there is no label"):
        Pool(X[:2], [-1, 1], classes=[-1, 1])


def test_only_sub_folders_are_labels(tmp_path: Path) -> None:
    folder = tmp_path / "dog"
    for name in ("u.png", "cat/1.png", "dog/2.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(folder / name)
    pool = Pool.from_folder(folder)
    assert pool.classes == ("cat", "dog")
    assert pool.labels.tolist() == [0, 1, -1]


def test_samples_of_types_that_torch_does_not_mix() -> None:
    pool = Pool([np.array([0]), np.array([2**63], dtype=np.uint64)], classes=2)
    with pytest.raises(InputError, match=r"samples of one type of numbers; got 'torch.int64', 'torch.uint64'"):
        pool.subset([0, 1]).take(np.arange(2))


def test_complex_tensors_are_refused() -> None:
    with pytest.raises(InputError, match=r"real numbers; got one of torch.complex64"):
        Pool(torch.zeros(3, 2, dtype=torch.complex64), classes=2)
