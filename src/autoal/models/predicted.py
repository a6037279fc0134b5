"""What `predict` and `features` of a model return, which may be anybody's, checked before anything is made of it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from autoal.errors import ModelError
from autoal.models.protocol import Model


def predicted(
    model: Model, batch: Tensor, n_classes: int | None = None, width: int | None = None
) -> tuple[Tensor, Tensor]:
    """Log-probabilities (n, C) and embedding (n, D) of a batch, without gradients.

    Args:
        model: fitted.
        batch: (n, ...).
        n_classes: what C must be; default: anything.
        width: what D must be; default: anything.

    Raises:
        ModelError: they are no pair of tensors of numbers with these shapes.
    """
    answer: Any = model.predict(batch)
    columns = (n_classes, width)
    fits = isinstance(answer, tuple | list) and len(answer) == 2
    if not fits or not all(_is_matrix(x, len(batch), k) for x, k in zip(answer, columns, strict=True)):
        shapes = [f"({len(batch)}, {letter if k is None else k})" for letter, k in zip("CD", columns, strict=True)]
        expected = f"predict to return two float tensors, log-probabilities {shapes[0]} and embedding {shapes[1]}"
        parts = [_words(x) for x in answer] if isinstance(answer, tuple | list) else [f"only {_words(answer)}"]
        hint = "return log_probs, embedding: with a column for each of the classes that fit is told, and no NumPy"
        raise ModelError(expected, " and ".join(parts), hint)
    return answer[0].detach(), answer[1].detach()


def embedded(model: Model, batch: Tensor) -> Tensor:
    """Features (n, D) of a batch by a model that need not be fitted, without gradients.

    Raises:
        ModelError: they are no tensor of that shape, or not finite.
    """
    answer: Any = model.features(batch)
    expected = f"features to return a finite tensor ({len(batch)}, D)"
    if not isinstance(answer, Tensor) or answer.ndim != 2 or len(answer) != len(batch):
        raise ModelError(expected, _words(answer), "return x.flatten(1), and no NumPy")
    if not bool(torch.isfinite(answer).all()):
        raise ModelError(expected, "NaN or infinite values", "features of moderate size")
    return answer.detach()


def _is_matrix(x: Any, n: int, columns: int | None) -> bool:
    if not isinstance(x, Tensor) or x.ndim != 2 or not x.is_floating_point():
        return False
    return len(x) == n and columns in (None, x.shape[1])


def _words(x: Any) -> str:
    if isinstance(x, Tensor):
        return f"{str(x.dtype).removeprefix('torch.')} {tuple(x.shape)}"
    return f"a {type(x).__name__}"
