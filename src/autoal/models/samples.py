"""The kinds of numbers that a network reads, by the type of its samples."""

from __future__ import annotations

import torch
from torch import Tensor

from autoal.errors import ModelError

BYTES, REALS, TOKENS = "bytes, which are scaled to [0, 1]", "real numbers", "whole numbers, which are tokens"
REMEDIES = {
    BYTES: "X.astype('uint8'), of numbers from 0 to 255",
    REALS: "X.astype('float32') for the same numbers, or that / 255 where the others are fractions of 255",
    TOKENS: "X.astype('int64')",
}


def as_float(batch: Tensor) -> Tensor:
    """Bytes scaled to [0, 1], other real numbers and yes or no as float32; other integers are tokens and stay."""
    if batch.dtype == torch.uint8:
        return batch.float() / 255
    return batch.float() if batch.is_floating_point() or batch.dtype == torch.bool else batch


def kind_of(batch: Tensor) -> str:
    """In words, what `as_float` takes the numbers of a batch for."""
    if batch.dtype == torch.uint8:
        return BYTES
    return REALS if batch.is_floating_point() or batch.dtype == torch.bool else TOKENS


def require_kind(batch: Tensor, kind: str) -> None:
    """Refuse a batch whose numbers mean something else than those that the model was trained on.

    Raises:
        ModelError: as of bytes for a model that was trained on the same values as floats.
    """
    found = kind_of(batch)
    if found != kind:
        name = str(batch.dtype).removeprefix("torch.")
        raise ModelError(f"samples of {kind}, like those of the training", f"{found}, of {name}", REMEDIES[kind])
