"""A contextual bandit: which candidate asks depends on what the round looks like, and on what rounds have brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autoal.adaptive.feedback import Adaptive, Memory, answered, strangers, waiting
from autoal.adaptive.hybrid_ridge import HybridRidge
from autoal.adaptive.judge import Judge
from autoal.adaptive.round_context import FEATURES, round_context
from autoal.snapshot import Snapshot
from autoal.strategies.draws import topped_up
from autoal.strategies.guard import tolerant_select
from autoal.strategies.resolve import usable
from autoal.strategies.settings import require_not_negative


@dataclass(frozen=True)
class LinUCB(Adaptive):
    """Asks for the batch of the candidate with the highest upper confidence bound on its gain in such a round.

    LinUCB with hybrid linear models: the gain of candidate k in a round of context x (see `round_context`) is expected
    to be x . (beta + theta_k). What is common, such as that later labels are worth less, is in beta, and does not count
    against the candidates that were asked late. The reward is `Judge.evidence`, by how much more is predicted rightly
    with the labels of the batch than without, in units of its chance variation: while there are few labels, gains are
    large and so is their noise, and in points of accuracy the first rounds would outweigh all that follow. Its
    weaknesses are those of `Judge`; and twenty rounds, each of one noisy reward, are little to learn from.

    Where answers come in parts, each part counts for its share of the batch.

    Args:
        candidates: strategies or their names; default: the seven of the AutoAL paper. One that needs what the model
            cannot give, or that fails, is passed over with a warning.
        alpha: how many standard deviations of its estimate a candidate is given the benefit of, if rewards have one.

    Source: Li, Chu, Langford and Schapire, WWW 2010, algorithm 2.
    """

    name = "lin_ucb"
    reference = "Li et al. 2010"
    needs = frozenset({"log_probs", "embedding"})

    alpha: float = 1.0

    def __post_init__(self) -> None:
        require_not_negative(self, "alpha")
        super().__post_init__()

    def begin(self, snapshot: Snapshot) -> Memory:
        """Nothing asked, and no reward."""
        model = HybridRidge.empty(len(self.parts), len(FEATURES))
        return {"model": model.plain(), "rounds": [], "asked": {}}

    def learn(self, memory: Memory, snapshot: Snapshot) -> Memory:
        """Reward every batch that was answered since the last query, in whole or in part; nothing is won outside."""
        asked, new, outside = memory["asked"], answered(memory, snapshot), strangers(memory, snapshot)
        if not new and not outside:
            return memory
        judge, model = Judge.of(snapshot), HybridRidge.of(memory["model"])
        for round_ in sorted({asked[id_] for id_ in new}):
            rows = np.array([row for id_, row in new.items() if asked[id_] == round_])
            model = self._rewarded(model, memory["rounds"][round_], len(rows), judge.evidence(rows))
        for round_ in sorted(asked[id_] for id_ in outside):
            model = self._rewarded(model, memory["rounds"][round_], 1, 0.0)
        return {**memory, "model": model.plain(), "asked": waiting(memory, snapshot)}

    @staticmethod
    def _rewarded(model: HybridRidge, batch: dict[str, Any], answers: int, reward: float) -> HybridRidge:
        """The model, told the reward of so many answers of a batch."""
        return model.updated(batch["arm"], np.array(batch["context"]), reward, answers / batch["size"])

    def choose(self, snapshot: Snapshot, n: int, rng: np.random.Generator, memory: Memory) -> tuple[Tensor, Memory]:
        """Rows (n,) of the candidate with the highest bound, ties at random; of the next, if it returns none."""
        candidates_rng, rng = rng.spawn(2)
        context = round_context(snapshot)
        bounds = HybridRidge.of(memory["model"]).bounds(context, self.alpha)
        able, generators = usable(self.parts, snapshot), candidates_rng.spawn(len(self.parts))
        picks = torch.empty(0, dtype=torch.int64)
        for arm in np.lexsort((rng.permutation(len(bounds)), -bounds)).tolist():
            if self.parts[arm] in able:
                picks = tolerant_select(self.parts[arm], snapshot, n, generators[arm])
            if len(picks):
                asked = dict.fromkeys(map(str, snapshot.ids[picks].tolist()), len(memory["rounds"]))
                round_ = {"arm": arm, "size": len(picks), "context": context.tolist()}
                memory = {**memory, "rounds": [*memory["rounds"], round_], "asked": memory["asked"] | asked}
                break
        return topped_up(picks, n, snapshot, rng), memory
