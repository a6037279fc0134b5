"""Objects that hold samples: how they are read, and which call reads those that are refused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets as hf
import h5py
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from autoal import ActiveLearner, AutoALError, AutoALWarning, Pool
from autoal.arrays import IntArray
from autoal.inputs import chunks
from autoal.sliced_inputs import SlicedInputs

X = np.random.default_rng(0).normal(size=(40, 3))
SET = hf.Dataset.from_dict({"x": X.tolist(), "label": [0, 1] * 20})


class Stream(IterableDataset[int]):
    def __iter__(self) -> Iterator[int]:
        return iter([1, 2])


class Dictionaries(Dataset[Any]):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"image": torch.zeros(2), "label": index}


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (SET, r"Pool\.from_hf\(dataset, features="),
        (SET.with_format("torch"), r"Pool\.from_hf\(dataset, features="),
        (SET.to_iterable_dataset(), r"Pool\.from_hf.*without streaming=True"),
        (hf.DatasetDict(train=SET), r"Pool\.from_hf.*one part"),
        (Stream(), r"Pool\(list\(dataset\)\)"),
        (DataLoader(TensorDataset(torch.eye(3))), r"Pool\(loader\.dataset\)"),
        ((row for row in X), r"Pool\(list\(X\)\)"),
        (iter(X), r"Pool\(list\(X\)\)"),
        ({"a": [1.0, 2.0], "b": [3.0, 4.0]}, r"Pool\(X\['a'\]\), or pandas\.DataFrame\(X\)"),
        ([{"a": 1.0}, {"a": 2.0}], r"pandas\.DataFrame\(X\)"),
        (Dictionaries(), r"a dictionary of 'image', 'label'\. Try: .*item\['image'\]"),
        (pl.DataFrame({"a": [1.0]}).lazy(), r"X\.collect\(\)"),
        ({1.0, 2.0}, r"list\(X\)"),
        (b"photos", r"Pool\.from_folder"),
        (pd.DataFrame, "an object of that class"),
        (Pool(X, classes=2), r"pool\.inputs"),
    ],
)
def test_other_kinds_are_refused_with_the_right_call(given: object, hint: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AutoALError, match=hint):
            Pool(given, classes=2)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (SET.to_iterable_dataset(), "without streaming=True"),
        (hf.DatasetDict(train=SET), r"dataset\['train'\]"),
        ("mnist", "load_dataset"),
        (X, r"Pool\(X\)"),
        (SET.rename_column("label", "Label"), "label='Label'"),
        (SET.rename_column("x", "z"), "features= the column"),
    ],
)
def test_from_hf_refuses_other_kinds_in_words(given: object, hint: str) -> None:
    with pytest.raises(AutoALError, match=hint):
        Pool.from_hf(given, "x")


def test_arrow_readers_are_read_by_rows() -> None:
    table = pa.table({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    pool = Pool(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()), classes=2)
    assert pool.columns == ("a", "b")
    assert pool.inputs.take(np.arange(2)).tolist() == [[1, 3], [2, 4]]


class Counted:
    """An h5py data set that counts how often it is read."""

    def __init__(self, array: Any) -> None:
        self.array, self.reads, self.rows = array, 0, 0
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, rows: slice) -> Any:
        self.reads += 1
        self.rows += rows.stop - rows.start
        return self.array[rows]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[h5py.File]:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = X
        yield file


def test_arrays_on_disk_are_read_by_slices(file: h5py.File) -> None:
    counted = Counted(file["x"])
    pool = Pool(counted, classes=2)
    assert isinstance(pool.inputs, SlicedInputs)
    assert torch.equal(torch.cat([batch for _, batch in chunks(pool.inputs, 10)]), torch.from_numpy(X))
    assert counted.reads == 4
    rows = np.array([7, 3, 3, 4, 30, 38, 1])
    counted.reads = counted.rows = 0
    assert pool.inputs.take(rows).tolist() == X[rows].tolist()
    assert (counted.reads, counted.rows) == (3, 7 + 1 + 1)
    assert pool.inputs.take(np.empty(0, dtype=np.int64)).shape == (0, 3)


def test_faults_of_arrays_on_disk_are_said_in_words(file: h5py.File) -> None:
    file["text"], file["one"], file["dates"] = ["a", "b"], 5.0, np.zeros(3, dtype="V8")
    for name, message in (("text", "numbers of at most 64 bits"), ("dates", "numbers of at most 64 bits")):
        with pytest.raises(AutoALError, match=message):
            Pool(file[name], classes=2)
    with pytest.raises(AutoALError, match=r"Pool\(X\['dates'\]\)"):
        Pool(file, classes=2)
    with pytest.raises(AutoALError, match="a Dataset of one value"):
        Pool(file["one"], classes=2)
    pool = Pool(file["x"], classes=2)
    file.close()
    with pytest.raises(AutoALError, match=r"rows 0 to 1 of the Dataset.*keep its file open"):
        pool.inputs.take(np.arange(2))


FORMATS = [None, "numpy", "torch", "pandas", "arrow", "polars"]
NAMES = [["cat", "dog", "cow"], ["7", "10", "-1"], ["2", "1", "0"], ["NA", "0.5", "None"]]


@pytest.mark.parametrize("kind", FORMATS)
def test_samples_and_labels_are_the_same_in_every_format(kind: str | None) -> None:
    for names in NAMES:
        features = hf.Features(x=hf.List(hf.Value("float64")), label=hf.ClassLabel(names=names), key=hf.Value("int64"))
        made = hf.Dataset.from_dict({"x": X[:4].tolist(), "label": [2, 0, None, 1], "key": [5, 6, 7, 8]}, features)
        pool = Pool.from_hf(made.with_format(kind), "x", id="key")
        assert pool.classes == tuple(names)
        assert pool.labels.tolist() == [2, 0, -1, 1]
        assert pool.ids.tolist() == [5, 6, 7, 8]
        assert pool.inputs.take(np.array([3, 0])).tolist() == X[[3, 0]].tolist()
        assert pool.inputs.take(np.array([1, 2])).tolist() == X[[1, 2]].tolist()


@pytest.mark.parametrize("labels", [["u", None, "v"], [3, None, 5], [True, None, False]])
def test_labels_without_declared_names(labels: list[object]) -> None:
    for kind in FORMATS:
        pool = Pool.from_hf(hf.Dataset.from_dict({"x": X[:3].tolist(), "label": labels}).with_format(kind), "x")
        assert pool.classes == tuple(sorted([labels[0], labels[2]]))  # type: ignore[type-var]
        assert (pool.labels == -1).tolist() == [False, True, False]


def test_stored_shapes_types_and_images_of_every_format() -> None:
    square = X[:36].reshape(4, 3, 9)[:, :, :3]
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    columns = {"square": square, "byte": [[1, 2]] * 4, "one": [1.7e9 + i for i in range(4)], "image": [image] * 4}
    types: dict[str, Any] = {"square": hf.Array2D((3, 3), "float64"), "byte": hf.List(hf.Value("uint8"), length=2)}
    made = hf.Dataset.from_dict(columns, hf.Features(**types, one=hf.Value("float64"), image=hf.Image()))
    for kind in FORMATS:
        pools = {name: Pool.from_hf(made.with_format(kind), name, classes=2) for name in columns}
        read = {name: pool.inputs.take(np.array([2, 0])) for name, pool in pools.items()}
        assert read["square"].tolist() == square[[2, 0]].tolist()
        assert read["byte"].tolist() == [[1, 2]] * 2
        assert read["byte"].dtype == torch.uint8
        assert read["one"].tolist() == [1.7e9 + 2, 1.7e9]
        assert read["image"].tolist() == [image.transpose(2, 0, 1).tolist()] * 2


def test_transforms_are_kept_and_ragged_rows_refused() -> None:
    doubled = SET.with_transform(lambda batch: {name: [np.multiply(v, 2) for v in batch[name]] for name in batch})
    pool = Pool.from_hf(doubled, "x")
    assert np.allclose(pool.inputs.take(np.array([4, 2])), 2 * X[[4, 2]])
    assert pool.labels.tolist() == [0, 1] * 20
    ragged = Pool.from_hf(hf.Dataset.from_dict({"x": [[1.0], [1.0, 2.0], None, ["a"]][:3]}), "x", classes=2)
    with pytest.raises(AutoALError, match="samples of one shape"):
        ragged.inputs.take(np.array([0, 1]))
    with pytest.raises(AutoALError, match=r"numbers of at most 64 bits; got an array of object"):
        ragged.inputs.take(np.array([2]))
    with pytest.raises(AutoALError, match="texts encoded"):
        Pool.from_hf(hf.Dataset.from_dict({"x": ["a", "b"]}), "x", classes=2).inputs.take(np.arange(2))


class Reads(Dataset[Any]):
    """Samples that differ by chance, or not; what is read is counted."""

    def __init__(self, spread: float, size: int = 4) -> None:
        self.spread, self.size, self.read = spread, size, list[int]()

    def __len__(self) -> int:
        return 50

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        self.read.append(index)
        return torch.full((self.size,), float(index)) + self.spread * torch.randn(1), index % 2


def test_samples_that_read_differently_each_time_are_said_aloud() -> None:
    for data in (Reads(0.1), torch.utils.data.Subset(Reads(0.1), range(50))):
        with pytest.warns(AutoALWarning, match=r"reads differently each time.*TorchModel\(\.\.\., augment=\)") as said:
            Pool(data, classes=2)
        assert len(said) == 1


def test_samples_of_a_transform_or_of_inputs_may_read_differently_too() -> None:
    def transform(batch: dict[str, Any]) -> dict[str, Any]:
        return {"moved": [torch.tensor(x) + torch.rand(2) for x in batch["x"]]}

    data = hf.Dataset.from_dict({"x": [[1.0, 2.0], [3.0, 4.0]], "label": ["a", "b"]}).with_transform(transform)
    with pytest.warns(AutoALWarning, match="reads differently"):
        pool = Pool.from_hf(data, "moved")
    assert pool.inputs.take(np.arange(2)).shape == (2, 2)
    with pytest.raises(AutoALError, match="got 'moved'"):
        Pool.from_hf(data, "x")
    with pytest.raises(AutoALError, match=r"a transform that works for an item.*KeyError"):
        Pool.from_hf(data.with_transform(lambda batch: batch["none"]), "x")

    class Noisy:
        def __len__(self) -> int:
            return 9

        def take(self, rows: IntArray) -> torch.Tensor:
            return torch.rand(len(rows), 2)

    with pytest.warns(AutoALWarning, match="reads differently"):
        Pool(Noisy(), classes=2)


def test_predict_warns_of_random_reads_as_a_pool_does() -> None:
    learner = ActiveLearner(Pool(np.eye(4), [0, 1, 0, 1]), LogisticRegression(), "margin")
    with pytest.warns(AutoALWarning, match="reads differently") as said:
        learner.predict(Reads(0.1))
    assert len(said) == 1
    with pytest.raises(AutoALError, match=r"X\[None\] of a single sample"):
        learner.predict(np.ones(4))


def test_a_column_of_labels_that_was_named_must_be_there() -> None:
    data = hf.Dataset.from_dict({"x": [[1.0], [2.0]], "labels": ["a", "b"]})
    with pytest.raises(AutoALError, match=r"a column 'lable'.*'labels'"):
        Pool.from_hf(data, "x", label="lable", classes=2)
    with pytest.warns(AutoALWarning, match="label='labels' reads that one"):
        Pool.from_hf(data, "x", classes=2)
    assert Pool.from_hf(data, "x", label=None, classes=2).labels.tolist() == [-1, -1]


def test_few_samples_are_read_for_it_and_large_ones_once_more() -> None:
    small, large = Reads(0), Reads(0, size=2**21)
    Pool(small, classes=2)
    assert len(small.read) <= 16
    Pool(large, classes=2)
    assert len(large.read) <= 3


def test_a_flip_by_chance_is_found() -> None:
    class Flips(Reads):
        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            x = torch.arange(4.0)
            return (x.flip(0) if torch.rand(1) < 0.5 else x), 0

    torch.manual_seed(0)
    with pytest.warns(AutoALWarning, match="reads differently"):
        Pool(Flips(0), classes=2)


def test_what_cannot_be_read_is_left_for_the_query() -> None:
    class Damaged(Reads):
        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            raise OSError("gone")

    pool = Pool(Damaged(0), classes=2)
    with pytest.raises(AutoALError, match="OSError: gone"):
        pool.inputs.take(np.arange(1))


def test_frames_are_no_mappings() -> None:
    rows: IntArray = np.arange(1)
    assert Pool(pd.DataFrame({"a": [1.0], "b": [2.0]}), classes=2).inputs.take(rows).tolist() == [[1, 2]]
