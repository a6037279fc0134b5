"""The loop: ask for ids, learn their labels, and never lose one."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn, Self, SupportsIndex

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.adaptive import Adaptive
from autoal.arrays import IntArray
from autoal.errors import AutoALWarning, ColdStartWarning, InputError, ModelError, StateError
from autoal.fingerprint import fingerprint
from autoal.image_features import DescribedImages, described
from autoal.inputs import Inputs, Subset, aligned, as_inputs, chunks, readable
from autoal.journal import Journal, RunState
from autoal.labels import listed
from autoal.models import Model
from autoal.models.predicted import embedded, predictions
from autoal.numeric import is_whole
from autoal.pool import OUTSIDE, UNKNOWN, Pool
from autoal.progress import track
from autoal.random import SeedTree
from autoal.random_reads import warn_of_random_reads
from autoal.run_strategy import as_strategy, description, remembered, restored
from autoal.search import herding
from autoal.snapshot import Snapshot
from autoal.strategies import Strategy
from autoal.strategies.guard import guarded_select
from autoal.trainer import Trainer


class ActiveLearner:
    """Chooses which samples of a pool to label next, and trains the model on what is labelled.

    Every random choice follows from `seed` and from the labels so far, so a run that was saved and loaded goes on
    exactly as it would have. Ids that were asked for and not answered are not asked for again.

    Args:
        pool: the samples; labels it already has are the learner's first labels.
        model: an `autoal.TorchModel`, a scikit-learn classifier, or anything with the methods of `autoal.models.Model`.
        strategy: a strategy or its name; default: `AutoAL()`.
        seed: a number that decides all random choices.
        chunk: samples that go through the model at one time.
        progress: whether long work shows how far it is: a bar on a terminal, elsewhere a line now and then.
    """

    def __init__(
        self,
        pool: Pool,
        model: Any,
        strategy: Strategy | str | None = None,
        *,
        seed: int = 0,
        chunk: int = 512,
        progress: bool = True,
    ) -> None:
        if not isinstance(pool, Pool):
            raise InputError("a pool", f"a {type(pool).__name__}", "autoal.Pool(X, classes=...)")
        if not is_whole(chunk, least=1):
            raise InputError("a positive chunk, the samples read at one time", repr(chunk), "chunk=512")
        self.pool, self._strategy = pool, as_strategy(strategy)
        seed = int(seed) if is_whole(seed, least=0) else seed  # also one of numpy
        self.seeds = SeedTree(seed)
        self._trainer = Trainer(pool, model, self.seeds)
        self.chunk, self.progress = int(chunk), progress
        self.seconds: dict[str, float] = {}  # of the last query, by stage: training, pass, selection
        self._journal = Journal()
        self._journal.describe(seed=seed, pool=fingerprint(pool))
        known = pool.labels != UNKNOWN
        if known.any():
            self._journal.add_labels(0, pool.ids[known], pool.labels[known], "pool")

    def __repr__(self) -> str:
        known = len(self._journal.state().trained_on[0])
        return f"ActiveLearner({type(self.strategy).__name__}, {known} of {len(self.pool)} samples labelled)"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be pickled or copied: two learners would write to one run."""
        hint = "save(path), and ActiveLearner.load(path, pool, model) where it should go on"
        raise StateError("a learner that is saved to a file", "a pickle or a copy of one", hint)

    @property
    def model(self) -> Model:
        """The model; another one may be set, and is trained before it is used."""
        return self._trainer.model

    @model.setter
    def model(self, model: Any) -> None:
        self._trainer = Trainer(self.pool, model, self.seeds)

    @property
    def strategy(self) -> Strategy:
        """The strategy; another one, or the name of one, may be set, and is noted in the run."""
        return self._strategy

    @strategy.setter
    def strategy(self, strategy: Strategy | str | None) -> None:
        new = as_strategy(strategy)
        self._journal.note(strategy=description(new))
        self._strategy = new

    @property
    def labels(self) -> dict[int, Any]:
        """The current label of each labelled id, as a class name."""
        names = self.pool.classes
        return {id_: names[label] for id_, label in self._journal.labels().items() if label != OUTSIDE}

    @property
    def outside(self) -> list[int]:
        """Ids that were answered with `OUTSIDE`: of none of the classes, never trained on nor asked for again."""
        return self._journal.state().outside.tolist()  # type: ignore[no-any-return]

    @property
    def pending(self) -> list[int]:
        """Ids that `query` returned and that still wait for their label."""
        return self._journal.pending()

    @property
    def unlabelled(self) -> IntArray:
        """Ids that were not answered and are not pending, in the order of the pool."""
        return self._unlabelled(self._journal.state())

    @property
    def memory(self) -> Any:
        """What a strategy that learns from answers remembers, as plain data; None for any other, and at first.

        It may be set, to go on where another run with the same labels stopped, or to None, to begin anew; the journal
        keeps it from then on.
        """
        return self._journal.memory()

    @memory.setter
    def memory(self, memory: Any) -> None:
        if memory is not None and not isinstance(memory, dict):
            raise InputError("the memory of a strategy, a dict", repr(memory), "the memory of another learner, or None")
        self._journal.add_memory(self._journal.rounds, memory)

    def query(self, n: int) -> IntArray:
        """Ids (n,) of the samples to label next, the most wanted first.

        Trains the model if labels have come since it last was, passes once over the pool, and lets the strategy choose.
        With no label of a class, the batch covers the pool, and a `ColdStartWarning` says so. If fewer than `n` samples
        are left, all of them are returned, with a warning.

        Raises:
            InputError: n is not a positive integer.
        """
        if not is_whole(n, least=1):
            raise InputError("a positive integer n", repr(n), "query(10)")
        state, memory = self._journal.state(), None  # read once: labels that come meanwhile count for the next query
        candidates = self._unlabelled(state)
        if n > len(candidates):
            message = f"{n} samples wanted, {len(candidates)} left; all of them are returned"
            warnings.warn(message, AutoALWarning, stacklevel=2)
        n = min(int(n), len(candidates))
        if n == 0:
            return np.empty(0, dtype=np.int64)
        self.seconds = {}
        if len(state.trained_on[0]):
            rows, memory = self._choose(state, candidates, n)
        else:
            rows = self._cover(state, candidates, n)
        ids: IntArray = candidates[rows.numpy()]
        if not self._journal.add_query(state.rounds + 1, ids, memory, state.memory_version):
            return self.query(n)  # another process with the same file has asked for samples meanwhile
        return ids

    def teach(self, ids: npt.ArrayLike, labels: Iterable[Any], who: str = "") -> None:
        """Learn labels: of any ids of the pool, in any order; a later label of an id corrects an earlier one.

        When this returns, the labels are in the journal. Either all are written or, on an error, none.

        Args:
            ids: (n,) distinct ids.
            labels: n class names (or class indices, where no name is a number); `autoal.OUTSIDE` for
                a sample of none of the classes, which leaves the pool and is not trained on.
            who: noted in the journal.

        Raises:
            InputError: lengths differ, an id is unknown or repeated, a label is not one of the classes, or `who` is no
                text.
        """
        _require_name(who)
        given = listed(labels, "a list of labels, one an id", f"teach([3], [{labels!r}])")
        rows = self.pool.rows(ids)
        if len(given) != len(rows):
            raise InputError(f"{len(rows)} labels, one an id", f"{len(given)}", "teach(ids, labels) with equal lengths")
        encoded = self.pool.encode(given)
        self._journal.add_labels(self._journal.rounds, self.pool.ids[rows], encoded, who)

    def release(self, ids: npt.ArrayLike | None = None) -> None:
        """Put pending ids back into the pool, so that they may be asked for again.

        Args:
            ids: (n,) distinct ids; default: all that are pending, also those that others who share the file asked for.

        Raises:
            InputError: an id is unknown or repeated.
        """
        self._journal.release(self._journal.state().pending if ids is None else self.pool.ids[self.pool.rows(ids)])

    def fit(self) -> Model:
        """The model, trained on all labels so far.

        Raises:
            StateError: there is no label of a class yet.
        """
        return self._trainer.fitted(self._journal.state(), self.progress)

    def predict(self, X: Any) -> Tensor:
        """Natural-log probabilities (n, C) of other samples, by the model trained on all labels so far.

        Args:
            X: a `Pool`, or what a pool can be made of; samples like those of this learner's pool. Columns with names,
                of a data frame or a table, are found by their names; those of an array, by position.

        Raises:
            InputError: they have another shape, and the model cannot read them; or other columns.
            ModelError: the model raises something, or returns what `query` would refuse, too; or it reads bytes as
                other numbers, and either these samples or those of the pool are bytes.
        """
        inputs = aligned(X.inputs if isinstance(X, Pool) else as_inputs(X), self.pool.columns)
        if len(inputs) == 0:
            return torch.empty(0, len(self.pool.classes))
        if not isinstance(X, Pool):  # which warns itself
            warn_of_random_reads(inputs)
        state = self._journal.state()
        model, known = self._trainer.fitted(state, self.progress), self.pool.subset(state.trained_on[0])
        ours, theirs = (tuple(some.take(np.arange(1)).shape[1:]) for some in (known, inputs))
        hint = "X[None] of a single sample" if theirs == ours[1:] else "X like the array of the pool"
        wrong = f"samples of shape {ours}, as in the pool", f"of shape {theirs}", hint
        if len(ours) == len(theirs) and ours[:1] != theirs[:1]:  # images with channels last would be read as others
            raise InputError(*wrong)
        batches = track(chunks(inputs, self.chunk), -(-len(inputs) // self.chunk), "predicting", self.progress)
        try:  # copied, as a model may use the memory of its answer again
            return torch.cat([p.clone() for _, p, _ in predictions(model, batches, len(self.pool.classes))])
        except (ValueError, RuntimeError, ModelError) as error:  # some networks read images of any size
            if ours == theirs:
                raise
            raise InputError(*wrong) from error

    def save(self, path: str | Path) -> None:
        """Write the run to `path`, and keep writing each query and label there from now on.

        The file is a SQLite data base with the labels and settings. It holds neither samples nor model weights: the
        model is trained again from the labels, to the same result.

        Raises:
            StateError: another run is at `path` already; it is never overwritten.
        """
        self._journal.move_to(path, strategy=description(self.strategy))

    @classmethod
    def load(
        cls, path: str | Path, pool: Pool, model: Any, strategy: Strategy | str | None = None, **settings: Any
    ) -> Self:
        """The run that was saved at `path`; it goes on writing there.

        Args:
            path: the file.
            pool: the same pool as then, with the same ids and classes.
            model: the same model as then.
            strategy: default: the one that was saved. Another one takes its place in the file.
            settings: `chunk` and `progress` of the constructor.

        Raises:
            StateError: the file is not a saved run, or belongs to another pool.
        """
        if "seed" in settings:
            raise InputError("the seed that the run was saved with", "seed=", "load without it")
        journal = Journal.open(path)
        try:
            chosen, seed = restored(journal, pool, strategy)
            learner = cls(_without_labels(pool), model, chosen, seed=seed, **settings)
            news = int((~np.isin(pool.ids[pool.labels != UNKNOWN], journal.state().ids)).sum())
            journal.note(strategy=description(learner.strategy))
        except BaseException:
            journal.close()
            raise
        learner.pool, learner._journal = pool, journal
        if news:
            message = (
                f"the pool brings {news} labels that the saved run does not have; teach() them if they should count"
            )
            warnings.warn(message, AutoALWarning, stacklevel=2)
        return learner

    def _unlabelled(self, state: RunState) -> IntArray:
        return self.pool.ids[~np.isin(self.pool.ids, state.taken)]

    def _choose(self, state: RunState, candidates: IntArray, n: int) -> tuple[Tensor, Any]:
        """Rows (n,) of `candidates` that the strategy selects from a fresh snapshot, and what it remembers of it."""
        seeds = self.seeds.child("query", state.entries)
        if state.unanswered:  # else a second query would draw what the first one drew, or beside
            seeds = seeds.child("unanswered", state.unanswered)
        with self._timed("training"):
            model = self._trainer.fitted(state, self.progress)
        labelled, labels = state.trained_on
        rows, known, asked = (self.pool.rows(ids) for ids in (candidates, labelled, self._readable(state.pending)))
        with self._timed("pass"):
            snapshot = Snapshot.from_model(
                model,
                Subset(self.pool.inputs, rows),
                Subset(self.pool.inputs, known),
                torch.tensor(labels),
                seeds.child("pass").generator(),
                ids=torch.from_numpy(candidates),
                labelled_ids=torch.tensor(labelled),
                outside_ids=torch.tensor(state.outside),
                features=Subset(self._described, rows),
                labelled_features=Subset(self._described, known),
                pending_inputs=Subset(self.pool.inputs, asked) if len(asked) else None,
                pending_features=Subset(self._described, asked) if len(asked) else None,
                uses=self.strategy.uses,
                n_classes=len(self.pool.classes),
                chunk=self.chunk,
                progress=self.progress,
            )
        with self._timed("selection"):
            rng = seeds.child("strategy").generator()
            if isinstance(self.strategy, Adaptive):
                return remembered(self.strategy, state.memory, snapshot, n, rng)
            return guarded_select(self.strategy, snapshot, n, rng), None

    def _cover(self, state: RunState, candidates: IntArray, n: int) -> Tensor:
        """Rows (n,) of `candidates` that cover the pool best; what is pending or of no class counts as covered."""
        warnings.warn("no label yet: this batch covers the pool, whatever the strategy", ColdStartWarning, stacklevel=3)
        with self._timed("pass"):
            features = self._features(candidates)
            asked = self._readable(np.concatenate([state.pending, state.outside]))
            anchors = self._features(asked) if len(asked) else None
        with self._timed("selection"):
            rng = self.seeds.child("cold start", len(asked)).generator()
            order = torch.from_numpy(np.argsort(candidates))  # so that only ids count, not where they stand
            return herding(features, torch.ones(len(features)), n, rng, anchors, order=order)

    @cached_property
    def _described(self) -> Inputs:
        """All samples as vectors, where that can be had without a model."""
        return described(self.pool.inputs, self.progress)

    def _readable(self, ids: IntArray) -> IntArray:
        """Those of `ids` that can be read: `OUTSIDE` is also the answer for a damaged file, and files may go."""
        if not len(ids):
            return ids
        return self.pool.ids[readable(self.pool.inputs, self.pool.rows(ids), _nothing_of)[0]]

    def _features(self, ids: IntArray) -> Tensor:
        """Vectors (n, D) that no label has shaped: features of images, else an embedding by a model never trained."""
        if isinstance(self._described, DescribedImages):
            return self._described.take(self.pool.rows(ids))
        batches = track(chunks(self.pool.subset(ids), self.chunk), -(-len(ids) // self.chunk), "reading", self.progress)
        return embedded(self.model, batches)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - started


def _require_name(who: Any) -> None:
    try:
        if isinstance(who, str) and who.encode() is not None:
            return
    except UnicodeEncodeError:  # half a character, as a damaged text has it
        pass
    raise InputError("the name of who labelled", f"{who!r}", "who='first annotator'")


def _without_labels(pool: Pool) -> Pool:
    """The same pool for a run that has labels of its own."""
    bare = copy(pool)
    bare.labels = np.full_like(pool.labels, UNKNOWN)
    return bare


def _nothing_of(samples: Tensor) -> Tensor:
    return samples.new_empty(len(samples), 0)
