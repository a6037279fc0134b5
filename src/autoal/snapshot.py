"""The snapshot: what one streamed pass of the fitted model saw, and all that a strategy may look at."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from autoal.arrays import IntArray, as_array, integers, require_distinct, to_tensor
from autoal.errors import InputError
from autoal.inputs import Inputs, Subset, chunks
from autoal.log_probs import in_full, is_finite_everywhere, is_half, require_log_probs
from autoal.models.predicted import head_of, predictions
from autoal.models.protocol import Model, StochasticHead
from autoal.progress import track
from autoal.stochastic import StochasticStatistics

OFFERED = frozenset({"log_probs", "embedding", "stochastic"})  # what a strategy may need of a snapshot
Passes = Callable[[Tensor], Tensor]
PASSES = 10  # stochastic passes a sample, as in the AutoAL paper


@dataclass(frozen=True)
class Source:
    """Where a snapshot came from, for the few methods that train networks of their own on the inputs."""

    model: Model
    inputs: Inputs  # n samples, the snapshot's rows
    labelled_inputs: Inputs  # m samples
    features: Inputs  # of the n samples: vectors that no model of this run has made, or the inputs again
    labelled_features: Inputs
    pending_features: Inputs | None = None  # of the p samples that wait for their label, if there are any

    def subset(self, rows: IntArray) -> Self:
        """With these of the n samples alone."""
        return replace(self, inputs=Subset(self.inputs, rows), features=Subset(self.features, rows))


@dataclass(frozen=True)
class Snapshot:
    """Everything known of n unlabelled and m labelled samples at one moment; memory O((n + m)(C + D)).

    Strategies work on its rows, 0 .. n - 1; only the loop knows what ids they stand for. Nothing here may be changed.
    """

    ids: Tensor  # (n,) int64
    log_probs: Tensor  # (n, C) float32, natural log
    embedding: Tensor  # (n, D) float32
    labelled_embedding: Tensor  # (m, D)
    labels: Tensor  # (m,) int64
    labelled_log_probs: Tensor  # (m, C)
    stochastic: StochasticStatistics | None = None
    source: Source | None = None
    labelled_ids: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))  # (m,), or empty: not known
    outside_ids: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))  # answered: of no class
    pending_embedding: Tensor | None = None  # (p, D) of samples that were asked for and wait for their label
    passes: Passes | None = None  # the log-probabilities (T, k, C) of the stochastic passes of k rows, for few rows

    def __len__(self) -> int:
        return len(self.log_probs)

    @property
    def n_classes(self) -> int:
        """Number of classes C."""
        return self.log_probs.shape[1]

    @property
    def offers(self) -> frozenset[str]:
        """What of `Strategy.needs` this snapshot can serve."""
        return OFFERED if self.stochastic is not None else OFFERED - {"stochastic"}

    @property
    def anchors(self) -> Tensor:
        """Embedding (m + p, D) of what is covered already: samples that are labelled, or wait for their label."""
        if self.pending_embedding is None:
            return self.labelled_embedding
        return torch.cat([self.labelled_embedding, self.pending_embedding])

    def subset(self, rows: Tensor) -> Self:
        """The snapshot of these rows alone, with the same labelled samples."""
        stochastic, source, passes = self.stochastic, self.source, self.passes
        return replace(
            self,
            ids=self.ids[rows],
            log_probs=self.log_probs[rows],
            embedding=self.embedding[rows],
            stochastic=None if stochastic is None else stochastic.subset(rows),
            source=None if source is None else source.subset(rows.numpy()),
            passes=None if passes is None else lambda some: passes(rows[some]),
        )

    @classmethod
    def from_arrays(
        cls,
        log_probs: Any,
        embedding: Any,
        labelled_embedding: Any = None,
        labels: Any = None,
        labelled_log_probs: Any = None,
        stochastic_log_probs: Any = None,
        ids: Any = None,
        labelled_ids: Any = None,
        outside_ids: Any = None,
        pending_embedding: Any = None,
    ) -> Self:
        """A snapshot of arrays or tensors that some other program computed.

        Args:
            log_probs: (n, C) natural-log probabilities; each row sums to one.
            embedding: (n, D).
            labelled_embedding: (m, D).
            labels: (m,) class indices.
            labelled_log_probs: (m, C); default: uniform.
            stochastic_log_probs: (T, n, C) of T stochastic passes, reduced at once to running statistics.
            ids: (n,) int64; default 0 .. n - 1.
            labelled_ids: (m,) int64, for strategies that learn from the answers to what they asked.
            outside_ids: int64, of samples that turned out to be of none of the classes, for the same strategies.
            pending_embedding: (p, D) of samples that were asked for and wait for their label; they count as covered.

        Raises:
            InputError: shapes that do not fit each other, NaN, rows that are not log-probabilities, ids or labels that
                are no integers, or an id that comes twice.
        """
        log_probs, embedding = _log_prob_matrix(log_probs, "log_probs"), _embedding_matrix(embedding, "embedding")
        n, n_classes = log_probs.shape
        labels = _class_indices([] if labels is None else labels)
        m = len(labels)
        known_log_probs = _or_uniform(labelled_log_probs, m, n_classes).to(log_probs.dtype)
        known_embedding = _or_none(labelled_embedding, embedding, "labelled_embedding").to(embedding.dtype)
        pending = _or_none(pending_embedding, embedding, "pending_embedding")
        ids = torch.arange(n) if ids is None else _id_tensor(ids)
        known_ids = _id_tensor(labelled_ids)
        _require_shapes(
            ("labelled_ids", known_ids, (0 if labelled_ids is None else m,)),
            ("embedding", embedding, (n, embedding.shape[1])),
            ("labelled_embedding", known_embedding, (m, embedding.shape[1])),
            ("pending_embedding", pending, (len(pending), embedding.shape[1])),
            ("labelled_log_probs", known_log_probs, (m, n_classes)),
            ("ids", ids, (n,)),
        )
        _require_classes(labels, n_classes)
        passes = _passes(stochastic_log_probs, n, n_classes)
        return cls(
            ids=ids,
            log_probs=log_probs,
            embedding=embedding,
            labelled_embedding=known_embedding,
            labels=labels,
            labelled_log_probs=known_log_probs,
            stochastic=None if passes is None else _reduced(passes),
            labelled_ids=known_ids,
            outside_ids=_id_tensor(outside_ids),
            pending_embedding=None if pending_embedding is None else pending.to(embedding),
            passes=None if passes is None else lambda rows: passes[:, rows],
        )

    @classmethod
    def from_model(
        cls,
        model: Model,
        inputs: Inputs,
        labelled_inputs: Inputs,
        labels: Tensor,
        rng: np.random.Generator,
        *,
        ids: Tensor | None = None,
        labelled_ids: Tensor | None = None,
        outside_ids: Tensor | None = None,
        features: Inputs | None = None,
        labelled_features: Inputs | None = None,
        pending_inputs: Inputs | None = None,
        pending_features: Inputs | None = None,
        uses: frozenset[str] = frozenset({"stochastic"}),
        n_classes: int | None = None,
        chunk: int = 512,
        progress: bool = False,
    ) -> Self:
        """The one pass: each sample goes through the fitted network once, `chunk` at a time.

        Stochastic passes, if the strategy `uses` them, start at the embedding just computed, and only their statistics
        are kept. `features` and those of labelled and pending samples, all or none, are vectors for `Source`.

        Raises:
            ModelError: what the model predicts has other shapes, or not the `n_classes` columns that are given.
        """
        if features is None or labelled_features is None:
            features, labelled_features, pending_features = inputs, labelled_inputs, pending_inputs
        head = head_of(model, PASSES, rng) if "stochastic" in uses else None
        log_probs, embedding, statistics = _stream(model, inputs, head, chunk, progress, n_classes)
        width = embedding.shape[1] if len(inputs) else None
        known = (chunk, progress, n_classes, width)
        labelled_log_probs, labelled_embedding, _ = _stream(model, labelled_inputs, None, *known)
        pending = None if pending_inputs is None else _stream(model, pending_inputs, None, *known)[1]
        if len(labels) == 0:
            labelled_embedding = embedding.new_empty(0, embedding.shape[1])
            labelled_log_probs = log_probs.new_empty(0, log_probs.shape[1])
        ids = torch.arange(len(inputs)) if ids is None else ids
        return cls(
            ids=ids,
            log_probs=log_probs,
            embedding=embedding,
            labelled_embedding=labelled_embedding,
            labels=labels,
            labelled_log_probs=labelled_log_probs,
            stochastic=statistics,
            source=Source(model, inputs, labelled_inputs, features, labelled_features, pending_features),
            labelled_ids=_id_tensor(labelled_ids),
            outside_ids=_id_tensor(outside_ids),
            pending_embedding=pending,
            passes=None if head is None else lambda rows: head(embedding[rows]),
        )


def _stream(
    model: Model,
    inputs: Inputs,
    head: StochasticHead | None,
    chunk: int,
    progress: bool,
    n_classes: int | None,
    width: int | None = None,
) -> tuple[Tensor, Tensor, StochasticStatistics | None]:
    """Log-probabilities (n, C), embedding (n, D) and statistics of all inputs, written chunk by chunk."""
    n = len(inputs)
    log_probs = embedding = torch.empty(0, 0)
    statistics: StochasticStatistics | None = None
    batches = track(chunks(inputs, chunk), -(-n // chunk), "reading the pool", progress)
    for rows, p, z in predictions(model, batches, n_classes, width):
        if rows.start == 0:
            log_probs, embedding = p.new_empty(n, p.shape[1]), z.new_empty(n, z.shape[1])
            statistics = StochasticStatistics.empty(n, p.shape[1], PASSES) if head is not None else None
        log_probs[rows], embedding[rows] = p, z
        if head is not None and statistics is not None:
            statistics.fill(rows, head(z))
    return log_probs, embedding, statistics


def _matrix(values: Any, what: str) -> Tensor:
    matrix = to_tensor(values)
    if matrix.ndim != 2 or not matrix.shape[1]:
        expected = f"{what} with two dimensions, of one column at least"
        raise InputError(expected, f"shape {tuple(matrix.shape)}", "reshape(len(x), -1)")
    return matrix if matrix.is_floating_point() else matrix.float()


def _log_prob_matrix(values: Any, what: str) -> Tensor:
    return in_full(_matrix(values, what))


def _embedding_matrix(values: Any, what: str) -> Tensor:
    matrix = _matrix(values, what)
    if not is_finite_everywhere(matrix):
        raise InputError(
            f"a finite {what}", "NaN or infinite values", "numpy.nan_to_num, or check the model's training"
        )
    return matrix if matrix.dtype == torch.float64 else matrix.float()


def _or_uniform(log_probs: Any, m: int, n_classes: int) -> Tensor:
    """Log-probabilities of labelled samples as a matrix; uniform (m, C), if there are none."""
    if log_probs is None:
        return torch.full((m, n_classes), -math.log(n_classes))
    return _log_prob_matrix(log_probs, "labelled_log_probs")


def _or_none(values: Any, embedding: Tensor, what: str) -> Tensor:
    """Values as a matrix; no row like those of `embedding`, if there are none."""
    return embedding[:0] if values is None else _embedding_matrix(values, what)


def _class_indices(labels: Any) -> Tensor:
    """Labels (m,), whole numbers of any type."""
    array = as_array(labels)
    with np.errstate(invalid="ignore"):
        whole = array.dtype.kind in "bf" and bool(
            ((array % 1 == 0) & (np.abs(array.astype(np.float64)) < 2.0**63)).all()
        )
    return torch.from_numpy(integers(array.astype(np.int64) if whole else array, "labels"))


def _require_classes(labels: Tensor, n_classes: int) -> None:
    if len(labels) and not bool(((labels >= 0) & (labels < n_classes)).all()):
        got = f"{int(labels.min())} to {int(labels.max())}"
        raise InputError(f"labels from 0 to {n_classes - 1}", got, "class indices in the order of log_probs' columns")


def _id_tensor(ids: Any) -> Tensor:
    checked = integers([] if ids is None else ids, "ids")
    require_distinct(checked)
    return torch.from_numpy(checked)


def _require_shapes(*expected: tuple[str, Tensor, tuple[int, ...]]) -> None:
    for what, tensor, shape in expected:
        if tuple(tensor.shape) != shape:
            raise InputError(
                f"{what} of shape {shape}", f"{tuple(tensor.shape)}", "arrays with matching rows and columns"
            )


def _passes(stochastic_log_probs: Any, n: int, n_classes: int) -> Tensor | None:
    """The caller's passes (T, n, C) as a tensor, not copied."""
    if stochastic_log_probs is None:
        return None
    passes = to_tensor(stochastic_log_probs)
    if passes.ndim != 3 or tuple(passes.shape[1:]) != (n, n_classes) or not len(passes):
        expected = f"stochastic_log_probs of shape (T, {n}, {n_classes}) with T of 1 or more"
        raise InputError(expected, f"{tuple(passes.shape)}", "one (n, C) a pass")
    return passes


def _reduced(passes: Tensor) -> StochasticStatistics:
    n_passes, n, n_classes = passes.shape
    statistics = StochasticStatistics.empty(n, n_classes, n_passes)
    if is_half(passes):
        passes = torch.stack([in_full(log_probs) for log_probs in passes])
    for log_probs in passes:
        require_log_probs(log_probs)
    statistics.fill(slice(0, n), passes)
    return statistics
