"""The processor seconds that a run of a million labels takes: to teach, to load, and beside the pass of a query.

Run: python benchmarks/million_labels.py [--labels 1000000] [--unlabelled 100000]
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from unittest.mock import patch

import numpy as np
import torch
import tyro
from sklearn.naive_bayes import GaussianNB

from autoal import ActiveLearner, Pool

T = TypeVar("T")


@dataclass(frozen=True)
class Args:
    """Count the samples with a label and those without one."""

    labels: int = 1_000_000
    unlabelled: int = 100_000


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Call a function; return its result and the processor seconds that it took."""
    started = time.process_time()
    found = call()
    return found, time.process_time() - started


def beside_the_pass(learner: ActiveLearner, n: int) -> tuple[float, float]:
    """Processor seconds of a query: of all, and of all but training, pass and selection."""
    with patch("autoal.learner.time.perf_counter", time.process_time):  # the stages, too, in processor seconds
        _, seconds = timed(lambda: learner.query(n))
    return seconds, seconds - sum(learner.seconds.values())


def main(args: Args) -> None:
    """Print the figures."""
    torch.set_num_threads(1)
    n = args.labels + args.unlabelled
    X = np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32)
    pool, ids = Pool(X, classes=10), np.random.default_rng(1).permutation(n)[: args.labels]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        learner = ActiveLearner(pool, GaussianNB(), "random", progress=False)
        learner.save(path)
        _, seconds = timed(lambda: learner.teach(ids, ids % 10))
        print(f"teach {args.labels:,} labels: {seconds:.2f} s of processor time")
        loaded, seconds = timed(lambda: ActiveLearner.load(path, pool, GaussianNB(), progress=False))
        print(f"load: {seconds:.2f} s; the file has {path.stat().st_size / 1e6:.0f} MB")
        for name in ("first", "second"):
            seconds, beside = beside_the_pass(loaded, 100)
            stages = ", ".join(f"{stage} {value:.2f}" for stage, value in loaded.seconds.items())
            print(f"{name} query: {seconds:.2f} s, of it {stages} and {beside:.2f} for all else")
        _, seconds = timed(lambda: loaded.teach(loaded.pending, [0] * 200))
        print(f"teach 200 labels: {seconds:.2f} s")


if __name__ == "__main__":
    main(tyro.cli(Args))
