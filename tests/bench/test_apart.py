"""Variants and oracles stand apart from the comparison, and say what they are for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up import benchmark, results

from autoal.bench.apart import Parts
from autoal.bench.bound_table import bound_sentences, bounds
from autoal.bench.report import write_report
from autoal.bench.variant_table import variant_table
from autoal.errors import StateError

FLAT = [[0.5, 0.5], [0.6, 0.6]]


def shifted(by: float) -> list[list[float]]:
    return [[value + by for value in curve] for curve in FLAT]


def test_runs_are_set_apart_by_what_they_are_for() -> None:
    found = Parts.of(results(dict.fromkeys(("autoal", "autoal:topk", "margin", "vaal:steps=9", "boss"), FLAT)))
    assert {run.strategy for run in found.compared.runs} == {"autoal", "margin", "vaal:steps=9"}
    assert {own: {run.strategy for run in part.runs} for own, part in found.variants.items()} == {
        "autoal": {"autoal", "autoal:topk"}
    }
    assert {run.strategy for run in found.oracles.runs} == {"boss"}


def test_the_ablation_table_by_hand() -> None:
    table = variant_table(results({"autoal": FLAT, "autoal:topk": [[0.51, 0.51], [0.59, 0.59]]}), "autoal")
    assert table is not None
    assert table.columns == ("variant", "overall", "pairs won", "p", "digits/linear/tiny")
    half = 1 * 12.706  # the differences are +1 and -1 points: standard error 1, and t of one degree of freedom
    assert [str(entry) for entry in table.rows[0][:3]] == ["autoal:topk", f"+0.00 (−{half:.2f} to +{half:.2f})", "50%"]
    assert variant_table(results({"autoal": FLAT}), "autoal") is None


def test_the_share_of_an_oracle_s_gain_by_hand() -> None:
    curves = {"random": FLAT, "margin": shifted(0.05), "autoal": shifted(0.04), "boss": shifted(0.10)}
    parts = Parts.of(results(curves))
    (bound,) = bounds(parts.compared, parts.oracles)
    assert (bound.best, bound.random) == ("margin", 55)
    assert np.allclose([bound.gain.mean, bound.best_gain, bound.our_gain], [10, 5, 4])
    assert np.isclose(bound.share(bound.our_gain), 0.4)
    assert "which cheats" in bound_sentences([bound])[0]
    assert "reaches 50% of that gain, and AutoAL 40%" in bound_sentences([bound])[0]


def test_only_shared_seeds_count() -> None:
    curves = {"random": FLAT, "margin": shifted(0.05), "boss": shifted(0.10)[:1]}
    parts = Parts.of(results(curves))
    (bound,) = bounds(parts.compared, parts.oracles)
    assert (bound.random, bound.gain.pairs) == (50, 1)
    assert np.isnan(bound.our_gain)
    assert "AutoAL" not in bound_sentences([bound])[0]


def test_the_report_ranks_neither_variants_nor_oracles(tmp_path: Path) -> None:
    effects = {"random": 0.0, "margin": 0.02, "autoal": 0.03, "autoal:topk": 0.01, "boss": 0.2}
    said = write_report(benchmark(effects, ["digits/linear/low", "trec/linear/low"], seeds=3, rounds=3), tmp_path)
    text = (tmp_path / "report.md").read_text()
    standings = text.split("## Standings over all tasks")[1].split("\n## ")[0]
    assert "boss" not in standings
    assert "topk" not in standings
    assert "| autoal:topk |" in text.split("## Variants of autoal")[1]
    assert "| boss |" in text.split("## Bounds")[1]
    assert any("which cheats" in sentence for sentence in said)


def test_oracles_alone_are_nothing_to_report(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="oracles alone"):
        write_report(results({"boss": FLAT}), tmp_path)
