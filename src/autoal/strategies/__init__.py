"""Query strategies: each scores or selects the rows of a snapshot."""

from __future__ import annotations

import dataclasses
import difflib
import reprlib
import warnings
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from autoal.errors import AutoALWarning, InputError
from autoal.strategies.alfa_mix import AlfaMix
from autoal.strategies.badge import Badge
from autoal.strategies.bait import Bait
from autoal.strategies.bald import Bald
from autoal.strategies.base import Strategy, has_scores, top
from autoal.strategies.batch_bald import BatchBald
from autoal.strategies.ceal import Ceal
from autoal.strategies.class_balanced import ClassBalanced
from autoal.strategies.clue import Clue
from autoal.strategies.cluster_margin import ClusterMargin
from autoal.strategies.contrastive import Contrastive
from autoal.strategies.core_set import CoreSet
from autoal.strategies.ddu import Ddu
from autoal.strategies.density_weighted import DensityWeighted
from autoal.strategies.diversified import Diversified
from autoal.strategies.drop_query import DropQuery
from autoal.strategies.ensemble_var_ratio import EnsembleVarRatio
from autoal.strategies.entropy import Entropy
from autoal.strategies.expected_model_change import ExpectedModelChange
from autoal.strategies.facility_location import FacilityLocation
from autoal.strategies.falcun import Falcun
from autoal.strategies.filtered import Filtered
from autoal.strategies.kmeans import KMeans
from autoal.strategies.kmeans_pp import KMeansPlusPlus
from autoal.strategies.learning_loss import LearningLoss
from autoal.strategies.least_confidence import LeastConfidence
from autoal.strategies.margin import Margin
from autoal.strategies.max_herding import MaxHerding
from autoal.strategies.mean_std import MeanStd
from autoal.strategies.power import Power
from autoal.strategies.prob_cover import ProbCover
from autoal.strategies.random import Random
from autoal.strategies.typiclust import TypiClust
from autoal.strategies.u_herding import UHerding
from autoal.strategies.vaal import Vaal
from autoal.strategies.var_ratio import VarRatio
from autoal.strategies.weighted import Weighted

__all__ = [
    "AlfaMix",
    "Badge",
    "Bait",
    "Bald",
    "BatchBald",
    "Ceal",
    "ClassBalanced",
    "Clue",
    "ClusterMargin",
    "Contrastive",
    "CoreSet",
    "Ddu",
    "DensityWeighted",
    "Diversified",
    "DropQuery",
    "EnsembleVarRatio",
    "Entropy",
    "ExpectedModelChange",
    "FacilityLocation",
    "Falcun",
    "Filtered",
    "KMeans",
    "KMeansPlusPlus",
    "LearningLoss",
    "LeastConfidence",
    "Margin",
    "MaxHerding",
    "MeanStd",
    "Power",
    "ProbCover",
    "Random",
    "Strategy",
    "TypiClust",
    "UHerding",
    "Vaal",
    "VarRatio",
    "Weighted",
    "all",
    "built_in",
    "decoys",
    "from_config",
    "get",
    "has_scores",
    "oracles",
    "paper_candidates",
    "to_config",
    "top",
]


def built_in() -> dict[str, type[Strategy]]:
    """Every strategy that this module exports, by name: those that do not choose among others by what they learn."""
    exported = (globals()[name] for name in __all__)
    kinds = (kind for kind in exported if isinstance(kind, type) and issubclass(kind, Strategy))
    return {kind.name: kind for kind in kinds if kind is not Strategy}


def all() -> dict[str, type[Strategy]]:
    """Every strategy by name: those of this package, then those of other packages' entry points."""
    return _with_plug_ins(built_in(), "autoal.strategies")


def oracles() -> dict[str, type[Strategy]]:
    """What must be told the truth, and so is no strategy: bounds for benchmarks, by name."""
    return _with_plug_ins({}, "autoal.oracles")


def decoys() -> dict[str, type[Strategy]]:
    """Candidates that are bad on purpose, by name, to be mixed among good ones in a benchmark."""
    return _with_plug_ins({}, "autoal.decoys")


def _with_plug_ins(own: dict[str, type[Strategy]], group: str) -> dict[str, type[Strategy]]:
    """Our own, and what packages declare under other names; one that cannot be loaded harms none, but is warned of."""
    found = dict(own)
    for point in entry_points(group=group):
        try:
            found[point.name] = own[point.name] if point.name in own else point.load()
        except Exception as error:
            message = f"the strategy {point.name} ({point.value}) cannot be loaded, and is left out: {error}"
            warnings.warn(message, AutoALWarning, stacklevel=3)
    return found


def get(name: str) -> type[Strategy]:
    """The strategy, the oracle or the decoy of that name; hyphens count as underscores."""
    if not isinstance(name, str):
        raise InputError(
            "the name of a strategy", f"a {type(name).__name__}", "'margin', or another of strategies.all()"
        )
    wanted = name.replace("-", "_")
    found = next((known[wanted] for known in _registries() if wanted in known), None)
    if found is None:
        close = difflib.get_close_matches(wanted, all(), n=3) or list(all())
        raise InputError("the name of a strategy", repr(name), ", ".join(close))
    return found


def _registries() -> Iterator[dict[str, type[Strategy]]]:
    """Where a strategy may be, our own first: the others need the metadata of every package to be read."""
    yield built_in()
    yield all()
    yield oracles()
    yield decoys()


def paper_candidates() -> tuple[Strategy, ...]:
    """The seven candidates of the AutoAL paper."""
    return (Entropy(), Margin(), LeastConfidence(), KMeans(), Bald(), VarRatio(), MeanStd())


def to_config(strategy: Strategy) -> dict[str, Any]:
    """A strategy's name and arguments as plain data; the inverse of `from_config`."""
    known = (pair for registry in _registries() for pair in registry.items())
    name = next((name for name, kind in known if kind is type(strategy)), None)
    if name is None:
        hint = "declare it under the entry point group autoal.strategies, or pass strategy= to ActiveLearner.load"
        raise InputError("a registered strategy that is a dataclass", type(strategy).__name__, hint)
    plain = {f.name: _plain(getattr(strategy, f.name)) for f in dataclasses.fields(strategy) if f.init}
    return {"name": name, **plain}


def from_config(config: dict[str, Any]) -> Strategy:
    """The strategy that `to_config` described.

    Raises:
        InputError: it is no such description, or of a strategy without such arguments.
    """
    if not isinstance(config, dict) or "name" not in config:
        raise InputError("a strategy's name and arguments in a dict", reprlib.repr(config), "what to_config() returned")
    arguments = {key: _rich(value) for key, value in config.items() if key != "name"}
    kind = get(config["name"])
    try:
        return kind(**arguments)
    except TypeError as error:
        hint = "the arguments that this version of the strategy has"
        raise InputError(f"arguments of {kind.__name__}", str(error), hint) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Strategy):
        return to_config(value)
    value = value.item() if isinstance(value, np.generic) else value
    return [_plain(x) for x in value] if isinstance(value, tuple | list) else value


def _rich(value: Any) -> Any:
    if isinstance(value, dict):
        return from_config(value)
    return tuple(_rich(x) for x in value) if isinstance(value, tuple | list) else value
