"""Trains a module on labelled samples with AdamW, a one-cycle schedule and cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autoal.arrays import IntArray
from autoal.errors import DivergedError, ModelError
from autoal.log_probs import is_half
from autoal.models import module_errors
from autoal.models.batches import batch_size_for, batches
from autoal.models.forward import forward, require_logits, require_width
from autoal.random import torch_generator

Augment = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class Recipe:
    """Settings of the training of a module; see `TorchModel`."""

    epochs: int
    min_steps: int
    lr: float
    weight_decay: float
    batch_size: int | None
    augment: Augment | None


def train(
    module: nn.Module,
    batch: Callable[[IntArray], tuple[Tensor, Tensor]],
    n: int,
    n_classes: int,
    recipe: Recipe,
    rng: np.random.Generator,
    autocast: Callable[[], AbstractContextManager[Any]],
) -> None:
    """Train a module in place, and leave it in training mode.

    Args:
        module: returns logits (n, n_classes).
        batch: gives the prepared samples and the class indices of rows, where the module is.
        n: number of samples.
        n_classes: C.
        recipe: how.
        rng: draws the batches, and seeds the augmentation.
        autocast: makes the context of each forward pass.

    Raises:
        ModelError: nothing can be trained, the module raises something, or the loss is not finite in the end.
    """
    size = max(recipe.batch_size or batch_size_for(n, n_classes), 2)  # BatchNorm needs two
    steps = max(recipe.epochs * max(n // size, 1), recipe.min_steps, 1)
    parameters = _trainable(module)
    optimiser = torch.optim.AdamW(parameters, recipe.lr, weight_decay=recipe.weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.lr, total_steps=steps)
    generator = torch_generator(rng)
    module.train()
    loss = torch.zeros(())
    for step, rows in enumerate(batches(n, size, steps, rng)):
        x, labels = batch(rows)
        if recipe.augment is not None:
            x = _augmented(recipe.augment, x, generator)
        with autocast(), module_errors.reading(x):
            logits = forward(module, x)
        if step == 0:
            require_width(logits, n_classes, "as many outputs in training as in evaluation")
            require_logits(logits)
        logits = logits.float() if is_half(logits) else logits
        loss = nn.functional.cross_entropy(logits, labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
    _require_finite(loss, parameters, steps, recipe.lr)


def _trainable(module: nn.Module) -> list[nn.Parameter]:
    every = list(module.parameters())
    free = [p for p in every if p.requires_grad]
    if not free:
        got = f"{len(every)} parameters, all of them frozen" if every else "none"
        hint = "requires_grad_(True) for those of the last layer at least"
        raise ModelError("a module with parameters to train", got, hint)
    return free


def _augmented(augment: Augment, x: Tensor, generator: torch.Generator) -> Tensor:
    """The altered batch, in the type and place of the one given."""
    hint = "augment on its own, to see where it fails: augment(batch, torch.Generator())"
    with module_errors.working(f"augment(batch, generator) to work for {tuple(x.shape)}", x, hint):
        altered: Any = augment(x.clone(), generator)
    if not isinstance(altered, Tensor) or altered.shape[:1] != x.shape[:1]:
        got = f"shape {tuple(altered.shape)}" if isinstance(altered, Tensor) else f"a {type(altered).__name__}"
        raise ModelError(f"augment to return a tensor of {len(x)} samples, as it was given", got, "return the batch")
    return altered.to(x)


def _require_finite(loss: Tensor, parameters: list[nn.Parameter], steps: int, lr: float) -> None:
    finite = torch.stack([torch.isfinite(values.detach()).all() for values in (loss, *parameters)])
    if not bool(finite.all()):
        got = f"a loss of {loss.item():.4g}" if not bool(finite[0]) else "weights that are NaN or infinite"
        hint = f"a lower learning rate than lr={lr:g}, or features of moderate size"
        raise DivergedError("training that stays finite", f"{got} after {steps} steps", hint)
