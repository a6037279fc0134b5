"""Colours that stay the same, and pictures that hold what they should."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET

import numpy as np
from made_up import benchmark
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from autoal import strategies
from autoal.bench.findings import Findings
from autoal.bench.palette import FAINT, STANDING_OUT, colour, palette
from autoal.bench.pictures import Panel, Sheet
from autoal.bench.plots import NAMED, PERCENT, ROOM, draw_curves, named, task_curves, task_gains
from autoal.bench.rank_plots import draw_matrix, draw_ranks
from autoal.bench.scores import Scores
from autoal.bench.statistics import band

NAMES = ["autoal", "uniform_weights", "random_weights", "random", *(f"s{i:02d}" for i in range(36))]
BENCH = benchmark({n: 0.001 * i for i, n in enumerate(NAMES)}, ["a", "b"], seeds=3, rounds=3)
FINDINGS = Findings(Scores.of(BENCH))


def test_the_papers_candidates_and_those_that_stand_out_share_no_colour() -> None:
    names = [candidate.name for candidate in strategies.paper_candidates()]
    own = [colour(name) for name in [*names, *STANDING_OUT]]
    assert len(set(own)) == len(own)
    assert palette([*STANDING_OUT, *names]) == {name: colour(name) for name in [*STANDING_OUT, *names]}


def test_a_palette_is_distinct_and_keeps_what_stands_out() -> None:
    colours = palette([*NAMES[4:14], *STANDING_OUT])
    assert len(set(colours.values())) == 14
    assert {name: colours[name] for name in STANDING_OUT} == STANDING_OUT


def test_forty_strategies_are_few_in_colour_and_the_others_grey() -> None:
    shown = named(FINDINGS)
    assert len(shown) == NAMED + 4
    axes = Figure().subplots()
    colours = palette(shown)
    task_curves(FINDINGS, "a", colours, axes)
    drawn = [to_hex(line.get_color()) for line in axes.lines]
    assert len(drawn) == 40
    assert drawn.count(FAINT) == 40 - len(shown)
    assert {line.get_label(): to_hex(line.get_color()) for line in axes.lines[-len(shown) :]} == colours


def test_curves_above_random_are_differences_of_the_same_seeds() -> None:
    axes = Figure().subplots()
    task_gains(FINDINGS, "b", palette(named(FINDINGS)), axes)
    lines = {line.get_label(): np.asarray(line.get_ydata()) for line in axes.lines}
    curves = FINDINGS.scores.curves["accuracy"][1]
    ours, base = (curves[FINDINGS.scores.strategies.index(name)] for name in ("autoal", "random"))
    assert np.allclose(lines["autoal"], 100 * (ours - base).mean(axis=0))
    assert np.allclose(lines["random"], 0)


def test_bands_of_two_seeds_stay_within_what_can_be_and_leave_the_curves_in_view() -> None:
    curves = {"autoal": np.array([[40.0, 99.0], [50.0, 90.0]])}
    axes = Figure().subplots()
    draw_curves(axes, [10, 20], curves, palette(curves), PERCENT)
    reached = axes.collections[0].get_paths()[0].vertices[:, 1]  # half a band: 12.7 standard errors, 57 and 64 points
    assert (reached.min(), reached.max()) == (0, 100)
    bottom, top = axes.get_ylim()
    assert 40 - 59 * ROOM == bottom < 40 < 99 < top <= 99 + 59 * ROOM


def test_bands_of_many_seeds_are_seen_as_a_whole() -> None:
    axes = Figure().subplots()
    curves = {"autoal": 50 + np.random.default_rng(0).normal(size=(10, 1)) + np.arange(5) * 8}
    draw_curves(axes, range(5), curves, palette(curves), PERCENT)
    mean, half = band(curves["autoal"])
    bottom, top = axes.get_ylim()
    assert bottom < (mean - half).min() < (mean + half).max() < top


def test_the_bars_of_the_ranks_cover_their_groups_and_never_overlap() -> None:
    overall = FINDINGS.overall
    assert overall is not None
    axes = Figure().subplots()
    draw_ranks(axes, overall, {})
    bars = [line for line in axes.lines if line.get_linewidth() == 2.5]
    assert len(bars) == len(overall.groups) >= 1
    rows = {tuple(sorted((overall.order.index(g[0]), overall.order.index(g[-1])))) for g in overall.groups}
    spans = [(bar.get_xdata()[0], min(bar.get_ydata()) + 0.2, max(bar.get_ydata()) - 0.2) for bar in bars]
    assert {(round(low), round(high)) for _, low, high in spans} == rows
    for i, (x, low, high) in enumerate(spans):
        assert not any(x == x2 and low <= high2 and low2 <= high for x2, low2, high2 in spans[i + 1 :])
    assert [label.get_text() for label in axes.get_yticklabels()] == overall.order


def test_a_matrix_shows_every_number_but_the_diagonal() -> None:
    axes = Figure().subplots()
    draw_matrix(axes, np.array([[0.5, 0.75], [0.25, 0.5]]), ["a", "b"], 1.0, 2, np.array([0.25, 0.75]))
    assert sorted(text.get_text() for text in axes.texts) == ["0.25", "0.25", "0.75", "0.75"]


def draw(axes: Axes) -> None:
    axes.plot([0.123456789, 1], [0, 1])
    axes.set_title("a title")


def test_a_panel_is_an_image_with_its_text() -> None:
    header, content = Panel("what it shows", draw).svg().split(",")
    assert header == "data:image/svg+xml;base64"
    text = base64.b64decode(content).decode()
    assert "a title" in "".join(ET.fromstring(text).itertext())
    assert ".123456789" not in text
    assert Panel("again", draw).svg().split(",")[1] == content


def test_a_sheet_holds_all_panels_in_rows() -> None:
    one, five = (Sheet((Panel("", draw, (2, 1)),) * n, {"a": "#123456"}) for n in (1, 5))
    sizes = [tuple(int.from_bytes(sheet.png()[i : i + 4], "big") for i in (16, 20)) for sheet in (one, five)]
    assert sizes == [(160, 80), (640, 160)]
