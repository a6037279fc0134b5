"""The candidate whose learning curve is predicted to be the highest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autoal.adaptive.feedback import Memory
from autoal.adaptive.judge import Judge
from autoal.adaptive.palm import FloatArray, Palm
from autoal.adaptive.trial import Batches, Trial
from autoal.snapshot import Snapshot
from autoal.strategies.settings import require_positive, require_whole

POINTS = 12  # of a curve, at most


@dataclass(frozen=True)
class LearningCurve(Trial):
    """Asks the candidate that is predicted to be the most accurate, had it alone asked for all labels until then.

    The candidates share the first batches. From then on, a candidate's learning curve begins with the labels that none
    of them asked for, and has a point for each of its batches: the accuracy, by `Judge`, of training on these and on
    its own labels so far. All curves are measured anew in each round, on the same samples and the same embedding; they
    differ in nothing but the labels. A PALM curve is fitted to each, and the one that is highest
    `horizon` batches from now asks.

    A curve is an extrapolation: at the end of the trial, a candidate has asked for a K-th of the labels that are known,
    and four parameters fit noise well. Its batches were chosen in the light of the others' labels too, and would have
    been others without.

    Args:
        candidates: strategies or their names; default: the seven of the AutoAL paper. One that needs what the model
            cannot give, or that fails, is passed over with a warning.
        least: batches that a candidate shares in before its curve is trusted.
        horizon: batches ahead for which the accuracy is predicted.

    Source: the curve, Machnio, Nielsen and Ghazi, ICCV 2025 (PALM); there complete runs of each candidate are compared.
    """

    name = "learning_curve"
    reference = "after Machnio et al. 2025"
    needs = frozenset({"log_probs", "embedding"})

    least: int = 3
    horizon: float = 1.0

    def __post_init__(self) -> None:
        require_whole(self, "least")
        require_positive(self, "horizon")
        super().__post_init__()

    @property
    def rounds(self) -> int:
        """`least`."""
        return self.least

    def ranked(
        self, batches: Sequence[Batches], memory: Memory, snapshot: Snapshot, n: int
    ) -> tuple[list[int], Memory]:
        """By the predicted accuracy; candidates that never had an answer come last."""
        judge, noise = Judge.of(snapshot), 0.5 / len(snapshot.labels) ** 0.5  # of a share of so many, at most
        target = len(snapshot.labels) + self.horizon * n
        predicted = np.full(len(batches), -np.inf)
        for arm, points in enumerate(observed(judge, snapshot.labelled_ids.numpy(), batches)):
            if len(points):
                predicted[arm] = Palm.fit(points[:, 0], points[:, 1], n, noise)(target)
        return np.argsort(-predicted, kind="stable").tolist(), memory


def observed(judge: Judge, ids: npt.NDArray[np.int64], batches: Sequence[Batches]) -> list[FloatArray]:
    """The learning curve (k, 2) of each candidate, labels and accuracy; (0, 2) of one without answers.

    Args:
        judge: of the labelled samples.
        ids: (m,) of the labelled samples.
        batches: of each candidate; what none of them asked for, all curves begin with.
    """
    asked = [id_ for mine in batches for part in mine.values() for id_ in part]
    common = np.flatnonzero(~np.isin(ids, asked))
    start = judge.accuracy(common)
    curves = []
    for mine in batches:
        points = [(len(common), start)]
        for last in thinned(sorted(mine)):
            rows = np.flatnonzero(np.isin(ids, [id_ for round_ in mine if round_ <= last for id_ in mine[round_]]))
            points.append((len(common) + len(rows), judge.accuracy(np.concatenate([common, rows]))))
        curves.append(np.array(points) if len(points) > 1 else np.empty((0, 2)))
    return curves


def thinned(rounds: Sequence[int]) -> list[int]:
    """At most `POINTS` of the rounds, evenly, with the first and the last."""
    places = np.linspace(0, len(rounds) - 1, min(len(rounds), POINTS)).round().astype(int)
    return [rounds[place] for place in places]
