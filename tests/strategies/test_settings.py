"""Settings that no query can be made with are one clear error."""

from __future__ import annotations

import math
from typing import Any

import pytest

from autoal import AutoALError, Strategy
from autoal.strategies import (
    AlfaMix,
    Bait,
    BatchBald,
    ClusterMargin,
    DropQuery,
    FacilityLocation,
    MaxHerding,
    TypiClust,
    UHerding,
)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (MaxHerding, {"h": 0.0}),
        (MaxHerding, {"references": 0}),
        (UHerding, {"temperature": -1.0}),
        (UHerding, {"h": math.nan}),
        (FacilityLocation, {"references": -5}),
        (Bait, {"ridge": 0.0}),
        (Bait, {"oversample": math.inf}),
        (BatchBald, {"labellings": 0}),
        (TypiClust, {"neighbours": 0}),
        (ClusterMargin, {"clusters": 0}),
        (DropQuery, {"enough": 0}),
        (AlfaMix, {"eps": 0.0}),
    ],
)
def test_refused_when_given(kind: type[Strategy], settings: dict[str, Any]) -> None:
    with pytest.raises(AutoALError, match=f"a finite {next(iter(settings))} above 0"):
        kind(**settings)
