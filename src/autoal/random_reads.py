"""Data sets whose samples read differently each time."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import torch

from autoal.errors import AutoALWarning
from autoal.inputs import Inputs, SequenceInputs
from autoal.sample_kinds import named_values_error

ROWS, READS = 4, 3  # samples that are read, and how often: a flip by chance is found in 255 of 256 data sets
LARGE = 2**22  # bytes of a sample of which only one is read, twice


def warn_of_random_reads(inputs: Inputs) -> None:
    """Warn if samples of a data set read differently each time, as with random augmentation.

    A few samples are read, a few times; what cannot be read is passed over here.

    Raises:
        InputError: the items are dictionaries.
    """
    if not isinstance(inputs, SequenceInputs) or inputs.load is not None or isinstance(inputs.items, list | tuple):
        return
    for row in np.unique(np.linspace(0, len(inputs) - 1, ROWS).astype(np.int64)):
        try:
            item = inputs.items[int(row)]
            reads = [] if isinstance(item, Mapping) else [inputs.take(np.array([row]))]
            large = bool(reads) and reads[0].nbytes > LARGE
            reads += [inputs.take(np.array([row])) for _ in range(1 if large else READS - 1) if reads]
        except Exception:  # whoever reads it later is told
            continue
        if isinstance(item, Mapping):
            raise named_values_error(item)
        differs = any(not _same(reads[0], other) for other in reads[1:])
        if differs:
            message = (
                f"sample {row} reads differently each time, so the same seed asks for others: give the pool samples "
                "without random augmentation, and the model TorchModel(..., augment=) for its training"
            )
            warnings.warn(message, AutoALWarning, stacklevel=3)
        if differs or large:
            return


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    same_shape = one.shape == other.shape and one.dtype == other.dtype
    return same_shape and bool(((one == other) | ((one != one) & (other != other))).all())
