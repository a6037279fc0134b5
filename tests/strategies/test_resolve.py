from __future__ import annotations

import numpy as np
import pytest
import torch

from autoal import AutoALWarning, Snapshot
from autoal.strategies import Margin, Strategy
from autoal.strategies.resolve import usable


def test_a_candidate_without_a_name_is_left_out_by_the_name_of_its_class() -> None:
    class Nameless(Strategy):
        needs = frozenset({"stochastic"})

    snapshot = Snapshot.from_arrays(np.log(np.full((4, 2), 0.5)), torch.zeros(4, 1))
    with pytest.warns(AutoALWarning, match="no stochastic passes: Nameless$"):
        assert usable([Margin(), Nameless()], snapshot) == [Margin()]
