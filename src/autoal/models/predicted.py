"""Calls of a model, which may be anybody's: what it raises and returns is checked here, for every caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autoal.errors import DivergedError, ModelError
from autoal.inputs import Inputs
from autoal.log_probs import in_full, is_finite_everywhere, is_half, require_log_probs
from autoal.models.module_errors import NO_FAULT, in_words
from autoal.models.protocol import Model, StochasticHead, StochasticModel

Chunks = Iterable[tuple[slice, Tensor]]  # batches (b, ...), each with the rows of the whole that it holds


def trained(model: Model, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
    """Fit a model.

    Raises:
        ModelError: its `fit` raised something.
    """
    with _calling(model, "fit", f"{len(labels)} labelled samples"):
        model.fit(inputs, labels, n_classes, rng)


def predicted(
    model: Model, batch: Tensor, n_classes: int | None = None, width: int | None = None, start: int = 0
) -> tuple[Tensor, Tensor]:
    """Log-probabilities (n, C) and embedding (n, D) of a batch, float32 or float64 on the CPU, without gradients.

    Args:
        model: fitted.
        batch: (n, ...).
        n_classes: the C that is wanted; default: any.
        width: the D that is wanted; default: any.
        start: the row of the whole that the batch begins with, for messages.

    Raises:
        ModelError: `predict` raised something, or they are no pair of dense float tensors with these shapes, of which
            one holds log-probabilities whose rows sum to one, and the other finite numbers.
    """
    with _calling(model, "predict", _words(batch)):
        answer: Any = model.predict(batch)
    columns = (n_classes, width)
    fits = isinstance(answer, tuple | list) and len(answer) == 2
    if not fits or not all(_is_matrix(x, len(batch), k) for x, k in zip(answer, columns, strict=True)):
        shapes = [f"({len(batch)}, {letter if k is None else k})" for letter, k in zip("CD", columns, strict=True)]
        expected = f"predict to return two float tensors, log-probabilities {shapes[0]} and embedding {shapes[1]}"
        parts = [_words(x) for x in answer] if isinstance(answer, tuple | list) else [f"only {_words(answer)}"]
        hint = "return log_probs, embedding: a column for each class that fit is told, one or more features, no NumPy"
        raise ModelError(expected, " and ".join(parts) or "nothing", hint)
    log_probs = in_full(_plain(answer[0]), ModelError, start)
    hint = "a lower learning rate, if training has diverged, or features of moderate size"
    return log_probs, _finite(_plain(answer[1]), "predict to return a finite embedding", hint)


def predictions(
    model: Model, chunks: Chunks, n_classes: int | None = None, width: int | None = None
) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Rows, log-probabilities and embedding of each chunk, all as wide and as precise as the first.

    Raises:
        ModelError: as `predicted`.
    """
    kinds: tuple[torch.dtype, torch.dtype] | None = None
    for rows, batch in chunks:
        p, z = predicted(model, batch, n_classes, width, rows.start)
        n_classes, width, kinds = p.shape[1], z.shape[1], kinds or (p.dtype, z.dtype)
        yield rows, p.to(kinds[0]), z.to(kinds[1])


def embedded(model: Model, chunks: Chunks) -> Tensor:
    """Features (n, D) of all chunks by a model that need not be fitted, on the CPU, without gradients.

    Raises:
        ModelError: `features` raised something, or they are no tensors of that shape, or not finite.
    """
    parts: list[Tensor] = []
    for _, batch in chunks:
        parts.append(_features(model, batch, parts[0].shape[1] if parts else None).clone())
    return torch.cat(parts)


def _features(model: Model, batch: Tensor, width: int | None) -> Tensor:
    with _calling(model, "features", _words(batch)):
        answer: Any = model.features(batch)
    expected = f"features to return a finite tensor ({len(batch)}, {'D' if width is None else width})"
    if not _is_matrix(answer, len(batch), width):
        raise ModelError(expected, _words(answer), "return x.flatten(1), floats, at least one a sample, and no NumPy")
    return _finite(_plain(answer), expected, "features of moderate size")


def head_of(model: Model, passes: int, rng: np.random.Generator) -> StochasticHead | None:
    """The stochastic head of a fitted model, which checks what it returns; None if the model says that it has none.

    Raises:
        ModelError: `stochastic_head` raised something else, or returned no function.
    """
    if not isinstance(model, StochasticModel):
        return None
    try:
        with _calling(model, "stochastic_head", f"passes={passes}"):
            head: Any = model.stochastic_head(passes, rng)
    except ModelError as error:
        if error.__cause__ is not None and not isinstance(error.__cause__, NotImplementedError):
            raise  # no refusal of the model's own
        return None  # what lies behind the embedding cannot be run alone
    if not callable(head):
        raise ModelError("stochastic_head to return a function of the embedding", _words(head), "return head")
    return _checked(model, head, passes)


def _checked(model: Model, head: Callable[[Tensor], Any], passes: int) -> StochasticHead:
    def checked(embedding: Tensor) -> Tensor:
        with _calling(model, "stochastic_head", _words(embedding)):
            answer = head(embedding)
        expected = f"a stochastic head that returns log-probabilities ({passes}, {len(embedding)}, C)"
        fits = _is_float(answer) and answer.ndim == 3 and answer.shape[:2] == (passes, len(embedding))
        if not fits or not answer.shape[2]:
            raise ModelError(expected, _words(answer), "one (n, C) for each pass: torch.stack(...)")
        plain = _plain(answer)
        if is_half(plain):
            return torch.stack([in_full(log_probs, ModelError) for log_probs in plain])
        for log_probs in plain:
            require_log_probs(log_probs, error=ModelError)
        return plain

    return checked


@contextmanager
def _calling(model: Model, method: str, what: str) -> Iterator[None]:
    """Whatever a method of a model raises, as a `ModelError`, but what is no fault of the model."""
    try:
        yield
    except NO_FAULT:
        raise
    except Exception as error:
        name = f"{type(model).__name__}.{method}"
        hint = f"{name} on its own, to see where it fails; the error above this one says where"
        raise ModelError(f"{name} to work for {what}", in_words(error), hint) from error


def _plain(x: Tensor) -> Tensor:
    """On the CPU, without gradients, and no tensor of `inference_mode`, which nothing can be trained on."""
    plain = x.detach().cpu()
    return plain.clone() if plain.is_inference() else plain


def _finite(x: Tensor, expected: str, hint: str) -> Tensor:
    """As float32 or float64, if all numbers are finite."""
    if not is_finite_everywhere(x):
        raise DivergedError(expected, "NaN or infinite values", hint)
    return x if x.dtype == torch.float64 else x.float()


def _is_matrix(x: Any, n: int, columns: int | None) -> bool:
    """Tell whether x is a dense float tensor (n, columns), of one column at least."""
    return _is_float(x) and x.ndim == 2 and len(x) == n and x.shape[1] > 0 and columns in (None, x.shape[1])


def _is_float(x: Any) -> bool:
    dense = isinstance(x, Tensor) and x.layout is torch.strided and x.device.type != "meta"
    return dense and x.is_floating_point()


def _words(x: Any) -> str:
    if isinstance(x, Tensor):
        return f"{str(x.dtype).removeprefix('torch.')} {tuple(x.shape)}"
    return f"a {type(x).__name__}"
