"""The pool: N samples with stable ids, held by reference, labels for some."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Iterable, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch

from autoal.arrays import IntArray, integers, require_distinct, some
from autoal.column_names import warn_of_labels, warn_of_no_features
from autoal.csv_file import LABEL, read_csv
from autoal.errors import AutoALError, AutoALWarning, InputError
from autoal.hf_inputs import HFInputs, hf_column, hf_labels, require_hf
from autoal.image_files import image_paths, load_image
from autoal.inputs import ArrayInputs, SequenceInputs, Subset, as_inputs, columns_of, readable, require_finite
from autoal.label_checks import require_no_values_as_text
from autoal.labels import OUTSIDE, UNKNOWN, Classes, is_missing, listed
from autoal.numeric import reads_as_number, whole
from autoal.paths import as_path
from autoal.progress import track
from autoal.random_reads import warn_of_random_reads
from autoal.sliced_inputs import SlicedInputs

__all__ = ["OUTSIDE", "UNKNOWN", "Pool"]


class Pool:
    """N samples with stable ids.

    Args:
        X: the samples, kept by reference: an array or memory map (N, ...), a tensor, an array on disk (h5py, zarr), a
            torch `Dataset` or any other object with `len` and an integer index whose items are samples (or begin with
            one). A data frame or an Arrow table (N, D) of numbers keeps the names of its columns.
        y: labels known from the start, (N,); `None`, -1 or NaN where there is none, `OUTSIDE` for none of the classes.
        ids: distinct integers (N,) that name the samples for good; default 0 .. N - 1.
        classes: the class names in order, or their number; default: the distinct labels of `y`, sorted.

    Raises:
        InputError: no sample, no feature, a wrong length, repeated ids, NaN or infinite features, fewer than two
            classes, more than 100,000, a label outside them, or measured values as labels.
    """

    def __init__(
        self,
        X: Any,
        y: Iterable[Any] | None = None,
        ids: npt.ArrayLike | None = None,
        classes: Sequence[Hashable] | int | None = None,
    ) -> None:
        _warn_of_other_index(X, y)
        self.inputs = self.given = as_inputs(X)  # of a pool of vectors that were made of others, these others
        self.paths: tuple[Path, ...] = ()  # the files that the samples are in, of a pool made of files
        self.folder: Path | None = None
        if len(self.inputs) == 0:
            raise InputError("a pool of at least one sample", "an empty one", "check where X was read from")
        if isinstance(self.inputs, ArrayInputs | SlicedInputs) and 0 in self.inputs.array.shape[1:]:
            got = f"samples of shape {tuple(self.inputs.array.shape[1:])}"
            raise InputError("a pool of samples with at least one feature", got, "check where X was read from")
        warn_of_random_reads(self.inputs)
        known = None if y is None else listed(y, "a list of labels, one a sample", "y=None if none is known")
        if known is not None and len(known) != len(self.inputs):
            raise InputError(f"{len(self.inputs)} labels, one a sample", f"{len(known)}", "y=None if none is known")
        self._classes = Classes(classes, known)
        self.classes: tuple[Hashable, ...] = self._classes.names
        self.ids = _checked_ids(ids, len(self.inputs))
        self._order = np.argsort(self.ids)  # rows by ascending ids, in which an id is soon found
        self.labels = self._initial_labels(known)
        if isinstance(self.inputs, ArrayInputs):
            _require_finite_array(self.inputs)
            if self.inputs.columns is not None:
                self._warn_of_columns(np.asarray(self.inputs.array), self.inputs.columns, getattr(y, "name", None))

    @classmethod
    def from_folder(
        cls,
        folder: str | Path,
        size: tuple[int, int] | int | None = None,
        classes: Sequence[str] | int | None = None,
    ) -> Self:
        """Every image below `folder`, in the order of their paths, as uint8 (3, height, width).

        An image that lies in a sub-folder named after a class has that label. Ids number the sorted relative paths;
        `paths[id]` is the file of an id. Hidden files are left out.

        Args:
            folder: where the images are.
            size: (height, width), or one number for both, that every image is resized to when it is read; needed where
                sizes differ.
            classes: the class names; default: the names of the sub-folders that hold images. What is in others stays
                unlabelled, with a warning.
        """
        folder = as_path(folder, "the path of a folder")
        paths, shape = image_paths(folder), _checked_size(size)
        folders = [path.parent.name if path.parent != folder else None for path in paths]
        known = Classes(classes, folders if classes is None else None)
        names = known.names if classes is None else classes
        others = sorted({name for name in folders if name is not None and known.find(name) is None})
        if others:
            message = f"the images in {some(others)} stay unlabelled: the classes are {some(known.names)}"
            warnings.warn(message, AutoALWarning, stacklevel=2)
        y = [None if name in others else name for name in folders]
        pool = cls(SequenceInputs(list(enumerate(paths)), partial(_numbered_image, size=shape)), y, classes=names)
        pool.paths, pool.folder = tuple(paths), folder
        return pool

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        label: str = LABEL,
        id: str | None = None,
        classes: Sequence[Hashable] | int | None = None,
    ) -> Self:
        """A table of numbers with a header line; features become float64 (N, D). See `read_csv`.

        Args:
            path: the file.
            label: the column of labels, empty where there is none (-1 is a name there, as of any class); the column
                `label` may be missing.
            id: the column of integer ids; default: the rows are numbered from 0.
            classes: the class names, or their number; default: the distinct labels of the file, sorted.
        """
        table = read_csv(path, label, id)
        if classes is None:
            require_no_values_as_text(table.labels or [])
        return cls(ArrayInputs(table.X, table.columns), table.labels, table.ids, classes)

    @classmethod
    def from_hf(
        cls,
        dataset: Any,
        features: str,
        label: str | None = LABEL,
        size: tuple[int, int] | int | None = None,
        id: str | None = None,
        classes: Sequence[Hashable] | int | None = None,
    ) -> Self:
        """A Hugging Face `datasets.Dataset`, read in batches; its format does not matter.

        Args:
            dataset: the data set.
            features: the column of samples: images, or lists of numbers, all of one shape; of the items as a transform
                of the data set makes them, if it has one.
            label: the column of labels, `None` or -1 where there is none; the column `label` may be missing. None: no
                sample has a label.
            size: (height, width), or one number for both, that every image is resized to when it is read; needed where
                sizes differ.
            id: the column of integer ids; default: the rows are numbered from 0.
            classes: the class names; default: those that the column of labels declares, or its distinct labels, sorted.
        """
        require_hf(dataset, features)
        y, names = hf_labels(dataset, label)
        samples = HFInputs(dataset, features, _checked_size(size))
        if id is not None and id not in dataset.column_names:
            raise InputError(f"a column {id!r}", some(dataset.column_names), "id= the column of ids")
        ids = None if id is None else hf_column(dataset, id)
        return cls(samples, y, ids, names if classes is None else classes)

    def __len__(self) -> int:
        return len(self.inputs)

    def __repr__(self) -> str:
        known = int((self.labels >= 0).sum())
        return f"Pool({len(self)} samples, {len(self.classes)} classes, {known} labelled from the start)"

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names (D,) of the features, of a pool made of a data frame or a table; else None."""
        return columns_of(self.inputs)

    def rows(self, ids: npt.ArrayLike) -> IntArray:
        """Positions (n,) of `ids` (n,) in this pool.

        Raises:
            InputError: an id is unknown or given twice.
        """
        wanted = integers(ids, "ids")
        places = np.searchsorted(self.ids, wanted, sorter=self._order).clip(max=len(self) - 1)
        found: IntArray = self._order[places]
        unknown = wanted[self.ids[found] != wanted]
        if len(unknown):
            raise InputError("ids of this pool", f"unknown {some(unknown.tolist())}", "ids that query() returned")
        require_distinct(wanted)
        return found

    def subset(self, ids: npt.ArrayLike) -> Subset:
        """The samples named by `ids`, by reference."""
        return Subset(self.inputs, self.rows(ids))

    def damaged(self) -> IntArray:
        """Ids (n,) of the samples that cannot be read or are not finite; each is read, as a query does.

        Answered with `OUTSIDE`, they stop no query any more.
        """
        rows = track(np.arange(len(self)), len(self), "reading samples", show=True)
        return self.ids[[int(row) for row in rows if not len(readable(self.inputs, np.array([row]))[0])]]

    def encoded(self, encoder: Callable[[torch.Tensor], torch.Tensor], chunk: int = 32) -> Self:
        """The same samples, each as the vector that `encoder` makes of it: same ids, labels, classes and files.

        Args:
            encoder: from a few samples (k, ...) to vectors (k, D), of a pretrained network for example; each sample is
                encoded once, now, and its vector is kept in memory. One that cannot be read counts as `OUTSIDE`.
            chunk: samples that are encoded at one time.

        Raises:
            InputError: no sample can be read, or the encoder raises an error or returns something else.
        """
        if not callable(encoder):
            raise InputError("an encoder, a function of a few samples", f"a {type(encoder).__name__}", "encoder=module")
        chunk = whole("chunk", chunk, 1)
        vectors, read = torch.empty(0, 0), np.zeros(len(self), dtype=bool)
        for start in track(range(0, len(self), chunk), -(-len(self) // chunk), "encoding", show=True):
            rows, samples = readable(self.inputs, np.arange(start, min(start + chunk, len(self))))
            if len(rows):
                made = _vectors(encoder, samples, vectors.shape[1])
                vectors = vectors if read.any() else torch.zeros(len(self), made.shape[1])
                vectors[torch.from_numpy(rows)], read[rows] = made, True
        return self._with_vectors(vectors, read)

    def _with_vectors(self, vectors: torch.Tensor, read: npt.NDArray[np.bool_]) -> Self:
        if not read.any():
            raise InputError("a sample that can be read", "none", "pool.inputs.take(np.arange(1)), which says why")
        other = copy(self)
        other.inputs, other.labels = ArrayInputs(vectors), np.where(read, self.labels, OUTSIDE)
        _require_finite_array(other.inputs)
        if not read.all():
            message = f"ids {some(self.ids[~read].tolist())} cannot be read, and are left out as autoal.OUTSIDE"
            warnings.warn(message, AutoALWarning, stacklevel=3)
        return other

    def encode(self, labels: Iterable[Any]) -> IntArray:
        """Class indices (n,) of `labels`: class names, or indices where no name is a number.

        `OUTSIDE` stays what it is.

        Raises:
            InputError: a label is not one of the classes.
        """
        plain = listed(labels, "a list of labels", '["cat"] for one label')
        return np.array(self._classes.indices(plain), dtype=np.int64)

    def _warn_of_columns(self, X: npt.NDArray[Any], columns: tuple[str, ...], name: Any) -> None:
        """Warn of columns that are likely no features; `name` is what the labels were called."""
        warn_of_no_features(X, columns)
        names: tuple[Any, ...] = self.classes
        numbers = [float(name) if reads_as_number(name) else index for index, name in enumerate(names)]
        by_name = np.array(numbers, dtype=np.float64)[self.labels.clip(0)]
        warn_of_labels(X, columns, np.stack([by_name, self.labels], axis=1), self.labels >= 0, name)

    def _initial_labels(self, known: list[Any] | None) -> IntArray:
        labels = np.full(len(self), UNKNOWN, dtype=np.int64)
        for row, label in enumerate(known or []):
            if not is_missing(label):
                labels[row] = self._classes.index(label)
        return labels


def _warn_of_other_index(X: Any, y: Any) -> None:
    """Warn where samples and labels of pandas would not be paired by their index as they are by position."""
    if hasattr(X, "iloc") and hasattr(y, "iloc") and len(X) == len(y) and not X.index.equals(y.index):
        message = "X and y have different indexes, and are paired by position: y.loc[X.index] pairs them by index"
        warnings.warn(message, AutoALWarning, stacklevel=3)


def _vectors(encoder: Callable[[torch.Tensor], Any], samples: torch.Tensor, width: int) -> torch.Tensor:
    """Vectors (n, D) that an encoder makes of n samples; D is `width`, unless that is 0."""
    n = len(samples)
    try:
        encoded = encoder(samples)
    except (AutoALError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # whatever a function of the user's raises
        hint = "encoder(pool.inputs.take(numpy.arange(2))), to see where it fails; images are bytes, x / 255 are floats"
        got = f"{type(error).__name__}: {error}"
        raise InputError(f"an encoder that works for {tuple(samples.shape)}", got, hint) from error
    shape = tuple(getattr(encoded, "shape", ()))
    if not isinstance(encoded, torch.Tensor) or len(shape) != 2 or shape[0] != n or (width and shape[1] != width):
        got = f"{type(encoded).__name__} of shape {shape}"
        raise InputError(f"an encoder that returns a tensor ({n}, {width or 'D'}) for {n} samples", got, "x.flatten(1)")
    return encoded.detach().float().cpu()


def _numbered_image(item: tuple[int, Path], size: tuple[int, int] | None) -> torch.Tensor:
    """The image of an id; if it is damaged, the error says how to go on without it."""
    id_, path = item
    without = f"teach([{id_}], [autoal.OUTSIDE]) if it is in the pool that you label, to go on without it"
    return load_image(path, size, f"repair or replace the file; {without}; pool.damaged() finds every such file")


def _checked_ids(ids: npt.ArrayLike | None, n: int) -> IntArray:
    if ids is None:
        return np.arange(n, dtype=np.int64)
    checked = integers(ids, "ids")
    if len(checked) != n:
        raise InputError(f"{n} ids, one a sample", f"{len(checked)}", "ids=None to number the samples from 0")
    require_distinct(checked)
    return checked


def _require_finite_array(inputs: ArrayInputs, size: int = 8192) -> None:
    if inputs.array.dtype in (np.uint8, torch.uint8):
        return
    for start in range(0, len(inputs), size):
        rows = np.arange(start, min(start + size, len(inputs)))
        require_finite(inputs.take(rows), rows)


def _checked_size(size: tuple[int, int] | int | None) -> tuple[int, int] | None:
    """(height, width)"""
    if size is None:
        return None
    sides = integers(size, "size=(height, width)", "size=(64, 64)")
    if len(sides) not in (1, 2) or sides.min() < 1:
        raise InputError("size=(height, width) in pixels", f"{size}", "size=(64, 64)")
    return int(sides[0]), int(sides[-1])
