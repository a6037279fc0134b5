"""The contract, for every registered strategy."""

from __future__ import annotations

import pytest

from autoal import AutoAL, strategies
from autoal.adaptive import RandomWeights, Refine, ShuffledWeights, UniformWeights
from autoal.strategies import (
    EnsembleVarRatio,
    FacilityLocation,
    LearningLoss,
    MaxHerding,
    ProbCover,
    Strategy,
    UHerding,
    Vaal,
)
from autoal.testing import StrategyContract

pytestmark = pytest.mark.no_cover  # tests of the strategies reach the same lines; counting them here takes a third more
# more candidates take time that grows with their square; a matrix of all pairs would still be three times too large
FEW = 15_000
# the same code with fewer steps and candidates: a contract is not about how well a network is trained
QUICK: dict[str, Strategy] = {
    "autoal": AutoAL(cycles=1, fit_steps=5, search_steps=3),
    "ensemble_var_ratio": EnsembleVarRatio(steps=20),
    "facility_location": FacilityLocation(max_candidates=FEW),
    "learning_loss": LearningLoss(steps=20),
    "max_herding": MaxHerding(max_candidates=FEW),
    "prob_cover": ProbCover(max_candidates=FEW),
    "random_weights": RandomWeights(max_candidates=FEW),
    "refine": Refine(rounds=2, batches=3),
    "shuffled_weights": ShuffledWeights(cycles=1, fit_steps=5, search_steps=3, max_candidates=FEW),
    "u_herding": UHerding(max_candidates=FEW),
    "uniform_weights": UniformWeights(max_candidates=FEW),
    "vaal": Vaal(steps=10),
}


def _class(name: str, kind: type[Strategy]) -> type[StrategyContract]:
    return type(f"Test_{name}", (StrategyContract,), {"strategy": QUICK.get(name) or kind()})


globals().update({f"Test_{name}": _class(name, kind) for name, kind in strategies.all().items()})
