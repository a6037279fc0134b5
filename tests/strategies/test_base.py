from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from autoal import AutoAL, AutoALError, AutoALWarning, Snapshot, Strategy, strategies
from autoal.strategies import Entropy, KMeans, Random, has_scores, top
from autoal.strategies.guard import guarded_scores, guarded_select


def test_top_takes_the_highest_first(rng: np.random.Generator) -> None:
    assert top(torch.tensor([1.0, 5.0, 3.0, 4.0]), 3, rng).tolist() == [1, 3, 2]
    assert top(torch.tensor([1.0]), 5, rng).tolist() == [0]
    assert top(torch.tensor([1.0, 2.0]), 0, rng).tolist() == []


def test_top_breaks_ties_at_random_everywhere_and_puts_nan_last() -> None:
    scores = torch.tensor([1.0, 1.0, 1.0, 1.0, 9.0, float("nan")])
    seen = {tuple(top(scores, 3, np.random.default_rng(seed)).tolist()) for seed in range(200)}
    assert {pick[0] for pick in seen} == {4}
    assert {pick[1] for pick in seen} == {0, 1, 2, 3}
    assert len(seen) == 12


def test_random_draws_every_row_about_equally_often(snapshot: Snapshot) -> None:
    rng = np.random.default_rng(0)
    counts = np.bincount(np.concatenate([Random().select(snapshot, 6, rng).numpy() for _ in range(500)]), minlength=60)
    assert counts.sum() == 3000
    assert abs(counts - 50).max() < 30  # 50 expected, standard deviation 6.7


def test_a_strategy_that_only_selects_has_no_scores(snapshot: Snapshot, rng: np.random.Generator) -> None:
    assert has_scores(Entropy())
    assert not has_scores(KMeans())
    with pytest.raises(AutoALError, match="only selects"):
        KMeans().scores(snapshot, rng)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.arange(500.0), "60 scores; it returned 500"),
        (torch.zeros(60, 4), "60 scores; it returned 240"),
        (np.arange(5.0), "60 scores; it returned 5"),
        (None, "60 scores; it returned a NoneType"),
        ("high", "60 scores; it returned a str"),
        (np.full(60, np.nan), "numbers; it returned NaN for 60 of 60 rows"),
    ],
)
def test_scores_that_cannot_be_used_are_said_and_repaired(
    answer: object, message: str, snapshot: Snapshot, rng: np.random.Generator
) -> None:
    class Mine(Strategy):
        def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
            return answer  # type: ignore[return-value]

    for ask in (guarded_select, guarded_scores):
        with pytest.warns(AutoALWarning, match=f"Mine should return .*{message}"):
            found = ask(Mine(), snapshot, 5, rng)
        assert len(found.unique()) == (5 if ask is guarded_select else 1)


def test_a_strategy_without_a_rule_or_with_needs_that_nothing_serves_is_refused(
    snapshot: Snapshot, rng: np.random.Generator
) -> None:
    class Empty(Strategy):
        pass

    with pytest.raises(AutoALError, match="defines scores, or select; got neither"):
        Empty().select(snapshot, 3, rng)
    for wrong in (frozenset({"embeding"}), "embedding"):
        with pytest.raises(AutoALError, match=r"needs of Typo .*; got .*embed.*frozenset of embedding, log_probs"):
            type("Typo", (Strategy,), {"needs": wrong})


def test_a_selection_is_scored_by_its_order(snapshot: Snapshot, rng: np.random.Generator) -> None:
    class Fixed(Strategy):
        def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
            return torch.tensor([7, 2, 5, 1])

    scores = guarded_scores(Fixed(), snapshot, 4, rng)
    assert scores[[7, 2, 5, 1]].tolist() == [1.0, 0.75, 0.5, 0.25]
    assert float(scores.sum()) == 2.5


class Foreign(Strategy):
    """Returns whatever it is told to."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
        return self.answer  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (torch.tensor([3, 3, 3, 4]), [3, 4]),
        (np.array([[3], [4], [5], [6]]), [3, 4, 5, 6]),
        ([3, -1, 99, 4], [3, 4]),
        ([], []),
        ([1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4]),
        ([1.0, 2.5, torch.nan, 4.0], [1, 4]),
    ],
)
def test_foreign_picks_are_repaired(
    answer: object, kept: list[int], snapshot: Snapshot, rng: np.random.Generator
) -> None:
    if kept == [3, 4, 5, 6]:
        picks = guarded_select(Foreign(answer), snapshot, 4, rng)
    else:
        with pytest.warns(AutoALWarning, match="Foreign should return 4 distinct rows"):
            picks = guarded_select(Foreign(answer), snapshot, 4, rng)
    assert picks[: len(kept)].tolist() == kept
    assert len(set(picks.tolist())) == 4
    assert picks.min() >= 0
    assert picks.max() < len(snapshot)


@pytest.mark.filterwarnings("ignore:Limited considers")
@pytest.mark.parametrize("limit", [None, 10])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, "NoneType"),
        ({1, 2, 3, 4}, "set"),
        ((row for row in range(4)), "generator"),
        ("1234", "str"),
        (["1", "2", "3", "4"], "list"),
        ([[1], [2, 3], 4], "list"),
        ([2**63], "list"),
        (np.array([1, None], dtype=object), "ndarray"),
    ],
)
def test_what_is_no_list_of_rows_is_said_and_replaced(
    answer: object, kind: str, limit: int | None, snapshot: Snapshot, rng: np.random.Generator
) -> None:
    class Limited(Foreign):
        max_candidates = limit

        def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> torch.Tensor:
            return answer  # type: ignore[return-value]

    with pytest.warns(AutoALWarning, match=f"Limited should return 4 distinct rows of 60; it returned a {kind}"):
        assert len(guarded_select(Limited(answer), snapshot, 4, rng).unique()) == 4
    with pytest.warns(AutoALWarning, match=f"it returned a {kind}"):
        assert float(guarded_scores(Limited(answer), snapshot, 4, rng).sum()) == 2.5


def test_foreign_scores_become_finite(snapshot: Snapshot, rng: np.random.Generator) -> None:
    class Wild(Strategy):
        def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
            scores = torch.arange(60.0)[:, None]
            scores[0], scores[1], scores[2] = torch.nan, torch.inf, -torch.inf
            return scores

    with pytest.warns(AutoALWarning, match="NaN for 1 of 60 rows"):
        scores = guarded_scores(Wild(), snapshot, 4, rng)
    assert scores[:4].tolist() == [3.0, 59.0, 3.0, 3.0]

    class Short(Strategy):
        def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> torch.Tensor:
            return torch.ones(3)

    with pytest.warns(AutoALWarning, match="60 scores"):
        assert guarded_scores(Short(), snapshot, 4, rng).eq(0).all()


def test_the_registry_holds_every_strategy_by_its_own_name() -> None:
    found = strategies.all()
    assert {"random", "entropy", "margin", "least_confidence", "kmeans", "bald", "var_ratio", "mean_std"} <= set(found)
    assert {"autoal", "uniform_weights", "random_weights"} <= set(found)
    for name, kind in found.items():
        assert kind.name == name
        assert kind.reference


def test_a_strategy_that_cannot_be_loaded_harms_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "plugin-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1\n")
    points = ["[autoal.strategies]", "margin = nowhere:Other", "late = autoal.strategies:Late", "good = autoal:AutoAL"]
    (package / "entry_points.txt").write_text("\n".join(points))
    before = strategies.all()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(AutoALWarning, match=r"the strategy late \(autoal.strategies:Late\) cannot be loaded"):
        found = strategies.all()
    assert found == before | {"good": AutoAL}


def test_an_unknown_name_is_refused_with_close_ones() -> None:
    assert strategies.get("least-confidence").name == "least_confidence"
    with pytest.raises(AutoALError, match="Try: entropy"):
        strategies.get("entropi")


@pytest.mark.parametrize("name", sorted(strategies.all()))
def test_the_configuration_of_a_strategy_makes_it_again(name: str) -> None:
    strategy = strategies.get(name)()
    config = strategies.to_config(strategy)
    assert strategies.to_config(strategies.from_config(config)) == config


def test_a_strategy_unknown_to_the_registry_has_no_configuration() -> None:
    with pytest.raises(AutoALError, match="registered strategy"):
        strategies.to_config(Foreign(0))
