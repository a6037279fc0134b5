"""Errors that a user's module raises, with a way out that fits the cause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from autoal.errors import AutoALError, ModelError

NO_FAULT = (AutoALError, MemoryError, torch.OutOfMemoryError, Warning)  # of the module
TYPES = r"dtype|scalar type|input type|implemented for|tensors? for argument|floating.point"
CAUSES = (  # the first that an error speaks of
    (r"same device|on device|on cuda|cuda:\d", "tensors that forward makes on x.device, all others by register_buffer"),
    (r"sparse gradient", "nn.Embedding(..., sparse=False): the optimiser takes no sparse gradients"),
    (r"allocate memory|out of memory", "a smaller chunk= of the learner, or batch_size="),
    (
        r"more than 1 value per channel",
        "BatchNorm with running statistics, LayerNorm or GroupNorm: one sample may come",
    ),
    (r"in-?place", "no operation in place, as x += 1 or ReLU(inplace=True), on what a gradient needs"),
    (r"meta tensor", "a module whose weights are there, on a device that computes"),
    (r"not require grad|no grad_fn", "forward without detach() and torch.no_grad() around what is trained"),
)
SHAPES = r"shape|size|dimension|channels|expected \d+D|multiplied"


@contextmanager
def reading(batch: Tensor) -> Iterator[None]:
    """An error of a module that reads a prepared batch, which it may not be made for, as a `ModelError`."""
    kind = str(batch.dtype).removeprefix("torch.")
    with _said(f"a module that reads samples of shape {tuple(batch.shape[1:])}, torch.{kind}", batch):
        yield


@contextmanager
def working(what: str, batch: Tensor | None = None, hint: str = "") -> Iterator[None]:
    """Any other error of a module as a `ModelError` that says what should have worked.

    Args:
        what: should have worked.
        batch: what the module reads.
        hint: the way out; default: by the cause.
    """
    with _said(what, batch, hint):
        yield


@contextmanager
def _said(expected: str, batch: Tensor | None, hint: str = "") -> Iterator[None]:
    try:
        yield
    except NO_FAULT:
        raise
    except Exception as error:
        raise ModelError(expected, in_words(error), hint or _way_out(str(error), batch)) from error


def in_words(error: BaseException) -> str:
    """The type and the first line of an error."""
    return f"{type(error).__name__}: {[*str(error).strip().splitlines(), 'no message'][0]}"


def _way_out(said: str, batch: Tensor | None) -> str:
    """The hint for what an error says."""
    tokens = batch is not None and not batch.is_floating_point()
    if tokens and re.search("index out of range|valid range", said):
        return "nn.Embedding with more rows than the largest token"
    if re.search(TYPES, said, re.IGNORECASE) and not re.search("sparse gradient", said):
        if tokens:
            return "a module for those; integers are tokens of an embedding, so numbers need .astype('float32')"
        return "a module of float32, as its samples are: module.float()"
    for cause, hint in CAUSES:
        if re.search(cause, said, re.IGNORECASE):
            return hint
    if batch is None:
        return "the module's forward, loss.backward() and torch.optim.AdamW on their own, to see which fails"
    if re.search(r"weight of size \[\d+, \d+, \d+, \d+\].* channels, but got", said):
        if batch.ndim == 3:
            return "images with one channel, X[:, None], for a module that reads as many"
        if batch.ndim == 4 and batch.shape[3] in (1, 3, 4):
            return "images with channels first: X.transpose(0, 3, 1, 2), or X.permute(0, 3, 1, 2) of a tensor"
    shape = ", ".join(["2", *map(str, batch.shape[1:])])
    if re.search(SHAPES, said, re.IGNORECASE):
        return (
            f"a module for samples of that shape, or samples in the shape that it reads: module(torch.zeros({shape}))"
        )
    return f"the module on its own, to see where it fails: module(torch.zeros({shape}))"
