"""A control: the candidate that won the first round asks for everything that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autoal.adaptive.feedback import Memory
from autoal.adaptive.judge import Judge
from autoal.adaptive.trial import Batches, Trial
from autoal.snapshot import Snapshot


@dataclass(frozen=True)
class FirstWinner(Trial):
    """The candidates share the first batch; the one whose part was worth most for each label asks from then on.

    What a part was worth is `Judge.gain`, by how much more is predicted rightly with these labels than without. It is
    measured once, and nothing is learned later: what an adaptive strategy gains over this control, it owes to learning
    on. If a batch is smaller than the number of candidates, the trial goes on until each has had an answer. A winner
    that fails later is stood in for by the next.

    Args:
        candidates: strategies or their names; default: the seven of the AutoAL paper. One that needs what the model
            cannot give, or that fails, is passed over with a warning.
    """

    name = "first_winner"
    reference = "control: the first round's winner"
    needs = frozenset({"log_probs", "embedding"})

    @property
    def rounds(self) -> int:
        """One."""
        return 1

    def ranked(
        self, batches: Sequence[Batches], memory: Memory, snapshot: Snapshot, n: int
    ) -> tuple[list[int], Memory]:
        """By the gain for each label, when the trial was over."""
        if "order" not in memory:
            judge, ids = Judge.of(snapshot), snapshot.labelled_ids.numpy()
            gains = []
            for mine in batches:
                rows = np.flatnonzero(np.isin(ids, [id_ for part in mine.values() for id_ in part]))
                gains.append(judge.gain(rows) / len(rows) if len(rows) else -np.inf)
            memory = {**memory, "order": np.argsort(-np.array(gains), kind="stable").tolist()}
        return memory["order"], memory
