"""The contract, for every registered strategy."""

from __future__ import annotations

from autoal import AutoAL, strategies
from autoal.adaptive import Refine, ShuffledWeights
from autoal.strategies import EnsembleVarRatio, LearningLoss, Strategy, Vaal
from autoal.testing import StrategyContract

# the same code with fewer steps: a contract is not about how well a network is trained
QUICK: dict[str, Strategy] = {
    "autoal": AutoAL(cycles=1, fit_steps=5, search_steps=3),
    "ensemble_var_ratio": EnsembleVarRatio(steps=20),
    "learning_loss": LearningLoss(steps=20),
    "refine": Refine(rounds=2, batches=3),
    "shuffled_weights": ShuffledWeights(cycles=1, fit_steps=5, search_steps=3),
    "vaal": Vaal(steps=10),
}


def _class(name: str, kind: type[Strategy]) -> type[StrategyContract]:
    return type(f"Test_{name}", (StrategyContract,), {"strategy": QUICK.get(name) or kind()})


globals().update({f"Test_{name}": _class(name, kind) for name, kind in strategies.all().items()})
