"""Any torch module as a model of the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from autoal.arrays import IntArray
from autoal.errors import InputError, ModelError
from autoal.inputs import Inputs
from autoal.models import module_errors
from autoal.models.dropout import masked_head, require_rate
from autoal.models.factory import build
from autoal.models.forward import forward, require_logits, require_width
from autoal.models.last_linear import LastLinear
from autoal.models.protocol import StochasticHead
from autoal.models.samples import as_float, kind_of, require_kind
from autoal.models.training import Augment, Recipe, train
from autoal.numeric import number, whole
from autoal.random import torch_seed

IMAGES = 64  # that are read at one time on a CPU
EXAMPLES = 8  # labelled samples that a module is looked at with before and after its training


class TorchModel:
    """Trains a fresh module from scratch in each round, and reads log-probabilities and embeddings from it.

    A module maps samples (n, ...) to logits (n, C). Bytes come to it scaled to [0, 1], other integers as they are and
    all else as float32. It may return more: the logits are the output called `logits`, or the first of several.

    The embedding is the input of the last linear layer that runs, flattened. Stochastic passes run that layer alone, so
    they need a module that ends in it; a layer further in can be named for the embedding, but then there are none.

    Args:
        make_module: builds an untrained module, of which a copy is trained. The number of classes goes to its parameter
            of that name, as `n_classes`, `num_classes` or `out_features`; else to its first parameter, unless that has
            a default.
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
        warm_start: whether a round goes on from the weights of the last round, rather than from those of `make_module`.
            A round ends with a query. A run that is loaded trains its rounds again, once, to the same weights.
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
        warm_start: bool = False,
    ) -> None:
        if isinstance(make_module, nn.Module) or not callable(make_module):
            got, hint = f"a {type(make_module).__name__}", "TorchModel(lambda n_classes: ...)"
            raise ModelError("a function that builds a fresh module", got, hint)
        if not isinstance(embedding, str | None):
            raise InputError("the name of a layer for the embedding", repr(embedding), "embedding='body.2'")
        if augment is not None and not callable(augment):
            raise InputError("a function of a batch and a generator", f"augment={augment!r}", "leave augment= out")
        if not isinstance(warm_start, bool | np.bool_):
            raise InputError("warm_start, True or False", repr(warm_start), "warm_start=False")
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
            "warm_start": bool(warm_start),
        }
        self.make_module = make_module
        self.device = _device(device)
        self._kind: str | None = None  # of the numbers that it was trained on
        self._start: Mapping[str, Tensor] | None = None  # weights that the next training starts from
        self._tap: LastLinear | None = None  # of the module, once it is trained
        self._untrained: LastLinear | None = None  # of another module, for `features`

    @property
    def warm_start(self) -> bool:
        """True if a training goes on from the weights of the last one."""
        return bool(self.settings["warm_start"])

    def clone(self) -> Self:
        """An unfitted model with the same factory and settings."""
        return type(self)(self.make_module, **self.settings)

    def fit(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        """Train a module with AdamW, a one-cycle schedule and cross-entropy.

        Raises:
            ModelError: the module raises something, has no parameters to train, or returns something that is no logits
                of `n_classes` classes; or training diverges.
        """
        self._tap = self._untrained = None
        with torch_seed(rng), _repeatable():
            tap, first = self._build(n_classes), inputs.take(np.arange(min(len(inputs), EXAMPLES)))
            self.module, self._kind = tap.module, kind_of(first)
            self._inspect(tap, first, n_classes)
            self._refuse_squashed(tap, first)
            self._warm_up()
            with module_errors.working("a module that can be trained", as_float(first)):
                self._train(inputs, labels.to(self.device), n_classes, rng)
            self.module.eval()
            self._inspect(tap, first, n_classes)
            if self.warm_start:
                self._start = self.state()
        self._tap = tap

    def predict(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities (n, C) and embedding (n, D), float32 on the CPU.

        Raises:
            ModelError: the samples are bytes and those of the training were not, or the like; or the module cannot read
                them.
        """
        return self._read(self._fitted_tap("predict"), self._of_kind(batch))

    def features(self, batch: Tensor) -> Tensor:
        """Embedding (n, D) by a module that is never trained, always the same one."""
        if self._untrained is None:
            with torch_seed(np.random.default_rng(0)):
                tap = self._build(2)
                with self._reading(tap, batch):
                    tap.look(self._prepared(batch[:1]))
                self._untrained = tap
        return self._read(self._untrained, batch)[1]

    def logits(self, batch: Tensor) -> Tensor:
        """Logits (n, C) that can be trained through, by the module as it is, in evaluation mode."""
        x = self._prepared(self._of_kind(batch))
        with module_errors.reading(x):
            return forward(self.module, x)

    def stochastic_head(self, passes: int, rng: np.random.Generator) -> StochasticHead:
        """The last linear layer with random inputs left out; each pass leaves out the same for every sample."""
        layer, rate = self._fitted_tap("stochastic_head").head()
        return masked_head(layer, passes, rate or self.settings["dropout"], rng)

    def state(self) -> dict[str, Tensor]:
        """Copies of all numbers that training changes, by name, on the CPU."""
        frozen = {name for name, p in self.module.named_parameters() if not p.requires_grad}
        numbers = self.module.state_dict()
        kept = {name: x for name, x in numbers.items() if name not in frozen and isinstance(x, Tensor)}
        return {name: x.detach().cpu().clone() for name, x in kept.items()}

    def load_state(self, state: Mapping[str, Tensor] | None) -> None:
        """Start the next training from these numbers, if `warm_start`; None: from those of `make_module`."""
        self._start = state

    def _build(self, n_classes: int) -> LastLinear:
        module = build(self.make_module, n_classes)
        with module_errors.working(f"a module that runs on {self.device}"):
            module.to(self.device)
        module.eval()
        return LastLinear(module, self.settings["embedding"])

    def _warm_up(self) -> None:
        """Take over the weights that the training starts from, if there are any."""
        if not self.warm_start or self._start is None:
            return
        with module_errors.working("a module like that of the last round, for warm_start"):
            unknown = self.module.load_state_dict(self._start, strict=False).unexpected_keys
        if unknown:
            hint = "a make_module that builds the same layers each time"
            raise ModelError("a module like that of the last round, for warm_start", f"none of {unknown[0]}", hint)

    def _fitted_tap(self, what: str) -> LastLinear:
        if self._tap is None:
            raise ModelError("a model that was fitted", f"{what} before fit", "fit(inputs, labels, n_classes, rng)")
        return self._tap

    def _inspect(self, tap: LastLinear, first: Tensor, n_classes: int) -> None:
        """Refuse a module whose outputs are no logits of the classes, and see what its last layer is."""
        with self._reading(tap, first):
            logits = tap.look(self._prepared(first), n_classes)
        require_width(logits, n_classes)
        require_logits(logits)

    def _refuse_squashed(self, tap: LastLinear, first: Tensor) -> None:
        """Refuse a module that ends in a softmax or a sigmoid in evaluation mode, which gradients tell."""
        try:
            with self._reading(tap, first), torch.enable_grad():
                logits = forward(self.module, self._prepared(first))
        except ModelError:  # it runs without gradients alone
            return
        require_logits(logits)

    def _read(self, tap: LastLinear, batch: Tensor) -> tuple[Tensor, Tensor]:
        # on a CPU, the maps of a few images stay in its cache, and the memory of the last ones serves the next
        size = IMAGES if batch.ndim == 4 and self.device.type == "cpu" else max(len(batch), 1)
        with self._reading(tap, batch):
            parts = [tap.run(self._prepared(part), self._autocast()) for part in batch.split(size)]
            logits, embedding = (torch.cat(column).float() for column in zip(*parts, strict=True))
            return torch.log_softmax(logits, dim=1).cpu(), embedding.cpu()

    @contextmanager
    def _reading(self, tap: LastLinear, batch: Tensor) -> Iterator[None]:
        """Without gradients, with the same random numbers each time, and with errors that name the samples."""
        # not inference_mode: the search trains on these embeddings, and autograd refuses tensors made under it
        seeded = torch_seed(np.random.default_rng(0)) if tap.draws else nullcontext()
        with torch.no_grad(), _repeatable(), seeded, module_errors.reading(as_float(batch[:1])):
            yield

    def _train(self, inputs: Inputs, labels: Tensor, n_classes: int, rng: np.random.Generator) -> None:
        recipe = Recipe(**{field.name: self.settings[field.name] for field in fields(Recipe)})

        def batch(rows: IntArray) -> tuple[Tensor, Tensor]:
            samples = self._prepared(self._of_kind(inputs.take(rows)))
            return samples, labels[self._moved(torch.from_numpy(rows))]

        train(self.module, batch, len(labels), n_classes, recipe, rng, self._autocast)

    def _of_kind(self, batch: Tensor) -> Tensor:
        if self._kind is not None:
            require_kind(batch, self._kind)
        return batch

    def _prepared(self, batch: Tensor) -> Tensor:
        return as_float(self._moved(batch))  # bytes are a quarter of what floats would be to move

    def _moved(self, batch: Tensor) -> Tensor:
        if self.device.type == "cuda" and batch.device.type == "cpu":
            batch = batch.pin_memory()  # else the program would wait for the GPU at each copy
        return batch.to(self.device, non_blocking=True)

    def _autocast(self) -> torch.autocast:
        bf16 = self.device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.autocast(self.device.type, torch.bfloat16, enabled=bf16)


def _device(name: Any) -> torch.device:
    try:
        device = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name is None else name)
    except (RuntimeError, TypeError, ValueError, AssertionError) as error:
        raise InputError("a device of torch", f"device={name!r}", "device='cpu', or leave it out") from error
    if device.type == "meta" or (device.type == "cuda" and not torch.cuda.is_available()):
        raise InputError("a device that is there", f"device={name!r}", "device='cpu', or leave it out")
    return device


@contextmanager
def _repeatable() -> Iterator[None]:
    """A GPU's convolutions add up in the same order each time, at some cost in speed."""
    before = torch.backends.cudnn.deterministic
    torch.backends.cudnn.deterministic = True
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic = before
