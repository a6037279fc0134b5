"""Strategies made of strategies: score the candidates, weigh them, integrate, choose the batch."""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from autoal.errors import AutoALWarning, InputError
from autoal.search.class_need import class_need
from autoal.search.divergence import weight_fault
from autoal.search.joint_space import joint_space
from autoal.search.mixture import thresholds
from autoal.search.relaxation import gated_weights, integrated_score
from autoal.search.scores import answering, comparable, percentile
from autoal.search.settings import VoteSettings
from autoal.snapshot import Snapshot
from autoal.strategies import paper_candidates
from autoal.strategies.base import Strategy, distinct_names, top_rows
from autoal.strategies.coverage import herding
from autoal.strategies.draws import by_id
from autoal.strategies.resolve import is_several, resolve, usable


@dataclass
class Report:
    """What the last query saw and did."""

    candidates: tuple[str, ...] = ()
    mean_weights: tuple[float, ...] = ()  # of each candidate, over the pool
    thresholds: tuple[float, ...] = ()  # of each candidate, in standard deviations of its scores
    components: int = 0  # of the Gaussian mixture
    selected: int = 0  # samples with a positive integrated score
    fell_back: str = ""  # why the first vote stood in for the weights; empty if it did not
    losses: dict[str, list[float]] = field(default_factory=dict)  # by step
    seconds: dict[str, float] = field(default_factory=dict)  # by stage

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to `seconds[stage]`."""
        started = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started


@dataclass
class Outcome:
    """What the last query of an ensemble left behind; it changes with each query, the ensemble does not."""

    ids: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))
    weights: Tensor = field(default_factory=lambda: torch.empty(0, 0))
    predicted_loss: Tensor = field(default_factory=lambda: torch.empty(0))  # (n_rows,), of a search that predicts it
    report: Report = field(default_factory=Report)


@dataclass(frozen=True)
class Ensemble(Strategy, VoteSettings):
    """A vote of candidates. A subclass says how much each counts for each sample.

    Args:
        candidates: strategies or their names, or a single one; default: the seven of the AutoAL paper. One that needs
            what the model cannot give is left out, with a warning, and one that raises has no say.

    See `VoteSettings` for the other arguments.
    """

    candidates: Sequence[Strategy | str] | Strategy | str | None = None

    outcome: Outcome = field(init=False, repr=False, compare=False, default_factory=Outcome)

    def __post_init__(self) -> None:
        super().__post_init__()
        given = paper_candidates() if self.candidates is None else self.candidates
        several: Any = given if is_several(given) else [given]
        object.__setattr__(self, "candidates", tuple(resolve(candidate) for candidate in several))
        if not self.candidates:
            raise InputError("at least one candidate", "none", "candidates=None for the paper's seven")
        self.check_vote()

    @property
    def weights_(self) -> Tensor:
        """The weight of each candidate for each sample at the last query (n_rows, K); rows sum to one."""
        return self.outcome.weights

    @property
    def ids_(self) -> Tensor:
        """The ids (n_rows,) of the samples that the rows of `weights_` stand for."""
        return self.outcome.ids

    @property
    def report_(self) -> Report:
        """What the last query saw and did."""
        return self.outcome.report

    @property
    def uses(self) -> frozenset[str]:
        """All that any candidate needs."""
        return self.needs.union(*(c.uses for c in cast(Sequence[Strategy], self.candidates) if isinstance(c, Strategy)))

    @abstractmethod
    def weigh(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """W and Theta, both (n_rows, K): the weight and the gate of each candidate for each sample."""

    def first_vote(self, candidates: Sequence[Strategy]) -> Tensor:
        """The weights (K,) before anything is learned: uniform."""
        return torch.full((len(candidates),), 1 / len(candidates))

    def fall_back(self, snapshot: Snapshot, candidates: Sequence[Strategy], reason: str) -> tuple[Tensor, Tensor]:
        """The first vote for every sample, with open gates, after a warning that gives the reason."""
        self.report_.fell_back = reason
        message = f"{self.name} uses its first vote in this query, as {reason}"
        warnings.warn(message, AutoALWarning, stacklevel=2)
        return self.first_vote(candidates).repeat(len(snapshot), 1), torch.zeros(len(snapshot), len(candidates))

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """The integrated score S-bar (n_rows,), for a batch of one in a hundred."""
        if len(snapshot) == 0:
            return torch.empty(0)
        return self._integrate(snapshot, max(len(snapshot) // 100, 1), rng)[0]

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        """`n` distinct rows (n,), by the chosen batch stage. Sets `weights_` and `report_`."""
        rng, batch_rng = rng.spawn(2)  # so that the batch stage draws the same, whatever the weights
        S_bar, utility = self._integrate(snapshot, n, rng)
        with self.report_.timed("batch"):
            if self.batch == "topk":
                return top_rows(S_bar, n, snapshot, batch_rng)
            utility = utility * class_need(snapshot.log_probs, len(snapshot.labels)) if self.balanced else utility
            points, anchors = snapshot.embedding, snapshot.anchors
            if self.space == "joint":
                points, anchors = joint_space(snapshot)
            return herding(points, utility, n, batch_rng, anchors, self.references, by_id(snapshot))

    def _integrate(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """S-bar (n_rows,), and the utility (n_rows,) that herding covers."""
        candidates = usable(cast(Sequence[Strategy], self.candidates), snapshot)
        self.outcome.report = Report()
        with self.report_.timed("candidates"):
            candidates, raw = answering(candidates, snapshot, n, rng)
            S = comparable(raw, self.scale)
        self.report_.candidates = distinct_names(candidates)
        with self.report_.timed("threshold"):
            vote, share = self.first_vote(candidates), n / len(snapshot)
            theta, components = thresholds(
                S[by_id(snapshot)], vote, share, self.max_components, rng, scaled=self.scaled_thresholds
            )
            self.report_.components = components
        gated = self._usable_weights(snapshot, candidates, n, rng)
        S_bar = integrated_score(S, theta, gated)
        self.outcome.ids, self.outcome.weights = snapshot.ids, gated / gated.sum(dim=1, keepdim=True)
        self.report_.mean_weights = tuple(self.weights_.mean(dim=0).tolist())
        self.report_.thresholds = tuple(theta.tolist())
        self.report_.selected = int((S_bar > 0).sum())
        return S_bar, (percentile(S, self.scale) * self.weights_).sum(dim=1) ** self.sharpness

    def _usable_weights(
        self, snapshot: Snapshot, candidates: Sequence[Strategy], n: int, rng: np.random.Generator
    ) -> Tensor:
        """The gated weights (n_rows, K); those of the first vote, with a warning, where `weigh` diverged."""
        W, Theta = self.weigh(snapshot, candidates, n, rng)
        shape = (len(snapshot), len(candidates))
        if W.shape != shape or Theta.shape != shape:
            got = f"{tuple(W.shape)} and {tuple(Theta.shape)}"
            raise InputError(
                f"W and Theta of shape {shape} from weigh", got, "one row a sample, one column a candidate"
            )
        gated = gated_weights(W, Theta, normalised=self.normalised)
        if fault := weight_fault(W, Theta, gated):
            gated = gated_weights(*self.fall_back(snapshot, candidates, fault), normalised=self.normalised)
        return gated
