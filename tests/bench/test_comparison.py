"""Statistics by hand, and the table, verdict and pictures of small made-up curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from autoal.bench.cell import Cell
from autoal.bench.comparison import Comparison
from autoal.bench.plots import learning_curves, strategy_weights
from autoal.bench.results import Line
from autoal.bench.statistics import aubc, paired
from autoal.tasks import Budget


def test_aubc_is_the_mean_accuracy_over_the_budget() -> None:
    assert aubc([10, 20, 40], [0.5, 0.7, 0.9]) == pytest.approx((10 * 0.6 + 20 * 0.8) / 30)
    assert aubc([10], [0.5]) == 0.5


def test_paired_differences_by_hand() -> None:
    difference = paired([3.0, 5.0, 4.0], [1.0, 4.0, 4.0])  # 2, 1, 0
    assert difference.mean == 1
    assert difference.standard_error == pytest.approx(1 / 3**0.5)
    assert difference.won == pytest.approx(2.5 / 3)
    assert np.isnan(paired([1.0], [0.0]).standard_error)


def results(curves: dict[str, list[list[float]]]) -> tuple[list[Cell], list[list[Line]]]:
    cells, lines = [], []
    for name, seeds in curves.items():
        for seed, curve in enumerate(seeds):
            cells.append(Cell("digits", {"name": name}, seed, Budget(10, 10, len(curve) - 1)))
            weights = {"entropy": 0.75, "margin": 0.25} if name == "autoal" else {}
            lines.append(
                [
                    {
                        "round": r,
                        "labels": 10 + 10 * r,
                        "accuracy": accuracy,
                        "seconds": {"query": 0.5, "selection": 0.25} if r else {"query": 9.0},
                        "weights": weights if r else {},
                    }
                    for r, accuracy in enumerate(curve)
                ]
            )
    return cells, lines


CURVES = {
    "entropy": [[0.5, 0.6], [0.5, 0.7]],
    "margin": [[0.5, 0.5], [0.5, 0.5]],
    "autoal": [[0.5, 0.8], [0.5, 0.88]],
    "random": [[0.5, 0.85], [0.5, 0.81]],
}


def test_the_comparison_ranks_and_says_what_it_means() -> None:
    comparison = Comparison.of(*results(CURVES))
    assert comparison.ranked() == ["autoal", "random", "entropy", "margin"]
    assert comparison.aubc("entropy").tolist() == pytest.approx([0.55, 0.6])
    assert comparison.seconds["margin"] == 0.5
    assert comparison.weights["entropy"].tolist() == [[0.75], [0.75]]
    difference = comparison.difference("autoal", "entropy")
    assert difference.mean == pytest.approx((10 + 9) / 2)
    best, random = comparison.verdict()
    assert best.startswith("AutoAL is above its best candidate in hindsight, entropy: +9.50")
    assert random.startswith("AutoAL cannot be told apart from random labelling, random: +0.50 ± 3.00")


def test_a_loss_is_called_a_loss() -> None:
    comparison = Comparison.of(*results({"autoal": CURVES["margin"], "random": CURVES["autoal"]}))
    assert any("is BELOW random labelling" in sentence for sentence in comparison.verdict())
    assert Comparison.of(*results({"entropy": CURVES["entropy"]})).verdict() == []


def test_the_table_shows_every_strategy() -> None:
    console = Console(record=True, width=160, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(Comparison.of(*results(CURVES)).table())
        text = console.export_text()
    assert "2 paired seeds, 10 to 20 labels" in text
    assert "57.50 ± 3.54" in text  # the AUBC of entropy, 55 and 60
    assert "+9.50 ± 0.50 (100%)" in text


def test_the_pictures_are_drawn(tmp_path: Path) -> None:
    comparison = Comparison.of(*results(CURVES))
    for draw in (learning_curves, strategy_weights):
        path = tmp_path / "picture.png"
        draw(comparison, path)
        with Image.open(path) as image:
            assert image.width > 800
            assert len(image.convert("RGB").getcolors(1 << 20) or []) > 50  # not an empty page
        path.unlink()
    strategy_weights(Comparison.of(*results({"entropy": CURVES["entropy"]})), tmp_path / "none.png")
    assert (tmp_path / "none.png").exists()
