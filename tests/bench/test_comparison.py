"""The table, verdict and pictures of one task, from small made-up curves."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import results, run
from PIL import Image
from rich.console import Console

from autoal.bench.comparison import Comparison
from autoal.bench.plots import learning_curves, strategy_weights
from autoal.bench.results import Results
from autoal.errors import StateError

CURVES = {
    "entropy": [[0.5, 0.6], [0.5, 0.7]],
    "margin": [[0.5, 0.5], [0.5, 0.5]],
    "autoal": [[0.5, 0.8], [0.5, 0.88]],
    "random": [[0.5, 0.85], [0.5, 0.81]],
}


def compared(curves: dict[str, list[list[float]]]) -> Comparison:
    return Comparison.of(results(curves, "digits"))


def test_the_comparison_ranks_and_says_what_it_means() -> None:
    comparison = compared(CURVES)
    assert comparison.ranked() == ["autoal", "random", "entropy", "margin"]
    assert comparison.labels == [10, 20]
    assert comparison.aubc("entropy").tolist() == pytest.approx([0.55, 0.6])
    assert comparison.seconds("margin") == 0.5
    assert comparison.seconds("margin", "selection") == pytest.approx(0.35)
    assert comparison.seconds("margin", "unheard of") == 0
    assert comparison.weights["entropy"].tolist() == [[0.75], [0.75]]
    difference = comparison.difference("autoal", "entropy")
    assert difference.mean == pytest.approx((10 + 9) / 2)
    best, random = comparison.verdict()
    assert best.startswith("AutoAL is above its best candidate in hindsight, entropy: +9.50 ± 0.50 points")
    assert random.startswith("AutoAL cannot be told apart from random labelling, random: +0.50 ± 3.00")


def test_a_loss_is_called_a_loss() -> None:
    lost = compared({"autoal": CURVES["margin"], "random": [[0.5, 0.8], [0.5, 0.81]]})
    assert any("is BELOW random labelling" in sentence for sentence in lost.verdict())
    assert compared({"entropy": CURVES["entropy"]}).verdict() == []


def test_one_standard_error_is_not_enough() -> None:
    """A mean of three standard errors over two seeds has p = 0.2."""
    close = compared({"autoal": [[0.5, 0.6], [0.5, 0.7]], "random": [[0.5, 0.58], [0.5, 0.66]]})
    assert "cannot be told apart from random labelling, random: +1.50 ± 0.50" in close.verdict()[0]


def test_equal_means_are_called_equal() -> None:
    tied = compared(
        {"entropy": [[0.5, 0.6], [0.5, 0.7]], "margin": [[0.5, 0.7], [0.5, 0.6]], "autoal": [[0.5, 0.65]] * 2}
    )
    assert tied.verdict()[0].startswith(
        "AutoAL has the same mean as its best candidate in hindsight, entropy (margin is equal): "
    )
    same = compared({"autoal": CURVES["margin"], "random": CURVES["margin"]})
    assert same.verdict()[-1].startswith("AutoAL has the same mean as random labelling, random: +0.00")


def test_one_seed_tells_nothing_apart() -> None:
    sentence = compared({name: seeds[:1] for name, seeds in CURVES.items()}).verdict()[0]
    assert "cannot be told apart" in sentence
    assert "± – points" in sentence


def test_only_seeds_that_all_have_are_compared() -> None:
    whole = results(CURVES, "digits")
    assert Comparison.of(Results(whole.runs[:-1])).title().startswith("digits: 1 paired seeds")
    with pytest.raises(StateError, match="runs of one task"):
        Comparison.of(Results((*whole.runs, run("letter", "margin", 0, [0.5, 0.6]))))
    with pytest.raises(StateError, match="a seed that all strategies have"):
        Comparison.of(Results((run("a", "margin", 0, [0.5, 0.6]), run("a", "random", 1, [0.5, 0.6]))))


def test_the_table_shows_every_strategy() -> None:
    console = Console(record=True, width=160, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(compared(CURVES).table())
        text = console.export_text()
    assert "2 paired seeds, 10 to 20 labels" in text
    assert "57.50 ± 3.54" in text  # the AUBC of entropy, 55 and 60
    assert "+9.50 ± 0.50 (100%)" in text


def test_the_pictures_are_drawn(tmp_path: Path) -> None:
    for draw in (learning_curves, strategy_weights):
        path = tmp_path / "picture.png"
        draw(compared(CURVES), path)
        with Image.open(path) as image:
            assert image.width > 800
            assert len(image.convert("RGB").getcolors(1 << 20) or []) > 50  # not an empty page
        path.unlink()
    strategy_weights(compared({"entropy": CURVES["entropy"]}), tmp_path / "none.png")
    assert (tmp_path / "none.png").exists()
