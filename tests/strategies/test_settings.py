"""Settings that no query can be made with are one clear error, when they are given."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import MISSING, fields
from typing import Any

import numpy as np
import pytest
import torch

from autoal import AutoALError, Strategy, strategies
from autoal.adaptive import Albl
from autoal.errors import InputError
from autoal.strategies import Ceal, Filtered, ProbCover, TypiClust, Vaal, Weighted

NO_NUMBER = ("ten", True, (1,), -3, -0.5, math.nan, math.inf, -math.inf)
NO_WHOLE_NUMBER = (*NO_NUMBER, 0.5, 20.0, 1e4, np.float32(8))


def numeric() -> list[tuple[type[Strategy], str, Any]]:
    """Each number that a constructor takes, of every strategy there is, and a wrong value for it."""
    registries = {**strategies.all(), **strategies.oracles(), **strategies.decoys()}
    found: list[tuple[type[Strategy], str, Any]] = []
    for kind in registries.values():
        for field in fields(kind):
            declared = str(field.type).removesuffix(" | None")
            wrong = {"int": NO_WHOLE_NUMBER, "float": NO_NUMBER}.get(declared, ()) if field.init else ()
            none = (None,) if wrong and field.default not in (None, MISSING) else ()
            found += [(kind, field.name, value) for value in (*wrong, *none)]
    return found


@pytest.mark.parametrize("kind", {kind: None for kind, _, _ in numeric()})
def test_every_number_is_checked_when_it_is_given(kind: type[Strategy]) -> None:
    for owner, name, value in numeric():
        if owner is kind:
            with pytest.raises(AutoALError, match=name):
                kind(**{name: value})


ANYTHING: tuple[Any, ...] = (
    None, 3, "x", -1, math.nan, True, 1.5, 10**30, "", b"x", [], (), {}, [[]], [None], ["margin", 3], object(),
    np.array([]), np.ones((2, 2)), torch.ones(2),
)  # fmt: skip


@pytest.mark.parametrize("kind", {kind: None for kind, _, _ in numeric()})
def test_any_value_of_any_argument_gives_a_strategy_or_one_clear_error(kind: type[Strategy]) -> None:
    for field in fields(kind):
        for value in ANYTHING if field.init else ():
            with suppress(InputError):
                kind(**{field.name: value})


@pytest.mark.parametrize(
    ("kind", "settings", "match"),
    [
        (TypiClust, {"neighbours": 0}, "neighbours of at least 1, a whole number; got 0"),
        (Vaal, {"batch": 0}, "batch of at least 1, a whole number; got 0"),
        (Vaal, {"lr": 0.0}, r"a finite lr above 0; got 0\.0"),
        (Ceal, {"delta": -1.0}, "a finite delta of at least 0"),
        (Filtered, {"keep": 1.5}, "keep above 0 and at most 1"),
        (ProbCover, {"purity": 1.0}, "purity between 0 and 1"),
        (Weighted, {"weights": ("ten", 1.0)}, "weights of at least 0"),
        (Weighted, {"strategies": 3}, "strategies, a list of strategies or their names; got 3"),
        (Albl, {"candidates": 3}, "candidates, a list of strategies or their names; got 3"),
        (Ceal, {"measure": []}, r"measure to be one of least_confidence, margin, entropy; got \[\]"),
        (Weighted, {"weights": 0.5}, "2 weights, one for each strategy; got 1"),
    ],
)
def test_the_error_says_what_may_be_given(kind: type[Strategy], settings: dict[str, Any], match: str) -> None:
    with pytest.raises(AutoALError, match=match):
        kind(**settings)


def test_numbers_of_numpy_are_numbers() -> None:
    assert Vaal(batch=np.int32(8), lr=np.float32(0.5), beta=0, max_candidates=np.int64(9)).batch == 8  # type: ignore[arg-type]
