"""Objects that hold samples, but are not read as such: each is refused with the call that reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader, IterableDataset

from autoal.arrays import some
from autoal.errors import InputError

SAMPLES = "an array, a tensor, a list or a torch Dataset with a length"
HF_KINDS = {
    f"datasets.{module}.{kind}": kind
    for module, kind in (
        ("arrow_dataset", "Dataset"),
        ("iterable_dataset", "IterableDataset"),
        ("dataset_dict", "DatasetDict"),
        ("dataset_dict", "IterableDatasetDict"),
    )
}


def hf_kind(X: Any) -> str | None:
    """Return the class of the library `datasets` that X is of, or None."""
    names = (f"{base.__module__}.{base.__name__}" for base in type(X).__mro__)
    return next((HF_KINDS[name] for name in names if name in HF_KINDS), None)


def refuse_other_kinds(X: Any) -> None:
    """Refuse texts, data sets of Hugging Face, streams, mappings and what has no length.

    Raises:
        InputError: X is one of these.
    """
    if isinstance(X, str | bytes | bytearray | Path):
        raise InputError("samples", f"the text {str(X)!r}", "Pool.from_folder or Pool.from_csv for what is in files")
    if isinstance(X, list | tuple) and X and isinstance(X[0], str):
        hint = "embeddings of them by an encoder, or Pool.from_folder for files"
        raise InputError("samples that are numbers", "texts", hint)
    if isinstance(X, list | tuple) and X and isinstance(X[0], Mapping):
        raise named_values_error(X[0], "pandas.DataFrame(X), or a list of the samples alone")
    way = "an object of that class" if isinstance(X, type) else _way(X)
    if way is not None:
        raise InputError(SAMPLES, f"an object of type {type(X).__name__}", way)


def named_values_error(item: Mapping[Any, Any], hint: str = "") -> InputError:
    """The error for an item that is a dictionary and no sample."""
    hint = hint or f"a Dataset whose items are samples, or (sample, label): item[{next(iter(item), 'x')!r}]"
    return InputError("samples that are arrays", f"a dictionary of {some(item)}", hint)


def _way(X: Any) -> str | None:
    if kind := hf_kind(X):
        part = "" if kind == "Dataset" else ", of one part of it that was loaded without streaming=True"
        return f"Pool.from_hf(dataset, features='the column of samples'){part}"
    if hasattr(X, "inputs") and hasattr(X, "subset"):  # a pool, whose module needs this one
        return "the pool as it is, or pool.inputs for another one"
    if isinstance(X, DataLoader):
        return "Pool(loader.dataset)"
    if isinstance(X, IterableDataset):
        return "Pool(list(dataset)), since a query reads any sample by its index"
    if hasattr(X, "collect") and hasattr(X, "collect_schema"):
        return "Pool(X.collect())"
    if isinstance(X, Mapping) or callable(getattr(X, "keys", None)):
        names = list(X.keys())
        return (
            f"Pool(X[{names[0]!r}]), or pandas.DataFrame(X) if these are columns" if names else "one that holds arrays"
        )
    if isinstance(X, Iterable) and not (hasattr(X, "__len__") and hasattr(X, "__getitem__")) and not hasattr(X, "take"):
        return "Pool(list(X)), since a query reads any sample by its index"
    return None
