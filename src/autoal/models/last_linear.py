"""Finding the last linear layer of a module, whose input is the embedding."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from autoal.errors import ModelError
from autoal.models.forward import forward, require_width


class LastLinear:
    """Runs a module and reads its embedding: the input, flattened, of one of its layers.

    The layer is looked for at the first run, on one sample; from then on no other layer's input is kept.

    Args:
        module: in evaluation mode.
        name: the dotted name of that layer; default: the last to run of the linear layers as wide as the output.
    """

    def __init__(self, module: nn.Module, name: str | None) -> None:
        self.module, self.name = module, name
        self._layer = None if name is None else self._by_name(name)
        self._dropout: float | None = None
        self._is_head = False
        self.draws = False  # whether a pass in evaluation mode draws from the global generator

    def run(self, x: Tensor, context: AbstractContextManager[Any] | None = None) -> tuple[Tensor, Tensor]:
        """Logits (n, C) and embedding (n, D) of a prepared batch, computed in `context`."""
        layer = self._find(x[:1]) if self._layer is None else self._layer
        with context or nullcontext():
            logits, trace = _traced(self.module, [layer], x, keep=True)
        if not trace:
            raise ModelError(f"the layer {self.name!r} to run", "a forward pass without it", "another embedding='...'")
        z = trace[-1][1]
        if not isinstance(z, Tensor) or z.ndim < 2 or len(z) != len(x):
            got = (
                f"shape {tuple(z.shape)} for a batch of {len(x)}" if isinstance(z, Tensor) else f"a {type(z).__name__}"
            )
            expected = f"an input of {self.name or 'the last linear layer'} with a row for each sample, the embedding"
            raise ModelError(expected, got, "TorchModel(..., embedding='name of a layer with such an input')")
        return logits, z.flatten(1)

    def look(self, x: Tensor, n_classes: int | None = None) -> Tensor:
        """Run the module, and see what surrounds the layer and whether the module draws random numbers.

        Returns the logits (n, C). What it sees is that of the weights as they are.

        Args:
            x: a prepared batch (n, ...).
            n_classes: the C that is wanted; default: any.
        """
        before = torch.get_rng_state()
        if self._layer is None:
            self._find(x[:1], n_classes)
        logits = self.run(x)[0]
        self._surroundings(x)
        self.draws = not torch.equal(before, torch.get_rng_state())
        return logits

    def _surroundings(self, x: Tensor) -> None:
        """See what lies directly in front of the layer, and whether anything lies behind."""
        layer = self._find(x) if self._layer is None else self._layer
        dropouts = [m for m in self.module.modules() if isinstance(m, nn.Dropout)]
        logits, trace = _traced(self.module, [layer, *dropouts], x)
        z: Tensor = next(inputs for ran, inputs in reversed(trace) if ran is layer)
        self._is_head = isinstance(layer, nn.Linear) and _ends_with(layer, z.flatten(1), logits)
        # in evaluation mode a dropout hands its input on as it is, so what follows directly has the same memory
        rates = [ran.p for ran, inputs in trace if isinstance(ran, nn.Dropout) and inputs.data_ptr() == z.data_ptr()]
        self._dropout = rates[-1] if rates and 0 < rates[-1] < 1 else None

    def head(self) -> tuple[nn.Linear, float | None]:
        """The layer as all that lies behind the embedding, and the rate of the dropout directly in front of it, if any.

        Raises:
            ModelError: the logits are not just the output of that layer, so they do not follow from the embedding.
        """
        if not self._is_head or not isinstance(self._layer, nn.Linear):
            raise ModelError(
                "logits that are the output of the linear layer whose input is the embedding, for stochastic passes",
                f"other operations behind the input of {self.name or 'the last linear layer'}",
                "embedding=None in a module that ends in a linear layer, or strategies without stochastic passes",
            )
        return self._layer, self._dropout

    def _find(self, example: Tensor, n_classes: int | None = None) -> nn.Module:
        linear = [m for m in self.module.modules() if isinstance(m, nn.Linear)]
        with torch.no_grad():
            logits, trace = _traced(self.module, linear, example)
        if n_classes is not None:
            require_width(logits, n_classes)
        wide = [(ran, z) for ran, z in trace if isinstance(ran, nn.Linear) and ran.out_features == logits.shape[1]]
        fitting = [ran for ran, z in wide if len(z) == len(example)] or [ran for ran, _ in wide]
        if not fitting:
            raise ModelError(
                f"a linear layer in the module, as wide as its output of {logits.shape[1]}",
                f"{len(trace)} linear layers, of other widths" if trace else "none",
                "TorchModel(..., embedding='name of the layer whose input is the embedding')",
            )
        layer = fitting[-1]
        self._layer = layer
        return layer

    def _by_name(self, name: str) -> nn.Module:
        layers: dict[str, nn.Module] = dict(self.module.named_modules())
        if name not in layers or not name:
            linear = [key for key, layer in layers.items() if isinstance(layer, nn.Linear)]
            raise ModelError("the name of a layer for the embedding", f"embedding={name!r}", f"one of {linear}")
        return layers[name]


def _traced(
    module: nn.Module, layers: Sequence[nn.Module], x: Tensor, keep: bool = False
) -> tuple[Tensor, list[tuple[nn.Module, Any]]]:
    """The logits (n, C), and each run of one of `layers` with its input, in order.

    With `keep`, inputs are as they were when the layer read them, whatever the module does to them later.
    """
    trace: list[tuple[nn.Module, Any]] = []

    def note(layer: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        read = next(iter([*inputs, *named.values()]), None)
        trace.append((layer, read.clone() if keep and isinstance(read, Tensor) else read))

    with ExitStack() as hooks:
        for layer in layers:
            hooks.callback(layer.register_forward_pre_hook(note, with_kwargs=True).remove)
        logits = forward(module, x)
    return logits, trace


def _ends_with(layer: nn.Linear, z: Tensor, logits: Tensor) -> bool:
    if z.shape[1] != layer.in_features or logits.shape[1] != layer.out_features:
        return False
    ours, theirs = (torch.log_softmax(values.float(), dim=1) for values in (layer(z), logits))
    return torch.allclose(ours, theirs, rtol=1e-4, atol=1e-4, equal_nan=True)
