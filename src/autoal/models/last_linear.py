"""Finding the last linear layer of a module, whose input is the embedding."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from autoal.errors import ModelError


class LastLinear:
    """Runs a module while noting the input of its last linear layer, and the dropout in front of it.

    Args:
        module: in evaluation mode.
        name: the dotted name of that layer; default: the linear layer that runs last.
    """

    def __init__(self, module: nn.Module, name: str | None) -> None:
        self.module, self.name = module, name
        self._found: nn.Linear | None = None
        self._dropout: float | None = None
        self._named = None if name is None else self._by_name(name)

    @property
    def layer(self) -> nn.Linear:
        """The layer; known once the module has run."""
        if self._found is None:
            raise ModelError("a module that has run", "one that has not", "predict(batch)")
        return self._found

    def dropout_rate(self, otherwise: float) -> float:
        """The rate of the dropout layer that runs last before the linear layer, or `otherwise` without one."""
        return otherwise if self._dropout is None else self._dropout

    def run(self, x: Tensor, context: AbstractContextManager[Any]) -> tuple[Tensor, Tensor]:
        """Logits (n, C) and embedding (n, D) of a prepared batch."""
        trace: list[tuple[nn.Module, Tensor]] = []

        def note(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            trace.append((layer, inputs[0]))

        watched = [m for m in self.module.modules() if isinstance(m, nn.Linear | nn.Dropout)]
        hooks = [layer.register_forward_pre_hook(note) for layer in watched]
        try:
            with context:
                logits = self.module(x)
        finally:
            for hook in hooks:
                hook.remove()
        return torch.as_tensor(logits), self._read(trace)

    def _read(self, trace: list[tuple[nn.Module, Tensor]]) -> Tensor:
        linear = [i for i, (layer, _) in enumerate(trace) if isinstance(layer, nn.Linear)]
        if self._named is not None:
            linear = [i for i in linear if trace[i][0] is self._named]
        if not linear:
            what = "a linear layer in the module" if self.name is None else f"the layer {self.name!r} to run"
            raise ModelError(what, "none", "TorchModel(..., embedding='name of the linear layer before the output')")
        last = linear[-1]
        layer = trace[last][0]
        assert isinstance(layer, nn.Linear)
        before = trace[last - 1][0] if last else None
        self._found, self._dropout = layer, before.p if isinstance(before, nn.Dropout) else None
        return trace[last][1].flatten(1)

    def _by_name(self, name: str) -> nn.Linear:
        layer = dict(self.module.named_modules()).get(name)
        if not isinstance(layer, nn.Linear):
            known = [key for key, module in self.module.named_modules() if isinstance(module, nn.Linear)]
            raise ModelError(
                f"the name of a linear layer for embedding={name!r}", f"{type(layer).__name__}", f"{known}"
            )
        return layer
