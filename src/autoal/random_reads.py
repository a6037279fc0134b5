"""Data sets whose samples read differently each time."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import torch

from autoal.errors import AutoALWarning
from autoal.hf_inputs import HFInputs
from autoal.inputs import ArrayInputs, Inputs, Reordered, SequenceInputs, Subset
from autoal.sample_kinds import named_values_error
from autoal.sliced_inputs import SlicedInputs

ROWS, READS = 4, 3  # samples that are read, and how often: a flip by chance is found in 255 of 256 data sets
LARGE = 2**22  # bytes of a sample of which only one is read, twice


def warn_of_random_reads(inputs: Inputs) -> None:
    """Warn if samples of a data set read differently each time, as with random augmentation.

    A few samples are read, a few times; what cannot be read is passed over here.

    Raises:
        InputError: the items are dictionaries.
    """
    if not _may_be_random(inputs):
        return
    for row in np.unique(np.linspace(0, len(inputs) - 1, ROWS).astype(np.int64)):
        rows = np.array([row])
        try:
            item = inputs.items[int(row)] if isinstance(inputs, SequenceInputs) else None
            reads = [] if isinstance(item, Mapping) else [inputs.take(rows).clone()]
            large = bool(reads) and reads[0].nbytes > LARGE
            reads += [inputs.take(rows).clone() for _ in range(1 if large else READS - 1) if reads]
        except Exception:  # the query that reads it raises the error
            continue
        if isinstance(item, Mapping):
            raise named_values_error(item)
        differs = any(not _same(reads[0], other) for other in reads[1:])
        if differs:
            message = (
                f"sample {row} reads differently each time, so the same seed gives other results: give samples "
                "without random augmentation, and the model TorchModel(..., augment=) for its training"
            )
            warnings.warn(message, AutoALWarning, stacklevel=3)
        if differs or large:
            return


def _may_be_random(inputs: Inputs) -> bool:
    """Tell whether the user's code makes the samples; those of arrays, lists and files never change."""
    if isinstance(inputs, ArrayInputs | SlicedInputs | Subset | Reordered):
        return False
    if isinstance(inputs, SequenceInputs):
        return inputs.load is None and not isinstance(inputs.items, list | tuple)
    return inputs.transformed if isinstance(inputs, HFInputs) else True


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    same_shape = one.shape == other.shape and one.dtype == other.dtype
    return same_shape and bool(((one == other) | ((one != one) & (other != other))).all())
