"""Runs a module of the user's and finds the logits in what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from autoal.errors import ModelError
from autoal.log_probs import is_half

# By the gradient of their output.
SQUASHED = {
    "SoftmaxBackward0": "a softmax",
    "SigmoidBackward0": "a sigmoid",
    "HardsigmoidBackward0": "a hard sigmoid",
}


def forward(module: nn.Module, x: Tensor) -> Tensor:
    """Logits (n, C) of a prepared batch (n, ...).

    The module gets a copy, so it may alter its input. Of several outputs the logits are the one called `logits`, as in
    transformers, or the first, as of networks with auxiliary classifiers.

    Raises:
        ModelError: it returns no float tensor of that shape.
    """
    answer: Any = module(x.clone())
    logits = _main(answer)
    if isinstance(logits, Tensor) and logits.ndim == 2 and len(logits) == len(x) and logits.is_floating_point():
        return logits
    raise ModelError("a module that returns logits (n, C)", *_unfit(logits, len(x)))


def require_logits(logits: Tensor) -> None:
    """Refuse outputs that are probabilities, of which training would take the softmax once more.

    Raises:
        ModelError: all rows sum to one without a negative number, and differ; or the last operation squashed them.
    """
    hint = "a module without it at its end: the loss takes the softmax of logits itself"
    last = SQUASHED.get(logits.grad_fn.name()) if logits.grad_fn is not None else None
    if last is not None and logits.shape[1] > 1:
        raise ModelError("logits, of any sign and size", f"the output of {last}", hint)
    values, tolerance = logits.detach().float(), 2e-2 if is_half(logits) else 1e-4
    differ = len(values) > 1 and bool((values != values[0]).any())  # rows by the dozen do not sum to one by chance
    if differ and bool((values >= 0).all()) and bool(((values.sum(dim=1) - 1).abs() <= tolerance).all()):
        expected, hint = "logits, of any sign and size", "a module without the softmax at its end, also in evaluation"
        raise ModelError(expected, f"probabilities: {len(values)} rows that sum to one", hint)


TAKES_CLASSES = "a factory that takes the number of classes: TorchModel(lambda n_classes: ...)"


def require_width(logits: Tensor, n_classes: int, hint: str = TAKES_CLASSES) -> None:
    """Refuse logits (n, C) of another number of classes."""
    if logits.shape[1] == n_classes:
        return
    if logits.shape[1] == 1 and n_classes == 2:
        hint = "two outputs for two classes, and no sigmoid: TorchModel(lambda n_classes: ...)"
    raise ModelError(f"a module with {n_classes} outputs, one a class", f"{logits.shape[1]}", hint)


def _main(answer: Any) -> Any:
    """The logits among the outputs of a module."""
    if isinstance(answer, Tensor):
        return answer
    named = answer.get("logits") if isinstance(answer, Mapping) else getattr(answer, "logits", None)
    if isinstance(named, Tensor):
        return named
    return answer[0] if isinstance(answer, tuple | list) and answer and isinstance(answer[0], Tensor) else answer


def _unfit(logits: Any, n: int) -> tuple[str, str]:
    """In words, what is wrong with outputs, and what to do."""
    if not isinstance(logits, Tensor):
        return f"a {type(logits).__name__}", "a module around it that returns only the logits"
    got = f"shape {tuple(logits.shape)} for {n} sample{'s' if n > 1 else ''}"
    if not logits.is_floating_point():
        return f"{logits.dtype} of {got}", "the numbers before argmax or a threshold"
    if n == 1 and logits.ndim == 1:
        return got, "flatten(1), or squeeze with a dimension: squeeze() drops that of a single sample"
    if logits.ndim == 2:
        return got, "one row for each sample: flatten(1), and no view or reshape that mixes samples"
    if logits.ndim == 1:
        return got, "one column for each class, also where there are two: a last layer of n_classes outputs"
    return got, "logits.flatten(1), or a mean over what are no classes"
