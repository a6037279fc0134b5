"""The sample of each item of a list or a data set, by the arrays that the items were made of."""

from __future__ import annotations

from collections import UserList
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from autoal import Pool
from autoal.errors import InputError

X = np.arange(12.0).reshape(3, 4)
IMAGES = np.arange(48.0).reshape(3, 4, 4)


class Items(Dataset[Any]):
    """A data set whose items a function makes."""

    def __init__(self, item: Callable[[int], Any]) -> None:
        self.item = item

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, index: int) -> Any:
        return self.item(index)


def read(samples: Any) -> Any:
    return Pool(samples, classes=2).inputs.take(np.arange(3)).numpy()


@pytest.mark.parametrize("wrap", [list, UserList, lambda rows: Items(lambda i: rows[i])], ids=["list", "other", "set"])
@pytest.mark.parametrize("array", [X, IMAGES], ids=["rows", "images"])
def test_lists_of_numbers_are_whole_samples(wrap: Callable[[Any], Any], array: Any) -> None:
    assert np.array_equal(read(wrap(array.tolist())), array)


@pytest.mark.parametrize("pair", [lambda i: (X[i], i), lambda i: [X[i], i], lambda i: (X[i].tolist(), i)])
def test_a_label_behind_the_sample_is_left_out(pair: Callable[[int], Any]) -> None:
    assert np.array_equal(read(Items(pair)), X)
    assert np.array_equal(read([pair(i) for i in range(3)]), X)


def test_lists_with_a_label_behind_a_list_are_pairs() -> None:
    assert np.array_equal(read([[row.tolist(), 1] for row in X]), X)
    assert np.array_equal(read([[row.tolist(), [0, 1]] for row in X]), X)


def test_rows_of_single_tensors_are_rows_of_a_table() -> None:
    assert np.array_equal(read([list(torch.tensor(row)) for row in X]), X)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([1.0, 2.0, "red"], "'red'"),
        ((1.0, 2.0, "red"), "'red'"),
        ([1.0, date(2020, 1, 1)], "dates"),
        ([1, None], "nan"),
    ],
)
def test_rows_with_something_else_behind_a_number_are_refused(row: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Pool([row] * 3, classes=2)


def test_tuples_of_numbers_in_a_data_set_are_refused() -> None:
    with pytest.raises(InputError, match="tuple of 4 numbers"):
        read(Items(lambda i: tuple(X[i].tolist())))


def test_columns_of_hugging_face_are_whole_samples() -> None:
    datasets = pytest.importorskip("datasets")
    assert np.array_equal(read(datasets.Dataset.from_dict({"x": X.tolist()})["x"]), X)


def test_bytes_are_not_mixed_with_other_numbers() -> None:
    with pytest.raises(InputError, match="one type of numbers"):
        read(Items(lambda i: np.full(4, 200, np.uint8 if i else np.float32)))


def test_arrays_of_arrays_and_nested_tensors_are_refused_with_the_way_to_stack_them() -> None:
    objects = np.empty(3, dtype=object)
    objects[:] = list(X)
    with pytest.raises(InputError, match=r"numpy\.stack"):
        Pool(objects, classes=2)
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)
    with pytest.raises(InputError, match="nested"):
        Pool(nested, classes=2)
    with pytest.raises(InputError, match="dates"):
        Pool(np.array([[date(2020, 1, 1)]] * 3, dtype=object), classes=2)
