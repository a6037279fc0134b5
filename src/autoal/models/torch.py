"""Any torch module as a model of the loop."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from autoal.errors import ModelError
from autoal.inputs import Inputs
from autoal.models.last_linear import LastLinear
from autoal.models.protocol import StochasticHead
from autoal.random import torch_generator, torch_seed

Augment = Callable[[Tensor, torch.Generator], Tensor]


class TorchModel:
    """Trains a fresh module from scratch in each round, and reads log-probabilities and embeddings from it.

    The embedding is the input of the last linear layer that runs, flattened.

    Args:
        make_module: builds an untrained module; called with the number of classes if it takes an argument.
        embedding: the dotted name of the linear layer whose input is the embedding; default: found by itself.
        dropout: rate of the stochastic passes; used where no dropout layer stands before the last linear layer.
        epochs: passes over the labelled samples.
        min_steps: steps that are made at least, however few the samples.
        lr: the highest learning rate of the one-cycle schedule.
        weight_decay: of AdamW.
        batch_size: samples a step; default: by the number of samples and classes.
        augment: maps a training batch and a generator to an altered batch.
        device: where the module runs; default: a GPU if there is one.
    """

    module: nn.Module

    def __init__(
        self,
        make_module: Callable[..., nn.Module],
        *,
        embedding: str | None = None,
        dropout: float = 0.5,
        epochs: int = 30,
        min_steps: int = 150,
        lr: float = 1e-2,
        weight_decay: float = 1e-2,
        batch_size: int | None = None,
        augment: Augment | None = None,
        device: str | None = None,
    ) -> None:
        self.settings: dict[str, Any] = {
            "embedding": embedding,
            "dropout": dropout,
            "epochs": epochs,
            "min_steps": min_steps,
            "lr": lr,
            "weight_decay": weight_decay,
            "batch_size": batch_size,
            "augment": augment,
            "device": device,
        }
        self.make_module = make_module
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._tap: LastLinear | None = None

    def clone(self) -> Self:
        """An unfitted model with the same factory and settings."""
        return type(self)(self.make_module, **self.settings)

    def fit(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        """Train a fresh module with AdamW, a one-cycle schedule and cross-entropy."""
        with torch_seed(rng):
            self._build(n_classes)
            self._check_width(inputs, n_classes)
            self._train(inputs, labels.to(self.device), n_classes, rng)
        self.module.eval()

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities (n, C) and embedding (n, D), float32 on the CPU."""
        if self._tap is None:
            raise ModelError("a model that was fitted", "predict before fit", "fit(inputs, labels, n_classes, rng)")
        with torch.no_grad():
            logits, embedding = self._tap.run(self._prepared(batch), self._autocast())
            return torch.log_softmax(logits.float(), dim=1).cpu(), embedding.float().cpu()

    def features(self, batch: Tensor) -> Tensor:
        """Embedding (n, D); of an untrained module, always the same one, if `fit` was never called."""
        if self._tap is None:
            with torch_seed(np.random.default_rng(0)):
                self._build(2)
        _, embedding = self.predict(batch)
        return embedding

    def logits(self, batch: Tensor) -> Tensor:
        """Logits (n, C) that can be trained through, by the module as it is, in evaluation mode."""
        return torch.as_tensor(self.module(self._prepared(batch)))

    def stochastic_head(self, passes: int, rng: np.random.Generator) -> StochasticHead:
        """The last linear layer with random inputs left out; each pass leaves out the same for every sample."""
        if self._tap is None:
            raise ModelError("a model that was fitted", "stochastic_head before fit", "fit(inputs, labels, ...)")
        layer, rate = self._tap.layer, self._tap.dropout_rate(self.settings["dropout"])
        kept = torch.rand(passes, layer.in_features, generator=torch_generator(rng)) >= rate
        weight = layer.weight.detach().float().cpu() * kept[:, None, :] / (1 - rate)  # (T, C, D)
        bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach().float().cpu()
        flat = weight.flatten(0, 1).T  # (D, T C)

        def head(embedding: Tensor) -> Tensor:
            logits = (embedding @ flat).unflatten(1, (passes, -1)) + bias
            return torch.log_softmax(logits, dim=2).transpose(0, 1)

        return head

    def _build(self, n_classes: int) -> None:
        takes_classes = len(inspect.signature(self.make_module).parameters) > 0
        module = self.make_module(n_classes) if takes_classes else self.make_module()
        self.module = module.to(self.device).eval()
        self._tap = LastLinear(self.module, self.settings["embedding"])

    def _check_width(self, inputs: Inputs, n_classes: int) -> None:
        log_probs, _ = self.predict(inputs.take(np.zeros(1, dtype=np.int64)))
        if log_probs.shape[1] != n_classes:
            hint = "a factory that takes the number of classes: TorchModel(lambda n_classes: ...)"
            raise ModelError(f"a module with {n_classes} outputs, one a class", f"{log_probs.shape[1]}", hint)

    def _train(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        n = len(labels)
        size = self.settings["batch_size"] or batch_size_for(n, n_classes)
        steps = max(self.settings["epochs"] * max(n // size, 1), self.settings["min_steps"])
        parameters = [p for p in self.module.parameters() if p.requires_grad]
        optimiser = torch.optim.AdamW(
            parameters, self.settings["lr"], weight_decay=self.settings["weight_decay"], fused=True
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, self.settings["lr"], total_steps=steps)
        generator = torch_generator(rng)
        self.module.train()
        for rows in batches(n, size, steps, rng):
            x = self._prepared(inputs.take(rows))
            if self.settings["augment"] is not None:
                x = self.settings["augment"](x, generator)
            with self._autocast():
                loss = torch.nn.functional.cross_entropy(self.module(x), labels[torch.from_numpy(rows)])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()

    def _prepared(self, batch: Tensor) -> Tensor:
        return as_float(batch).to(self.device)

    def _autocast(self) -> torch.autocast:
        bf16 = self.device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.autocast(self.device.type, torch.bfloat16, enabled=bf16)


def as_float(batch: Tensor) -> Tensor:
    """Bytes scaled to [0, 1], other real numbers as float32; integers that are not bytes are tokens and stay."""
    if batch.dtype == torch.uint8:
        return batch.float() / 255
    return batch.float() if batch.is_floating_point() else batch


def batch_size_for(n_samples: int, n_classes: int) -> int:
    """A power of two from 16 to 256: at least eight steps an epoch, unless that leaves less than four a class."""
    wanted = max(n_samples / 8, 4 * n_classes, 16)
    return min(1 << int(math.log2(min(wanted, 256))), max(n_samples, 2))


def batches(n: int, size: int, steps: int, rng: np.random.Generator) -> Iterator[Any]:
    """Rows of `steps` batches: epoch after epoch in new random orders, without the last incomplete batch.

    Fewer than two samples are repeated, as BatchNorm cannot normalise a single one.
    """
    made = 0
    while made < steps:
        order = rng.permutation(max(n, 2)) % n
        for start in range(0, max(len(order) - size, 0) + 1, size):
            if made < steps:
                yield order[start : start + size]
                made += 1
