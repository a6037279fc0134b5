"""Active learning by learning: a bandit over strategies whose reward is an estimate of the accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from autoal.adaptive.feedback import Adaptive, Memory, answered, waiting
from autoal.snapshot import Snapshot
from autoal.strategies.draws import shuffled
from autoal.strategies.settings import require_fraction, require_whole

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Albl(Adaptive):
    """Asks for the batch of one candidate, or for a random one, drawn from a mixture.

    The weights of the mixture follow Exp4.P. The reward of a pick is the accuracy of the model that was trained on its
    label, estimated on all samples asked so far by weighing each with 1 / (the probability that it was asked). A batch
    is one draw, so that what follows can be credited to one candidate; each of its samples counts as a step. A batch of
    one is the published rule.

    Args:
        horizon: T, the number of labels that will be asked for, which decides how much is explored; default: every
            arm is drawn at least a tenth as often as by a uniform choice.
        normalised: whether the estimate is divided by the sum of the weights rather than by their expectation, the size
            of the pool. It is then an accuracy, from 0 to 1, also while few samples were drawn from the whole pool; the
            published rule, False, is unbiased, but of a large pool nearly zero most of the time.
        delta: the probability with which the bound of Exp4.P may fail.

    Source: Hsu and Lin, AAAI 2015.
    """

    name = "albl"
    reference = "Hsu and Lin 2015"
    needs = frozenset({"log_probs", "embedding"})

    horizon: int | None = None
    normalised: bool = True
    delta: float = 0.1

    def __post_init__(self) -> None:
        require_whole(self, "horizon")
        require_fraction(self, "delta")
        super().__post_init__()

    @property
    def n_arms(self) -> int:
        """K: the candidates, and the uniform draw, which is the last."""
        return len(self.parts) + 1

    @property
    def least(self) -> float:
        """p_min, the least probability of an arm."""
        K = self.n_arms
        return 0.1 / K if self.horizon is None else min(math.sqrt(math.log(K) / (K * self.horizon)), 1 / K)

    def begin(self, snapshot: Snapshot) -> Memory:
        """Equal weights; `weights` are logarithms."""
        return {"weights": [0.0] * self.n_arms, "pool": len(snapshot), "asked": {}, "importance": {}}

    def learn(self, memory: Memory, snapshot: Snapshot) -> Memory:
        """Reward every pick that was answered since the last query."""
        new = answered(memory, snapshot)
        if not new:
            return {**memory, "asked": waiting(memory, snapshot)}
        asked = waiting(memory, snapshot)
        picks = [memory["asked"][id_] for id_ in memory["asked"] if id_ in new]
        importance = memory["importance"] | {id_: 1 / memory["asked"][id_]["q"] for id_ in new}
        total = sum(importance.values()) if self.normalised else memory["pool"] * len(importance)
        reward = weight_of_right(importance, snapshot) / total
        weights = np.array(memory["weights"])
        for pick in picks:
            weights += exponent(reward, pick["q"], np.array(pick["psi"]), np.array(pick["p"]), self.least, self.delta)
        return {**memory, "weights": (weights - weights.max()).tolist(), "asked": asked, "importance": importance}

    def choose(self, snapshot: Snapshot, n: int, rng: np.random.Generator, memory: Memory) -> tuple[Tensor, Memory]:
        """Rows (n,) of one arm, in its order."""
        ranking_rng, rng = rng.spawn(2)
        batches = [*self.rankings(snapshot, n, ranking_rng), shuffled(snapshot, rng)[:n]]
        p = probabilities(np.array(memory["weights"]), self.least, [len(batch) > 0 for batch in batches])
        picks = batches[int(rng.choice(len(p), p=p))]
        psi = offered(picks, batches[:-1], n / len(snapshot))
        asked = {
            str(id_): {"q": float(p @ column), "psi": column.tolist(), "p": p.tolist()}
            for id_, column in zip(snapshot.ids[picks].tolist(), psi.T, strict=True)
        }
        return picks, {**memory, "asked": memory["asked"] | asked}


def probabilities(weights: FloatArray, least: float, usable: Sequence[bool]) -> FloatArray:
    """p_k (K,) = (1 - K p_min) w_k / sum w + p_min of arms that can be used, 0 of others; `weights` are log w."""
    can = np.array(usable)
    w = np.where(can, np.exp(weights - weights[can].max()), 0.0)
    p = np.where(can, (1 - len(w) * least) * w / w.sum() + least, 0.0)
    return np.asarray(p / p.sum())


def exponent(reward: float, q: float, psi: FloatArray, p: FloatArray, least: float, delta: float) -> FloatArray:
    """What one step of Exp4.P adds to the logarithm of each weight (K,).

    p_min / 2 (r psi_k / q + v_k sqrt(ln(K / delta) / (K T))) with v_k = 1 / p_k, where p_min^2 = ln K / (K T).
    """
    K = len(p)
    bound = least * math.sqrt(math.log(K / delta) / math.log(K))
    v = np.divide(1.0, p, out=np.zeros(K), where=p > 0)
    return np.asarray(least / 2 * (reward * psi / q + v * bound))


def weight_of_right(importance: dict[str, float], snapshot: Snapshot) -> float:
    """sum_t W_t [f(x_t) = y_t] over the samples asked, W_t = 1 / (their probability)."""
    right = snapshot.labelled_log_probs.argmax(dim=1) == snapshot.labels
    known = dict(zip(map(str, snapshot.labelled_ids.tolist()), right.tolist(), strict=True))
    return float(sum(weight for id_, weight in importance.items() if known.get(id_)))


def offered(picks: Tensor, batches: Sequence[Tensor], by_chance: float) -> FloatArray:
    """psi (K, n), the probability with which each arm would ask for each pick (n,); the last arm draws evenly."""
    rows = [np.isin(picks, batch).astype(float) for batch in batches]
    return np.stack([*rows, np.full(len(picks), by_chance)])
