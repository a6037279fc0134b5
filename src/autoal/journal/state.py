"""The state of a run, read once from the rows of its journal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autoal.arrays import IntArray
from autoal.journal.checksums import Rows
from autoal.labels import OUTSIDE


@dataclass(frozen=True, eq=False)
class RunState:
    """A run at one moment.

    Attributes:
        ids: (m,) answered ids, in the order in which they were first answered.
        labels: (m,) the current class index of each, or `OUTSIDE`.
        pending: (p,) ids that were asked for and neither answered nor released since, in the order asked.
        entries: number of labels ever written, corrections included: the version of what is known.
        unanswered: how often an id was asked for that has no answer; it grows with each query and falls with answers.
        rounds: number of queries so far.
        memory: what the strategy remembers, as plain data; None: nothing.
        memory_version: which of all memories ever noted this is; 0: there is none.
        written: the rows of all labels ever written, in order.
    """

    ids: IntArray
    labels: IntArray
    pending: IntArray
    entries: int
    unanswered: int
    rounds: int
    memory: Any
    memory_version: int
    written: Rows

    @property
    def outside(self) -> IntArray:
        """Ids (o,) that were answered with `OUTSIDE`, in the order in which they were first answered."""
        found: IntArray = self.ids[self.labels == OUTSIDE]
        return found

    @cached_property
    def label_rows(self) -> IntArray:
        """Round, id and class index (k, 3) of each label ever written; the round is the number of queries before."""
        return np.stack([self.written[name] for name in ("round", "id", "label")], axis=1)

    @cached_property
    def trained_on(self) -> tuple[IntArray, IntArray]:
        """Ids (m,) with a label of a class, ascending, and class indices (m,): no order of teaching changes a model."""
        known = self.labels != OUTSIDE
        order = np.argsort(self.ids[known])
        return self.ids[known][order], self.labels[known][order]

    @cached_property
    def taken(self) -> IntArray:
        """Ids that are answered or pending, ascending."""
        return np.sort(np.concatenate([self.ids, self.pending]))


def added_up(queries: Rows, labels: Rows, released: Rows, memory: Any, memory_version: int) -> RunState:
    """The state that rows add up to: the last label of an id counts, and each release takes one query of an id back."""
    ids, first, last, _ = _each(labels["id"])
    order = np.argsort(first)
    answered, current = ids[order], labels["label"][last[order]]
    asked, _, latest, times = _each(queries["id"])
    freed, _, _, freed_times = _each(released["id"])
    _, here, there = np.intersect1d(asked, freed, assume_unique=True, return_indices=True)
    times[here] -= freed_times[there]
    waits = (times > 0) & ~np.isin(asked, ids)
    return RunState(
        answered,
        current,
        asked[waits][np.argsort(latest[waits])],
        entries=len(labels),
        unanswered=int((~np.isin(queries["id"], ids)).sum()),
        rounds=int(queries["round"].max(initial=0)),
        memory=memory,
        memory_version=memory_version,
        written=labels,
    )


def _each(ids: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Each id once, ascending, its first row, its last row, and how often it comes."""
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)])
    ends = np.r_[starts[1:], len(ordered)][: len(starts)]
    return ordered[starts], order[starts], order[ends - 1], ends - starts
