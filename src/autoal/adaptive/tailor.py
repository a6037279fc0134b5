"""TAILOR: Thompson sampling among strategies, rewarded by how well their picks balance the classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.adaptive.feedback import Adaptive, Memory, answered, waiting
from autoal.errors import InputError
from autoal.numeric import is_finite
from autoal.snapshot import Snapshot
from autoal.strategies.settings import is_one_of

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tailor(Adaptive):
    """Each sample of the batch is the next pick of the candidate that seems to find the classes most wanted.

    Of each candidate it is counted which classes its picks turned out to have. For each sample, class shares theta are
    drawn from the Dirichlet distribution of these counts, and the candidate with the highest theta . v is asked. v_c
    falls with the number n_c of labels of class c. There may be hundreds of candidates.

    Args:
        reward: `diversity`, v_c = 1 / max(1, n_c), negative for a class that more than half of the labels have; or
            `positive`, v_c = 1, for which every sample with a label counts the same.
        decay: what earlier counts are multiplied by with each batch.

    Source: Zhang, Shao, Verma and Nowak, NeurIPS 2023.
    """

    name = "tailor"
    reference = "Zhang et al. 2023"
    needs = frozenset({"log_probs", "embedding"})

    reward: Literal["diversity", "positive"] = "diversity"
    decay: float = 0.9

    def __post_init__(self) -> None:
        if not is_one_of(self.reward, ("diversity", "positive")):
            raise InputError("the reward diversity or positive", repr(self.reward), "reward='diversity'")
        if not (is_finite(self.decay) and 0 <= self.decay <= 1):
            raise InputError("a decay from 0 to 1", repr(self.decay), "decay=0.9")
        super().__post_init__()

    def begin(self, snapshot: Snapshot) -> Memory:
        """One of each class for each candidate."""
        return {"counts": np.ones((len(self.parts), snapshot.n_classes)).tolist(), "asked": {}}

    def learn(self, memory: Memory, snapshot: Snapshot) -> Memory:
        """Count the classes of the picks that were answered since the last query."""
        new = answered(memory, snapshot)
        if not new:
            return {**memory, "asked": waiting(memory, snapshot)}
        counts = self.decay * np.array(memory["counts"])
        for id_, row in new.items():
            counts[memory["asked"][id_], int(snapshot.labels[row])] += 1
        asked = waiting(memory, snapshot)
        return {"counts": counts.tolist(), "asked": asked}

    def choose(self, snapshot: Snapshot, n: int, rng: np.random.Generator, memory: Memory) -> tuple[Tensor, Memory]:
        """Rows (n,), one after the other."""
        ranking_rng, rng = rng.spawn(2)
        orders = [ranking.tolist() for ranking in self.rankings(snapshot, n, ranking_rng)]
        v = class_values(np.bincount(snapshot.labels.numpy(), minlength=snapshot.n_classes), self.reward)
        alpha = np.array(memory["counts"]) + 1
        can = np.array([bool(order) for order in orders])
        heads, taken = [0] * len(orders), set[int]()
        picks: list[int] = []
        arms: list[int] = []
        while len(picks) < n and can.any():
            arm = int(np.where(can, thompson(alpha, v, rng), -np.inf).argmax())
            while heads[arm] < len(orders[arm]) and orders[arm][heads[arm]] in taken:
                heads[arm] += 1
            if heads[arm] == len(orders[arm]):
                can[arm] = False
                continue
            picks.append(orders[arm][heads[arm]])
            taken.add(picks[-1])
            arms.append(arm)
        asked = dict(zip(map(str, snapshot.ids[torch.tensor(picks, dtype=torch.int64)].tolist()), arms, strict=True))
        return torch.tensor(picks, dtype=torch.int64), {**memory, "asked": memory["asked"] | asked}


def class_values(n_c: npt.NDArray[np.int64], reward: str) -> FloatArray:
    """v (C,) of the numbers of labels n_c (C,)."""
    if reward == "positive":
        return np.ones(len(n_c))
    return np.where(n_c > n_c.sum() / 2, -1.0, 1.0) / np.maximum(n_c, 1)


def thompson(alpha: FloatArray, v: FloatArray, rng: np.random.Generator) -> FloatArray:
    """theta_i . v (K,) with theta_i ~ Dirichlet(alpha_i), alpha (K, C)."""
    gamma = rng.standard_gamma(alpha)
    return np.asarray(gamma @ v / gamma.sum(axis=1).clip(1e-300))
