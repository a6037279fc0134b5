"""Builds a module by a function of the user's."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.weak import WeakIdKeyDictionary

from autoal.errors import ModelError
from autoal.models.module_errors import NO_FAULT, in_words

# what a parameter that takes the number of classes is called; of several the first of this list
COUNTS = (
    *("n_classes", "num_classes", "nb_classes", "number_of_classes", "nclasses", "numclasses", "n_class", "num_class"),
    *("class_count", "classes", "n_labels", "num_labels", "nlabels", "numlabels", "n_outputs", "num_outputs"),
    *("n_out", "out_features", "out_dim", "output_dim", "output_size", "out_size", "n_targets", "num_targets"),
)
_HANDED_OUT = WeakIdKeyDictionary()  # parameters and buffers of modules that cannot be copied


def build(make_module: Callable[..., Any], n_classes: int) -> nn.Module:
    """Build a module that nothing else holds.

    It is a copy of what `make_module` returns, with the frozen parameters shared. A module, a backbone or an array of
    weights that `make_module` hands out again and again therefore stays as it is.

    Raises:
        ModelError: `make_module` raises something, or returns no module; or one that cannot be copied for a second
            time.
    """
    arguments, named = class_argument(make_module, n_classes)
    try:
        module: Any = make_module(*arguments, **named)
    except NO_FAULT:
        raise
    except Exception as error:
        call = f"make_module({', '.join([*map(str, arguments), *(f'{key}={n}' for key, n in named.items())])})"
        hint = "a function of the number of classes alone: lambda n_classes: MyNet(..., n_classes)"
        raise ModelError(f"{call} to build a module", in_words(error), hint) from error
    if not isinstance(module, nn.Module):
        hint = "make_module=lambda n_classes: nn.Sequential(...)"
        raise ModelError("make_module to return a torch module", f"a {type(module).__name__}", hint)
    return _own(module)


def class_argument(make_module: Callable[..., Any], n_classes: int) -> tuple[tuple[int, ...], dict[str, int]]:
    """Positional and named arguments that tell a factory the number of classes.

    It goes to the parameter with one of the names `COUNTS`; else to the first, if that has no default; else nowhere.
    What a `partial` has fixed stays as it is.
    """
    try:
        parameters = list(inspect.signature(make_module).parameters.values())
    except (TypeError, ValueError):  # of what is written in C
        return (n_classes,), {}
    fixed = make_module.keywords if isinstance(make_module, partial) else {}
    names = {p.name: p.name.lower().strip("_") for p in parameters if p.name not in fixed and _is_count(p)}
    for count in COUNTS:
        for name, plain in names.items():
            if plain == count:
                return (), {name: n_classes}
    first = parameters[0] if parameters else None
    if first is None or first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
        return (), {}
    return ((n_classes,), {}) if first.default is first.empty else ((), {})


def _is_count(parameter: inspect.Parameter) -> bool:
    """Tell whether a parameter can be named in a call and takes a whole number, by its default if it has one."""
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        return False
    default = parameter.default
    return default is parameter.empty or default is None or (isinstance(default, int) and not isinstance(default, bool))


def _own(module: nn.Module) -> nn.Module:
    frozen = {id(p): p for p in module.parameters() if not p.requires_grad}
    try:
        return copy.deepcopy(module, memo=frozen)
    except Exception:  # as of weights that a hook computes, or of an open file
        return _never_seen(module)


def _never_seen(module: nn.Module) -> nn.Module:
    """The module, if it shares nothing that training changes with one that was built before."""
    kept: list[torch.Tensor] = [*(p for p in module.parameters() if p.requires_grad), *module.buffers()]
    if any(tensor in _HANDED_OUT for tensor in kept):
        raise ModelError(
            "a fresh module from each call of make_module, as this one cannot be copied",
            "weights that an earlier call has handed out, and that training has changed since",
            "build it inside make_module; TorchModel(..., warm_start=True) goes on from the last round's weights",
        )
    _HANDED_OUT.update(dict.fromkeys(kept))
    return module
