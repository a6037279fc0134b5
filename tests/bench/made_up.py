"""Results that look like a benchmark's, with effects that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autoal.bench.results import Results, Run

CANDIDATES = ("entropy", "margin")


def line(number: int, labels: int, accuracy: float, seconds: float = 0.5, **more: Any) -> dict[str, Any]:
    """One round, complete but for the ids."""
    return {
        "round": number,
        "labels": labels,
        "accuracy": accuracy,
        "balanced_accuracy": accuracy - 0.02,
        "log_loss": 2.5 * (1 - accuracy),
        "calibration": 0.3 * (1 - accuracy),
        "seconds": {"query": seconds, "training": 0.1, "pass": 0.05, "selection": seconds - 0.15},
        "peak_memory": 300.0,
        "weights": {},
        **more,
    }


def run(task: str, strategy: str, seed: int, curve: Sequence[float], **more: Any) -> Run:
    """A run with ten labels a round."""
    rounds = [line(r, 10 + 10 * r, accuracy, **(more if r else {})) for r, accuracy in enumerate(curve)]
    return Run(task, strategy, seed, tuple(rounds))


def results(curves: Mapping[str, Sequence[Sequence[float]]], task: str = "digits/linear/tiny") -> Results:
    """One task from the curves of each strategy, one a seed; AutoAL weighs entropy thrice as much as margin."""
    weights = dict(zip(CANDIDATES, (0.75, 0.25), strict=True))
    runs = [
        run(task, name, seed, curve, **({"weights": weights} if name == "autoal" else {}))
        for name, seeds in curves.items()
        for seed, curve in enumerate(seeds)
    ]
    return Results(tuple(runs))


def benchmark(
    effects: Mapping[str, float],
    tasks: Sequence[str],
    seeds: int = 10,
    rounds: int = 10,
    noise: float = 0.01,
    task_noise: float = 0.01,
    weighing: Sequence[str] = ("autoal", "uniform_weights", "random_weights"),
) -> Results:
    """Learning curves with a planted mean effect of each strategy, in accuracy, that is nought at both ends."""
    rng = np.random.default_rng(0)
    runs = []
    progress = np.arange(rounds + 1) / rounds
    for task in tasks:
        start, end = rng.uniform(0.2, 0.5), rng.uniform(0.75, 0.97)
        shift = dict(zip(effects, rng.normal(0, task_noise, len(effects)), strict=True))
        base = {s: rng.normal(0, 0.01) for s in range(seeds)}
        for name, effect in effects.items():
            for seed in range(seeds):
                gain = (effect + (shift[name] if effect else 0)) * 1.5 * np.sin(np.pi * progress) ** 0.5
                wobble = rng.normal(0, noise, rounds + 1) * (progress > 0)
                curve = start + (end - start) * (1 - np.exp(-3 * progress)) / (1 - np.exp(-3)) + base[seed]
                curve = np.clip(curve + gain + wobble, 0, 1).tolist()
                more: list[dict[str, Any]] = [{} for _ in curve]
                if name in weighing:
                    more = [{"weights": _weights(rng, list(effects), p)} if r else {} for r, p in enumerate(progress)]
                cost = 0.3 + 0.02 * len(name)
                lines = [line(r, 10 + 10 * r, c, cost * rng.uniform(0.9, 1.1), **more[r]) for r, c in enumerate(curve)]
                runs.append(Run(task, name, seed, tuple(lines)))
    return Results(tuple(runs), about={"autoal": "0.1.0", "command": "autoal bench --suite dev --seeds 10"})


def _weights(rng: np.random.Generator, names: Sequence[str], progress: float) -> dict[str, float]:
    chosen = [name for name in names if "_weights" not in name and name not in ("autoal", "random")][:7]
    raw = np.exp(progress * np.arange(len(chosen)) / 3 + rng.normal(0, 0.05, len(chosen)))
    return dict(zip(chosen, (raw / raw.sum()).tolist(), strict=True))
