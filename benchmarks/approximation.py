"""What is lost where a strategy approximates on a large pool: its objective against that of the exact form.

The strategies do so above 200,000 rows. Here the limit is lowered below --rows, and both forms pick from the same pool;
the objective is computed on all rows. Exact coverage of 200,000 rows takes about ten minutes a strategy.

Run: python benchmarks/approximation.py [--rows 200000] [--sample 100000]
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import torch
import tyro
from torch import Tensor

from autoal import AutoALWarning, Snapshot, Strategy
from autoal.strategies import (
    Bait,
    FacilityLocation,
    KMeans,
    MaxHerding,
    ProbCover,
    UHerding,
    bait,
    clusters,
    coverage,
    prob_cover,
)
from autoal.strategies.bait import confusion, fisher
from autoal.strategies.kernels import Kernel, angular, covered, rbf, top_hat, unit_norm
from autoal.strategies.log_space import log_closeness
from autoal.strategies.nearest import sq_distance_to_nearest
from autoal.strategies.prob_cover import pure_radius
from autoal.strategies.u_herding import smallest_spacing
from strategy_cells import Problem, opened, prepared

Objective = Callable[[Tensor], float]  # of the picks; higher is better


@dataclass(frozen=True)
class Options:
    """What is measured."""

    rows: int = 200_000
    """size of the pool"""
    sample: int = 100_000
    """rows that the approximations work on"""
    batch: int = 1000
    """size of the batch"""
    strategies: tuple[str, ...] = ()
    """only these of max_herding, u_herding, prob_cover, facility_location, kmeans and bait"""
    scratch: Path = Path(gettempdir()) / "autoal-bench"
    """where the features lie"""


def covering(snapshot: Snapshot, kernel: Kernel, u: Tensor | None = None) -> Objective:
    """Mean coverage of the pool, weighted by u, by what is labelled and picked."""
    anchors = unit_norm(snapshot.labelled_embedding)

    def value(picks: Tensor) -> float:
        centres = torch.cat([anchors, unit_norm(snapshot.embedding[picks])])
        parts = [covered(unit_norm(x), centres, kernel) for x in snapshot.embedding.split(8192)]
        m = torch.cat(parts)
        return float((m if u is None else m * u / u.mean()).mean())

    return value


def compactness(snapshot: Snapshot) -> Objective:
    """Share of the pool's variance that the nearest pick explains."""
    x = snapshot.embedding
    total = float((x - x.mean(dim=0)).square().sum(dim=1).mean())
    return lambda picks: 1 - float(sq_distance_to_nearest(x, x[picks]).mean()) / total


def information(snapshot: Snapshot, ridge: float) -> Objective:
    """-tr(F_S^-1 F_U), what BAIT raises."""
    h, c = snapshot.embedding, confusion(snapshot.log_probs)
    F_L = fisher(snapshot.labelled_embedding, confusion(snapshot.labelled_log_probs))
    F = (fisher(h, c) + F_L) / (len(h) + len(snapshot.labels))
    eye = torch.eye(h.shape[1], dtype=torch.float64)
    return lambda picks: -float(torch.trace(torch.linalg.solve(F_L + ridge * eye + fisher(h[picks], c[picks]), F)))


def cases(snapshot: Snapshot) -> dict[str, tuple[Strategy, Objective]]:
    """Each strategy that approximates, with its objective."""
    delta = pure_radius(snapshot, 0.95, np.random.default_rng(0))
    u = log_closeness(snapshot.log_probs).exp().float()
    h = smallest_spacing(snapshot.labelled_embedding)
    return {
        "max_herding": (MaxHerding(), covering(snapshot, rbf(1.0))),
        "u_herding": (UHerding(), covering(snapshot, rbf(h), u)),
        "prob_cover": (ProbCover(delta=delta), covering(snapshot, top_hat(delta))),
        "facility_location": (FacilityLocation(), covering(snapshot, angular())),
        "kmeans": (KMeans(), compactness(snapshot)),
        "bait": (Bait(), information(snapshot, Bait().ridge)),
    }


@contextmanager
def limits(rows: int, sample: int) -> Iterator[None]:
    """The sizes at which strategies begin to approximate, for a while."""
    before = coverage.EXACT_ROWS, coverage.SAMPLE, clusters.ROWS, bait.EXACT_ROWS, prob_cover.EXACT_ROWS
    coverage.EXACT_ROWS, coverage.SAMPLE, clusters.ROWS, bait.EXACT_ROWS = rows, sample, rows, rows
    prob_cover.EXACT_ROWS = rows
    try:
        yield
    finally:
        coverage.EXACT_ROWS, coverage.SAMPLE, clusters.ROWS, bait.EXACT_ROWS, prob_cover.EXACT_ROWS = before


def main(options: Options) -> None:
    """Print seconds and objectives of both forms, and the loss."""
    problem = Problem(options.rows, 10, 512, 1000)
    snapshot, rng_seed = opened(problem, prepared(problem, options.scratch)), 0
    print("| strategy | exact s | approximate s | nothing picked | exact | approximate | loss | of the gain |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, (strategy, objective) in cases(snapshot).items():
        if options.strategies and name not in options.strategies:
            continue
        found = []
        for at, sample in ((options.rows, options.rows), (options.sample, options.sample)):
            started = time.perf_counter()
            with limits(at, sample), warnings.catch_warnings():
                warnings.simplefilter("ignore", AutoALWarning)
                picks = strategy.select(snapshot, options.batch, np.random.default_rng(rng_seed))
            found.append((time.perf_counter() - started, objective(picks)))
        (s_exact, exact), (s_sampled, sampled) = found
        none = objective(torch.empty(0, dtype=torch.int64)) if name != "kmeans" else 0.0
        row = f"| {name} | {s_exact:.1f} | {s_sampled:.1f} | {none:.4g} | {exact:.4g} | {sampled:.4g} "
        print(f"{row}| {(exact - sampled) / abs(exact):.2%} | {(exact - sampled) / (exact - none):.2%} |", flush=True)


if __name__ == "__main__":
    main(tyro.cli(Options))
