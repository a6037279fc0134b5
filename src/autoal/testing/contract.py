"""What every strategy must hold to, as a test class: derive from it, name your strategy, and let pytest collect it."""

from __future__ import annotations

import dataclasses
import pickle
import warnings
from typing import ClassVar

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from torch import Tensor

from autoal.errors import AutoALWarning, InputError
from autoal.snapshot import Snapshot
from autoal.strategies.base import Strategy, has_scores
from autoal.testing.cpu_time import cpu_time
from autoal.testing.memory import peak_memory
from autoal.testing.snapshots import jitter, moved, odd_snapshots, random_snapshot, smooth_snapshots

JITTERS = 10  # changes as small as rounding, one of which must explain what single precision picks
# one property is run by the classes of many strategies, which hypothesis would take for a mistake
drawn = settings(deadline=None, derandomize=True, max_examples=10, suppress_health_check=list(HealthCheck))


class StrategyContract:
    """Tests of one strategy.

    ```python
    class TestLoudest(StrategyContract):
        strategy = Loudest()
    ```

    `seconds` of CPU time and `mebibytes` are what one query of 50 among 50,000 rows may take beyond the snapshot. A
    slow machine is given more seconds, and a busy one too: only the work of this process counts, see `CpuTime`.
    """

    strategy: ClassVar[Strategy]
    seconds: ClassVar[float] = 20.0
    mebibytes: ClassVar[float] = 300.0

    def picks(self, snapshot: Snapshot, n: int, seed: int = 0) -> Tensor:
        """What the strategy selects; its own warnings, of approximations, are not the matter here."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AutoALWarning)
            picks: Tensor = self.strategy.select(snapshot, n, np.random.default_rng(seed))
            return picks

    def test_it_says_what_it_is(self) -> None:
        """A name, a reference, and needs that a snapshot can offer."""
        assert self.strategy.name
        assert self.strategy.reference
        assert self.strategy.needs <= {"log_probs", "embedding", "stochastic"}

    @given(odd_snapshots())
    @drawn
    def test_exactly_n_distinct_rows(self, snapshot: Snapshot) -> None:
        """For 1, 2, half, all and more than all rows, whatever the snapshot looks like."""
        for n in {1, 2, len(snapshot) // 2, len(snapshot), len(snapshot) + 1}:
            picks = self.picks(snapshot, n)
            assert picks.dtype == torch.int64
            assert picks.shape == (min(n, len(snapshot)),)
            assert len(picks.unique()) == len(picks)
            assert bool(((picks >= 0) & (picks < len(snapshot))).all())

    @given(odd_snapshots())
    @drawn
    def test_finite_scores(self, snapshot: Snapshot) -> None:
        """One for each row, also at p = 0 and p = 1."""
        if has_scores(self.strategy):
            scores = self.strategy.scores(snapshot, np.random.default_rng(0))
            assert scores.shape == (len(snapshot),)
            assert bool(torch.isfinite(scores).all())

    @given(odd_snapshots())
    @drawn
    def test_inputs_stay_as_they_are(self, snapshot: Snapshot) -> None:
        """Nothing of the snapshot is written to."""
        before = [tensor.clone() for tensor in _tensors(snapshot)]
        self.picks(snapshot, 3)
        assert all(torch.equal(x, y) for x, y in zip(before, _tensors(snapshot), strict=True))

    @given(odd_snapshots())
    @drawn
    def test_the_same_seed_gives_the_same_rows(self, snapshot: Snapshot) -> None:
        """And neither reads nor moves the global generators."""
        state, numpy_state = torch.get_rng_state(), str(np.random.get_state())  # noqa: NPY002
        first = self.picks(snapshot, 5)
        assert torch.equal(torch.get_rng_state(), state)
        assert str(np.random.get_state()) == numpy_state  # noqa: NPY002
        torch.manual_seed(12345)
        assert torch.equal(first, self.picks(snapshot, 5))

    @given(smooth_snapshots())
    @drawn
    def test_the_order_of_the_rows_is_no_matter(self, snapshot: Snapshot) -> None:
        """A permuted snapshot gets the same samples."""
        shuffled = snapshot.subset(torch.from_numpy(np.random.default_rng(1).permutation(len(snapshot))))
        n = min(6, len(snapshot))
        picks, again = snapshot.ids[self.picks(snapshot, n)], shuffled.ids[self.picks(shuffled, n)]
        assert picks.tolist() == again.tolist()

    @given(smooth_snapshots())
    @drawn
    def test_single_and_double_precision_agree(self, snapshot: Snapshot) -> None:
        """The same rows of float32 numbers stored as float32 and as float64, unless less than rounding decides."""
        single, double = moved(snapshot, torch.float32), moved(snapshot, torch.float64)
        n = min(6, len(snapshot))
        expected, picks = self.picks(double, n).tolist(), self.picks(single, n).tolist()
        jittered = (self.picks(jitter(double, 1e-6, seed), n).tolist() for seed in range(JITTERS))
        assert picks == expected or picks in jittered

    @given(odd_snapshots())
    @drawn
    def test_until_the_pool_is_empty(self, snapshot: Snapshot) -> None:
        """Picks join the labelled set, round by round, and every sample is asked for once."""
        asked: list[int] = []
        while len(snapshot):
            picks = self.picks(snapshot, 1 + len(snapshot) // 3)
            asked += snapshot.ids[picks].tolist()
            snapshot = _labelled(snapshot, picks)
        assert len(asked) == len(set(asked))

    @given(odd_snapshots())
    @drawn
    def test_what_is_missing_is_said(self, snapshot: Snapshot) -> None:
        """A snapshot without stochastic passes is one clear error, where they are needed."""
        if "stochastic" in self.strategy.needs:
            bare = dataclasses.replace(snapshot, stochastic=None, passes=None)
            with pytest.raises(InputError, match="stochastic"):
                self.picks(bare, 1)

    def test_at_most_so_many_candidates(self) -> None:
        """`max_candidates` is honoured, and never silently."""
        few = dataclasses.replace(self.strategy, max_candidates=20)
        snapshot = random_snapshot(0, n=60)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            picks = few.select(snapshot, 5, np.random.default_rng(0))
        assert len(picks.unique()) == 5
        assert any("20 of 60 rows" in str(warning.message) for warning in caught)

    def test_it_can_be_pickled(self) -> None:
        """A worker process gets the same strategy."""
        copy, snapshot = pickle.loads(pickle.dumps(self.strategy)), random_snapshot(0)
        assert copy == self.strategy
        assert torch.equal(copy.select(snapshot, 5, np.random.default_rng(0)), self.picks(snapshot, 5))

    def test_time_and_memory_at_50_000_rows(self) -> None:
        """One query of 50 on one thread."""
        snapshot = random_snapshot(0, n=50_000, m=200, n_classes=10, n_features=32, dtype=torch.float32)
        with peak_memory() as memory, cpu_time() as spent:
            picks = self.picks(snapshot, 50)
        assert len(picks.unique()) == 50
        assert spent.below(self.seconds)
        assert memory.mebibytes < self.mebibytes


def _tensors(snapshot: Snapshot) -> list[Tensor]:
    own = [getattr(snapshot, field.name) for field in dataclasses.fields(snapshot)]
    of_passes = [] if snapshot.stochastic is None else list(vars(snapshot.stochastic).values())
    return [value for value in own + of_passes if isinstance(value, Tensor)]


def _labelled(snapshot: Snapshot, picks: Tensor) -> Snapshot:
    """The snapshot after the picks were labelled, all with the predicted class."""
    left = torch.ones(len(snapshot), dtype=torch.bool)
    left[picks] = False
    rest = snapshot.subset(left.nonzero().squeeze(1))
    return dataclasses.replace(
        rest,
        labelled_embedding=torch.cat([snapshot.labelled_embedding, snapshot.embedding[picks]]),
        labelled_log_probs=torch.cat([snapshot.labelled_log_probs, snapshot.log_probs[picks]]),
        labels=torch.cat([snapshot.labels, snapshot.log_probs[picks].argmax(dim=1)]),
    )
