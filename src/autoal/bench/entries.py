"""What a benchmark can list: strategies, variants of AutoAL by name, and strategies with other settings."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autoal import strategies
from autoal.errors import InputError
from autoal.search import Ensemble
from autoal.search.variants import ablations, sensitivity, with_decoys
from autoal.strategies import Strategy

BETWEEN_SETTINGS = re.compile(r",(?=\w+=)")  # a comma within a value stays
GROUPS: Mapping[str, Callable[[], Sequence[str]]] = {
    "all": lambda: tuple(strategies.all()),
    "ablations": lambda: tuple(f"autoal:{name}" for name in ablations()),
    "decoys": lambda: tuple(f"{name}:decoys" for name in ("autoal", "uniform_weights", "shuffled_weights")),
    "sensitivity": lambda: tuple(f"autoal:{name}" for name in sensitivity()),
}


def expanded(given: Sequence[str]) -> dict[str, Strategy]:
    """Strategies by the name that tables show.

    Args:
        given: each the name of a strategy, a group (`all`, `ablations`, `decoys`, `sensitivity`), a variant of AutoAL
            (`autoal:no_gates`), an ensemble with bad candidates among its own (`autoal:decoys`), or a strategy with
            settings (`autoal:batch=topk,cycles=1`).

    Raises:
        InputError: one of them is not known, or a setting has a wrong value.
    """
    names = [name for each in given for name in (GROUPS[each]() if each in GROUPS else [each])]
    return {label(name): entry(name) for name in names}


def label(name: str) -> str:
    """The name as tables show it; hyphens of the strategy's own name count as underscores."""
    strategy, colon, rest = name.partition(":")
    return f"{strategies.get(strategy).name}{colon}{rest}"


def entry(name: str) -> Strategy:
    """The strategy that one name describes."""
    strategy, _, rest = name.partition(":")
    kind = strategies.get(strategy)
    variants = ablations() if kind.name == "autoal" else {}
    if rest in variants:
        return variants[rest]
    if rest == "decoys" and issubclass(kind, Ensemble):
        return kind(candidates=with_decoys())
    if rest and "=" not in rest:
        hint = ", ".join(f"{kind.name}:{variant}" for variant in variants) or f"{kind.name}:max_candidates=1000"
        raise InputError("a variant of AutoAL, or settings as NAME=VALUE", repr(name), hint)
    return kind(**dict(_setting(kind, part) for part in BETWEEN_SETTINGS.split(rest) if part))


def _setting(kind: type[Strategy], text: str) -> tuple[str, Any]:
    """One NAME=VALUE; a value is a Python literal, and anything else is text."""
    name, _, written = text.partition("=")
    defaults = {field.name: field.default for field in dataclasses.fields(kind) if field.init}
    if name not in defaults:
        raise InputError(f"a setting of {kind.name}", repr(name), ", ".join(defaults))
    try:
        value = ast.literal_eval(written)
    except (ValueError, SyntaxError):
        value = written
    if not _alike(value, defaults[name]):
        raise InputError(f"a value for {text} like the default {defaults[name]!r}", repr(value), f"leave {name} out")
    return name, value


def _alike(value: Any, default: Any) -> bool:
    """Whether a value has the type of a default that tells one."""
    if isinstance(default, float):
        return type(value) in (int, float)
    return type(value) is type(default) if isinstance(default, bool | int | str) else True
