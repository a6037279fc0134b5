"""AutoAL without one of its parts, or with another setting: what each part buys, and how much the settings matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autoal import strategies
from autoal.search.autoal import AutoAL
from autoal.strategies.base import Strategy

# One candidate is the uncertainty of most use alone; three are one of a kind: uncertainty, diversity, disagreement.
FEW: Mapping[int, tuple[str, ...]] = {
    1: ("margin",),
    3: ("margin", "kmeans", "bald"),
    5: ("margin", "kmeans", "bald", "entropy", "mean_std"),
}
TRAINED = frozenset({"learning_loss", "vaal", "ensemble_var_ratio"})  # train networks of their own in each query


def every_candidate() -> tuple[str, ...]:
    """All strategies of the library that do not choose among others by what they learn, and train nothing."""
    return tuple(name for name in strategies.built_in() if name not in TRAINED)


def ablations() -> dict[str, AutoAL]:
    """AutoAL with one part taken out or replaced, by a name that says which."""
    changes: dict[str, dict[str, Any]] = {
        "no_loss_prediction": {"loss_prediction": 0.0},
        "loss_prediction_only": {"score": "predicted_loss", "per_sample": False},
        "no_fitnet": {"fitnet": "fitted"},
        "no_mixture": {"max_components": 0},
        "no_gates": {"gates": False},
        "no_balance": {"balanced": False},
        "no_handicap": {"tolerance": 1.0},
        "error_only": {"signal": "error"},
        "few_references": {"references": 2000},
        "embedding_only": {"space": "embedding"},
        "no_favourite": {"favourite": None},
        "first_vote_only": {"search_steps": 0},
        "no_halves": {"held_out": False},
        "per_round": {"per_sample": False},
        "topk": {"batch": "topk"},
        **{f"candidates_{k}": {"candidates": names} for k, names in FEW.items()},
        "candidates_all": {"candidates": every_candidate()},
    }
    return {name: AutoAL(**change) for name, change in changes.items()}


def with_decoys() -> tuple[Strategy, ...]:
    """The candidates of the paper and three bad ones: one seeks confidence, one is noise, one seeks density."""
    bad = (strategies.get(name)() for name in ("confident", "random", "dense"))
    return *strategies.paper_candidates(), *bad


def misled() -> dict[str, AutoAL]:
    """AutoAL with a first vote for the worst of bad candidates, with a search and without: what it takes back."""
    worst: dict[str, Any] = {"candidates": with_decoys(), "favourite": "confident"}
    return {"bad_favourite": AutoAL(**worst), "bad_favourite_kept": AutoAL(**worst, search_steps=0)}


def sensitivity() -> tuple[str, ...]:
    """Settings of AutoAL, as NAME=VALUE: numbers far below and far above their defaults."""
    values: dict[str, tuple[float, ...]] = {
        "lambda_bar": (0.01, 1.0),
        "cycles": (1, 6),
        "max_components": (1, 10),
        "tau_start": (0.3, 3.0),
        "hidden": (8, 128),
        "sharpness": (1.0, 4.0),
        "tolerance": (0.25, 0.75),
        "prior": (0.05, 1.0),
        "doubt": (1.0, 4.0),
        "favour": (0.5, 0.95),
        "search_steps": (5, 80),
    }
    return tuple(f"{name}={value}" for name, some in values.items() for value in some)
