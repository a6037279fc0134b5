"""Data sets of Hugging Face: samples of a column in batches, and labels that are the same in every format."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from autoal.arrays import IntArray, some, to_tensor
from autoal.column_names import LIKE_LABELS
from autoal.csv_file import LABEL
from autoal.errors import AutoALWarning, InputError
from autoal.image_files import image_tensor
from autoal.inputs import SequenceInputs, stacked
from autoal.sample_kinds import hf_kind


class HFInputs:
    """Samples in a column of a data set: numbers as they are stored, images as they are decoded.

    The format of the data set does not matter, but for a transform of the user's, whose samples these are.

    Args:
        dataset: the data set.
        column: the column of samples.
        size: (height, width) that every image is resized to.
    """

    def __init__(self, dataset: Any, column: str, size: tuple[int, int] | None) -> None:
        transformed = is_transformed(dataset)
        self.column, self.size = column, size
        self.dataset = dataset if transformed else dataset.with_format(None)
        self.transformed = transformed
        decoded = not transformed and hasattr(dataset.features[column], "decode_example")  # as an image is
        self._stored = None if transformed or decoded else dataset.with_format("arrow", columns=[column])
        self._one_by_one = SequenceInputs(self.dataset, lambda row: self._tensor(row[column]))

    def __len__(self) -> int:
        return len(self.dataset)

    def take(self, rows: IntArray) -> Tensor:
        """The samples at `rows`, stacked.

        Raises:
            InputError: one cannot be read, or has another shape.
        """
        if not len(rows):
            return self._one_by_one.take(rows)
        ends = int(rows[0]), int(rows[-1]) + 1
        wanted = slice(*ends) if np.array_equal(rows, np.arange(*ends)) else rows.tolist()
        if self._stored is not None:
            array = _stored_numbers(self._stored[wanted].column(self.column))
            if array is not None:
                return to_tensor(array)
        try:
            batch = self.dataset[wanted][self.column]
        except MemoryError:
            raise
        except Exception:  # of one of them: it is named where they are read one by one
            return self._one_by_one.take(rows)
        return stacked([self._tensor(sample) for sample in batch])

    def _tensor(self, sample: Any) -> Tensor:
        return image_tensor(sample, self.size) if hasattr(sample, "convert") else to_tensor(sample)


def require_hf(dataset: Any, features: str) -> None:
    """Refuse what is no data set of Hugging Face with a length, or has no column of samples.

    Raises:
        InputError: it is another thing; the hint is how to make a data set of it.
    """
    kind = hf_kind(dataset)
    if kind != "Dataset":
        hints = {
            "IterableDataset": "datasets.Dataset.from_list(list(dataset.take(10_000))), or load without streaming=True",
            "DatasetDict": "one of its parts, such as dataset['train']",
            "IterableDatasetDict": "one of its parts, loaded without streaming=True",
        }
        hint = "datasets.load_dataset(PATH, split='train')" if isinstance(dataset, str) else "Pool(X) for other samples"
        raise InputError("a datasets.Dataset", f"a {type(dataset).__name__}", hints.get(kind or "", hint))
    columns = _given_columns(dataset)
    if not isinstance(features, str) or features not in columns:
        raise InputError(f"a column {features!r}", some(columns), "features= the column of samples")


def is_transformed(dataset: Any) -> bool:
    """Tell whether a transform of the user's makes the items."""
    return bool(dataset.format["type"] == "custom")


def _given_columns(dataset: Any) -> list[str]:
    """Return the columns of the items: those that are stored, or those that a transform gives."""
    if not is_transformed(dataset) or not len(dataset):
        return list(dataset.column_names)
    try:
        return list(dataset[0])
    except MemoryError:
        raise
    except Exception as error:  # whatever the transform raises
        got, hint = f"{type(error).__name__}: {error}", "dataset[0] on its own, to see where it fails"
        raise InputError("a transform that works for an item", got, hint) from error


def hf_labels(dataset: Any, label: str | None) -> tuple[list[Any] | None, list[str] | None]:
    """Return the labels of a column, by the names that it declares, and these names; None where there are none.

    Raises:
        InputError: a label is none of the declared ones, or the column was named and is missing.
    """
    if label is None:
        return None, None
    if label not in dataset.column_names:
        require_optional(label, dataset.column_names)
        return None, None
    values, names = hf_column(dataset, label), getattr(dataset.features[label], "names", None)
    if names is None:
        return values, None
    if beyond := [value for value in values if isinstance(value, int) and value >= len(names)]:
        raise InputError(f"labels of column {label!r} below {len(names)}", f"{beyond[0]}", "the features of the data")
    return [names[value] if isinstance(value, int) and value >= 0 else value for value in values], list(names)


def require_optional(label: Any, columns: list[str]) -> None:
    """Refuse a missing column of labels that was named, or is there in another case; warn of one that looks like it.

    Raises:
        InputError: the name is no text, or was given and is none of the columns.
    """
    near = next((name for name in columns if name.strip().lower() == str(label).strip().lower()), None)
    if label != LABEL or near is not None:
        hint = "label= the column of labels" if near is None else f"label={near!r}"
        raise InputError(f"a column {label!r}", some(columns), hint)
    like = [name for name in columns if name.strip().lower() in LIKE_LABELS]
    if like:
        message = f"no sample has a label, as there is no column {label!r}: label={like[0]!r} reads that one"
        warnings.warn(message, AutoALWarning, stacklevel=4)


def hf_column(dataset: Any, column: str) -> list[Any]:
    """The plain values of a column, whatever the format of the data set."""
    return list(dataset.with_format(None)[column])


def _stored_numbers(column: Any) -> npt.NDArray[Any] | None:
    """A column of Arrow, of numbers or lists of equal length, as an array (n, ...); None of any other."""
    import pyarrow as pa

    array = column.combine_chunks()
    array = getattr(array, "storage", array)  # of an array with a declared shape
    shape = [len(array)]
    while pa.types.is_list(array.type) or pa.types.is_large_list(array.type) or pa.types.is_fixed_size_list(array.type):
        width = _width(array)
        if width is None:
            return None
        shape.append(width)
        array = array.flatten()
    numeric = any(is_kind(array.type) for is_kind in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean))
    if not numeric or array.null_count:
        return None
    values: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values.reshape(shape)


def _width(array: Any) -> int | None:
    """The length of all lists in an Arrow array, if they have one."""
    if array.null_count or not len(array):
        return None
    if hasattr(array.type, "list_size"):
        return int(array.type.list_size)
    widths = np.diff(array.offsets.to_numpy())
    return int(widths[0]) if (widths == widths[0]).all() else None
