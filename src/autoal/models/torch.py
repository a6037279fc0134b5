"""Any torch module as a model of the loop."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from autoal.errors import AutoALError, ModelError
from autoal.inputs import Inputs
from autoal.models.batches import batch_size_for, batches
from autoal.models.dropout import masked_head, require_rate
from autoal.models.last_linear import LastLinear
from autoal.models.protocol import StochasticHead
from autoal.numeric import number, whole
from autoal.random import torch_generator, torch_seed

IMAGES = 64  # that are read at one time on a CPU
MODULE_ERRORS = (RuntimeError, ValueError, TypeError, AssertionError, LookupError, AttributeError)  # as of shapes
Augment = Callable[[Tensor, torch.Generator], Tensor]


class TorchModel:
    """Trains a fresh module from scratch in each round, and reads log-probabilities and embeddings from it.

    The embedding is the input of the last linear layer that runs, flattened. Stochastic passes run that layer alone, so
    they need a module that ends in it; a layer further in can be named for the embedding, but then there are none.

    Args:
        make_module: builds an untrained module; called with the number of classes if it takes a positional argument.
        embedding: the dotted name of the layer whose input is the embedding; default: found by itself.
        dropout: rate of the stochastic passes, unless an `nn.Dropout` of a rate above 0 stands directly in front of the
            last linear layer: then its rate is used.
        epochs: passes over the labelled samples.
        min_steps: steps that are made at least, however few the samples.
        lr: the highest learning rate of the one-cycle schedule.
        weight_decay: of AdamW.
        batch_size: samples a step, two at least; default: by the number of samples and classes.
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
        if isinstance(make_module, nn.Module) or not callable(make_module):
            got, hint = f"a {type(make_module).__name__}", "TorchModel(lambda n_classes: ...)"
            raise ModelError("a function that builds a fresh module", got, hint)
        self.settings: dict[str, Any] = {
            "embedding": embedding,
            "dropout": require_rate(dropout),
            "epochs": whole("epochs", epochs, 0),
            "min_steps": whole("min_steps", min_steps, 0),
            "lr": number("lr", lr, positive=True),
            "weight_decay": number("weight_decay", weight_decay, positive=False),
            "batch_size": None if batch_size is None else whole("batch_size", batch_size, 1),
            "augment": augment,
            "device": device,
        }
        self.make_module = make_module
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._tap: LastLinear | None = None  # of the module, once it is trained
        self._untrained: LastLinear | None = None  # of another module, for `features`

    def clone(self) -> Self:
        """An unfitted model with the same factory and settings."""
        return type(self)(self.make_module, **self.settings)

    def fit(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        """Train a fresh module with AdamW, a one-cycle schedule and cross-entropy."""
        self._tap = self._untrained = None
        with torch_seed(rng), _repeatable():
            tap, first = self._build(n_classes), inputs.take(np.zeros(1, dtype=np.int64))
            self.module = tap.module
            self._check_width(tap, first, n_classes)
            self._train(inputs, labels.to(self.device), n_classes, rng)
        self.module.eval()
        tap.inspect(self._prepared(first))
        self._tap = tap

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities (n, C) and embedding (n, D), float32 on the CPU."""
        return self._read(self._fitted_tap("predict"), batch)

    def features(self, batch: Tensor) -> Tensor:
        """Embedding (n, D) by a module that is never trained, always the same one."""
        if self._untrained is None:
            with torch_seed(np.random.default_rng(0)):
                tap = self._build(2)
                self._read(tap, batch[:1])  # finds the layer
                self._untrained = tap
        return self._read(self._untrained, batch)[1]

    def logits(self, batch: Tensor) -> Tensor:
        """Logits (n, C) that can be trained through, by the module as it is, in evaluation mode."""
        return torch.as_tensor(self.module(self._prepared(batch)))

    def stochastic_head(self, passes: int, rng: np.random.Generator) -> StochasticHead:
        """The last linear layer with random inputs left out; each pass leaves out the same for every sample."""
        layer, rate = self._fitted_tap("stochastic_head").head()
        return masked_head(layer, passes, rate or self.settings["dropout"], rng)

    def _build(self, n_classes: int) -> LastLinear:
        parameters = inspect.signature(self.make_module).parameters.values()
        positional = any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters)
        module: Any = self.make_module(n_classes) if positional else self.make_module()
        if not isinstance(module, nn.Module):
            hint = "make_module=lambda n_classes: nn.Sequential(...)"
            raise ModelError("make_module to return a torch module", f"a {type(module).__name__}", hint)
        return LastLinear(module.to(self.device).eval(), self.settings["embedding"])

    def _fitted_tap(self, what: str) -> LastLinear:
        if self._tap is None:
            raise ModelError("a model that was fitted", f"{what} before fit", "fit(inputs, labels, n_classes, rng)")
        return self._tap

    def _read(self, tap: LastLinear, batch: Tensor) -> tuple[Tensor, Tensor]:
        # not inference_mode: the search trains on these embeddings, and autograd refuses tensors made under it
        with torch.no_grad(), _repeatable():
            # on a CPU, the maps of a few images stay in its cache, and the memory of the last ones serves the next
            size = IMAGES if batch.ndim == 4 and self.device.type == "cpu" else max(len(batch), 1)
            with _reading(batch):
                parts = [tap.run(self._prepared(part), self._autocast()) for part in batch.split(size)]
            logits, embedding = (torch.cat(column).float() for column in zip(*parts, strict=True))
            return torch.log_softmax(logits, dim=1).cpu(), embedding.cpu()

    def _check_width(self, tap: LastLinear, sample: Tensor, n_classes: int) -> None:
        log_probs = self._read(tap, sample)[0]
        if log_probs.shape[1] != n_classes:
            hint = "a factory that takes the number of classes: TorchModel(lambda n_classes: ...)"
            raise ModelError(f"a module with {n_classes} outputs, one a class", f"{log_probs.shape[1]}", hint)

    def _train(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        n = len(labels)
        size = max(self.settings["batch_size"] or batch_size_for(n, n_classes), 2)  # BatchNorm needs two
        steps = max(self.settings["epochs"] * max(n // size, 1), self.settings["min_steps"], 1)
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
            with self._autocast(), _reading(x):
                loss = torch.nn.functional.cross_entropy(self.module(x), labels[self._moved(torch.from_numpy(rows))])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()

    def _prepared(self, batch: Tensor) -> Tensor:
        return as_float(self._moved(batch))  # bytes are a quarter of what floats would be to move

    def _moved(self, batch: Tensor) -> Tensor:
        if self.device.type == "cuda" and batch.device.type == "cpu":
            batch = batch.pin_memory()  # else the program would wait for the GPU at each copy
        return batch.to(self.device, non_blocking=True)

    def _autocast(self) -> torch.autocast:
        bf16 = self.device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.autocast(self.device.type, torch.bfloat16, enabled=bf16)


@contextmanager
def _reading(batch: Tensor) -> Iterator[None]:
    """An error of the user's module, which may not be made for such samples, as one of ours."""
    try:
        yield
    except (AutoALError, torch.OutOfMemoryError):
        raise
    except MODULE_ERRORS as error:
        said = [*str(error).strip().splitlines(), "no message"][0]
        expected = f"a module that reads samples of shape {tuple(batch.shape[1:])}, {as_float(batch[:1]).dtype}"
        hint = "a module for those; integers are tokens of an embedding, so numbers need .astype('float32')"
        raise ModelError(expected, f"{type(error).__name__}: {said}", hint) from error


@contextmanager
def _repeatable() -> Iterator[None]:
    """A GPU's convolutions add up in the same order each time, at some cost in speed."""
    before = torch.backends.cudnn.deterministic
    torch.backends.cudnn.deterministic = True
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic = before


def as_float(batch: Tensor) -> Tensor:
    """Bytes scaled to [0, 1], other real numbers and yes or no as float32; other integers are tokens and stay."""
    if batch.dtype == torch.uint8:
        return batch.float() / 255
    return batch.float() if batch.is_floating_point() or batch.dtype == torch.bool else batch
