"""Names of strategies, variants and settings, as the command line gives them."""

from __future__ import annotations

import pytest

from autoal import AutoAL, strategies
from autoal.bench.bench import Bench, bench_cells
from autoal.bench.entries import entry, expanded
from autoal.errors import InputError
from autoal.strategies import KMeans, Margin, from_config


def test_groups_stand_for_their_members() -> None:
    assert list(expanded(["all"])) == list(strategies.all())
    ablations = expanded(["ablations"])
    assert ablations["autoal:no_gates"] == AutoAL(gates=False)
    assert all(variant != AutoAL() for variant in [*ablations.values(), *expanded(["sensitivity"]).values()])
    assert len(ablations["autoal:candidates_3"].candidates) == 3  # type: ignore[attr-defined]
    assert len({repr(variant) for variant in ablations.values()}) == len(ablations) == 19


def test_settings_are_literals_or_text() -> None:
    assert entry("autoal:batch=topk,cycles=1") == AutoAL(batch="topk", cycles=1)
    assert entry("autoal:candidates=('margin','kmeans'),tau_end=1") == AutoAL(("margin", "kmeans"), tau_end=1)
    assert entry("autoal:favourite=None,sharpness=3") == AutoAL(favourite=None, sharpness=3)
    assert entry("margin:max_candidates=500") == Margin(max_candidates=500)
    assert list(expanded(["least-confidence", "margin", "margin", "autoal:gates=False"])) == [
        "least_confidence", "margin", "autoal:gates=False",
    ]  # fmt: skip


def test_a_cell_of_a_variant_has_its_name_and_its_settings() -> None:
    cells = bench_cells(Bench(tasks=("digits",), strategies=("autoal:topk", "autoal"), seeds=1))
    assert [cell.label for cell in cells] == ["autoal:topk", "autoal"]
    assert [from_config(cell.strategy) for cell in cells] == [AutoAL(batch="topk"), AutoAL()]
    assert isinstance(from_config(cells[0].strategy).candidates[3], KMeans)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("autoal:no_gate", "a variant of AutoAL.*autoal:no_gates"),
        ("margin:fast", "settings as NAME=VALUE.*margin:max_candidates"),
        ("autoal:cycle=1", "a setting of autoal; got 'cycle'"),
        ("autoal:sharpness=high", "like the default 2.0; got 'high'"),
        ("autoal:sharpness=True", "like the default 2.0; got True"),
        ("autoal:batch=3", "like the default 'herding'; got 3"),
        ("autoal:cycles=many", "like the default 3; got 'many'"),
        ("autoal:cycles=1.5", "like the default 3"),
        ("autoal:gates=1", "like the default True"),
        ("autoal:cycles={[]:1}", "like the default 3"),
        ("autoal:cycles=1,cycles=2", "each setting once; got 'autoal:cycles=1,cycles=2'"),
        ("autoal:,cycles=1", "settings as NAME=VALUE"),
        ("autoal:", "a variant of AutoAL.*got 'autoal:'"),
        ("autoal:batch=greedy", "batch among"),
        ("entropi", "name of a strategy"),
    ],
)
def test_wrong_names_and_values_are_refused(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        expanded([name])
