"""The form of results that come from a file: every round, run, failure and fact is checked, and nothing is left out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from autoal.bench.results import Failure, Line, Run
from autoal.errors import StateError

OPTIONAL = ("balanced_accuracy", "log_loss", "calibration")  # that files of earlier versions lack
HINT = "a copy of the file as autoal wrote it"


def parsed(text: str, where: str) -> Any:
    """Parse a text in JSON.

    Raises:
        StateError: it is no JSON, or names a field twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError, TypeError) as error:
        raise StateError(f"JSON in {where}", str(error) or type(error).__name__, HINT) from error


def checked_run(plain: Any, where: str) -> Run:
    """The run that a value of JSON stands for.

    Args:
        plain: the value.
        where: where it comes from, for the error.

    Raises:
        StateError: a field is missing, or holds what it must not.
    """
    found = _record(plain, ("task", "strategy", "seed", "rounds"), where)
    key = (_text(found, "task", where), _text(found, "strategy", where), _seed(found, where))
    return Run(*key, checked_rounds(found["rounds"], where))


def checked_rounds(plain: Any, where: str) -> tuple[Line, ...]:
    """The rounds of a run: numbered from 0, with more labels in each, and with the same scores in all.

    Raises:
        StateError: they are not.
    """
    if not isinstance(plain, Sequence) or isinstance(plain, str) or not plain:
        raise _wrong("rounds, a list of at least one", plain, where)
    labels, scores = -1, None
    for number, line in enumerate(plain):
        place = f"round {number} of {where}"
        if _record(line, ("round", "labels", "accuracy"), place)["round"] != number or isinstance(line["round"], bool):
            raise _wrong(f"round, {number}", line["round"], place)
        if type(line["labels"]) is not int or line["labels"] <= labels:
            raise _wrong("labels, a whole number that grows from round to round", line["labels"], place)
        labels, there = line["labels"], [name for name in OPTIONAL if name in line]
        if scores not in (None, there):
            raise _wrong(f"the scores {', '.join(scores)}, as in the rounds before", ", ".join(there), place)
        scores = there
        _check_numbers(line, place)
    return tuple(plain)


def checked_failure(plain: Any, where: str) -> Failure:
    """The failed cell that a value of JSON stands for.

    Raises:
        StateError: a field is missing, or holds what it must not.
    """
    found = _record(plain, ("task", "strategy", "seed", "error"), where)
    error = found["error"]
    if not isinstance(error, str):
        raise _wrong("error, a text", error, where)
    return Failure(_text(found, "task", where), _text(found, "strategy", where), _seed(found, where), error)


def checked_facts(plain: Any, where: str) -> dict[str, str]:
    """Texts by name.

    Raises:
        StateError: it is something else.
    """
    if not isinstance(plain, dict) or not all(isinstance(value, str) for value in plain.values()):
        raise _wrong("about, texts by name", plain, where)
    return plain


def _check_numbers(line: Mapping[str, Any], where: str) -> None:
    for name in ("accuracy", "balanced_accuracy", "calibration"):
        if name in line and not (_is_number(line[name]) and 0 <= line[name] <= 1):
            raise _wrong(f"{name}, a number from 0 to 1", line[name], where)
    if "log_loss" in line and not (_is_number(line["log_loss"], infinite=True) and line["log_loss"] >= 0):
        raise _wrong("log_loss, a number of at least 0", line["log_loss"], where)
    if "peak_memory" in line and not (_is_number(line["peak_memory"]) and line["peak_memory"] >= 0):
        raise _wrong("peak_memory, a number of at least 0", line["peak_memory"], where)
    for name in ("seconds", "weights"):
        values = line.get(name, {})
        if not isinstance(values, dict) or not all(map(_is_number, values.values())):
            raise _wrong(f"{name}, finite numbers by name", values, where)
    if negative := [stage for stage, seconds in line.get("seconds", {}).items() if seconds < 0]:
        raise _wrong("seconds of at least 0", negative[0], where)


def _record(plain: Any, fields: Sequence[str], where: str) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise _wrong(f"an object with {', '.join(fields)}", plain, where)
    for name in fields:
        if name not in plain:
            raise StateError(f"{name} in {where}", "none", HINT)
    return plain


def _text(found: Mapping[str, Any], name: str, where: str) -> str:
    value = found[name]
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _wrong(f"{name}, a text of one line", value, where)
    return value


def _seed(found: Mapping[str, Any], where: str) -> int:
    seed = found["seed"]
    if type(seed) is not int or not 0 <= seed < 1 << 128:
        raise _wrong("seed, a whole number of at least 0", seed, where)
    return seed


def _is_number(value: Any, infinite: bool = False) -> bool:
    """A log loss is infinite where the probability of a true class was zero; nothing else is."""
    return type(value) in (int, float) and not math.isnan(value) and (infinite or math.isfinite(value))


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"a field twice among {', '.join(name for name, _ in pairs)[:100]}")
    return found


def _wrong(expected: str, value: Any, where: str) -> StateError:
    shown = repr(value)
    return StateError(f"{expected}, in {where}", shown if len(shown) < 100 else f"{shown[:100]}…", HINT)
