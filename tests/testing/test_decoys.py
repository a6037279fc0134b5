from __future__ import annotations

import numpy as np
import pytest
import torch

from autoal import AutoAL, Snapshot, strategies
from autoal.adaptive import ShuffledWeights, UniformWeights
from autoal.bench.entries import expanded
from autoal.errors import InputError
from autoal.search.variants import with_decoys
from autoal.strategies import Entropy, get
from autoal.testing import Confident, Dense

RNG = np.random.default_rng(0)


def test_decoys_are_found_by_name_and_are_no_strategies() -> None:
    assert strategies.decoys() == {"confident": Confident, "dense": Dense}
    assert get("confident") is Confident
    assert not {"confident", "dense"} & set(strategies.all())
    assert strategies.from_config(strategies.to_config(Dense())) == Dense()


def test_one_seeks_confidence_and_one_density() -> None:
    p = torch.tensor([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7], [0.6, 0.4]])
    x = torch.tensor([[1.0, 0.0], [1.0, 0.1], [1.0, -0.1], [0.0, 1.0]])
    snapshot = Snapshot.from_arrays(p.log(), x)
    assert Confident().scores(snapshot, RNG).argsort().tolist() == [1, 3, 2, 0]
    assert torch.equal(Confident().scores(snapshot, RNG), -Entropy().scores(snapshot, RNG))
    assert int(Dense().scores(snapshot, RNG).argmin()) == 3


def test_ensembles_take_them_among_their_candidates() -> None:
    decoys = expanded(["decoys"])
    kinds = (AutoAL, UniformWeights, ShuffledWeights)
    assert list(decoys)[:3] == ["autoal:decoys", "uniform_weights:decoys", "shuffled_weights:decoys"]
    assert list(decoys.values())[:3] == [kind(candidates=with_decoys()) for kind in kinds]
    assert [c.name for c in with_decoys()[-3:]] == ["confident", "random", "dense"]
    with pytest.raises(InputError, match="settings as NAME=VALUE"):
        expanded(["margin:decoys"])


def test_settings_may_follow_them() -> None:
    name = "shuffled_weights:decoys,across=candidates"
    assert expanded([name]) == {name: ShuffledWeights(with_decoys(), across="candidates")}
    with pytest.raises(InputError, match="each setting once"):
        expanded(["autoal:decoys,candidates=margin"])
    with pytest.raises(InputError, match="settings as NAME=VALUE"):
        expanded(["margin:decoys,max_candidates=10"])


def test_a_first_vote_for_the_worst_is_searched_and_kept() -> None:
    misled = {name: strategy for name, strategy in expanded(["decoys"]).items() if "bad_favourite" in name}
    searched, kept = misled.values()
    assert list(misled) == ["autoal:bad_favourite", "autoal:bad_favourite_kept"]
    assert searched == AutoAL(with_decoys(), favourite="confident")
    assert kept == AutoAL(with_decoys(), favourite="confident", search_steps=0)
