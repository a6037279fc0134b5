"""What a benchmark can list: strategies, variants of AutoAL by name, and strategies with other settings."""

from __future__ import annotations

import ast
import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from autoal import strategies
from autoal.errors import InputError
from autoal.search import Ensemble
from autoal.search.variants import ablations, misled, sensitivity, with_decoys
from autoal.strategies import Strategy

BETWEEN_SETTINGS = re.compile(r",(?=\w+=)")  # a comma within a value stays
PLAIN = frozenset({bool, int, float, str, types.NoneType})  # what a literal on the command line can be judged by
GROUPS: Mapping[str, Callable[[], Sequence[str]]] = {
    "all": lambda: tuple(strategies.all()),
    "ablations": lambda: tuple(f"autoal:{name}" for name in ablations()),
    "decoys": lambda: (
        *(f"{name}:decoys" for name in ("autoal", "uniform_weights", "shuffled_weights")),
        *(f"autoal:{name}" for name in misled()),
    ),
    "sensitivity": lambda: tuple(f"autoal:{name}" for name in sensitivity()),
}


def expanded(given: Sequence[str]) -> dict[str, Strategy]:
    """Strategies by the name that tables show.

    Args:
        given: each the name of a strategy, a group (`all`, `ablations`, `decoys`, `sensitivity`), a variant of AutoAL
            (`autoal:no_gates`), an ensemble with bad candidates among its own (`autoal:decoys`), or a strategy with
            settings (`autoal:batch=topk,cycles=1`, `autoal:decoys,cycles=1`).

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
    strategy, colon, rest = name.partition(":")
    kind = strategies.get(strategy)
    variants = ablations() | misled() if kind.name == "autoal" else {}
    if rest in variants:
        return variants[rest]
    parts = BETWEEN_SETTINGS.split(rest) if colon else []
    if any("=" not in part and not _adds_decoys(kind, part) for part in parts):
        hint = ", ".join(f"{kind.name}:{variant}" for variant in variants) or f"{kind.name}:max_candidates=1000"
        raise InputError("a variant of AutoAL, or settings as NAME=VALUE", repr(name), hint)
    settings = [_setting(kind, part) for part in parts]
    if len(dict(settings)) < len(settings):
        raise InputError("each setting once", repr(name), "separate entries for several values")
    return kind(**dict(settings))


def _setting(kind: type[Strategy], text: str) -> tuple[str, Any]:
    """One NAME=VALUE; a value is a Python literal, and anything else is text."""
    if _adds_decoys(kind, text):
        return "candidates", with_decoys()
    name, _, written = text.partition("=")
    defaults = {field.name: field.default for field in dataclasses.fields(kind) if field.init}
    if name not in defaults:
        raise InputError(f"a setting of {kind.name}", repr(name), ", ".join(defaults))
    try:
        value = ast.literal_eval(written)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):  # all that literal_eval may raise
        value = written
    if not _fits(value, typing.get_type_hints(kind)[name]):
        raise InputError(f"a value for {text} like the default {defaults[name]!r}", repr(value), f"leave {name} out")
    return name, value


def _adds_decoys(kind: type[Strategy], text: str) -> bool:
    """Whether this is the word for bad candidates, where there are candidates that they can be among."""
    return text == "decoys" and issubclass(kind, Ensemble)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value has a type that an annotation names; what is not plain is left to the strategy to judge."""
    hints = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    literals = {
        type(choice) for some in hints if typing.get_origin(some) is Literal for choice in typing.get_args(some)
    }
    kinds = {some for some in hints if typing.get_origin(some) is not Literal} | literals
    return not kinds <= PLAIN or type(value) in (kinds | {int} if float in kinds else kinds)
