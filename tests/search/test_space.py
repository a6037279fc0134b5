"""The space of the search: mean zero and mean square one, whatever the size of the features."""

from __future__ import annotations

import pytest
import torch

from autoal.search.space import Standardised

X = torch.randn(50, 4, generator=torch.Generator().manual_seed(0)) + 3


@pytest.mark.parametrize("scale", [2.0**-120, 2.0**-20, 1.0, 2.0**20, 2.0**120])
def test_features_of_any_size_keep_their_geometry(scale: float) -> None:
    space, x = Standardised.of(X * scale), X * scale
    assert torch.equal(space(x), Standardised.of(X)(X))
    assert space(x).mean(dim=0).tolist() == pytest.approx([0] * 4, abs=1e-5)
    assert float(space(x).square().mean()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("value", [0.0, 1e-40, 1e-20, 5.0, 1e30])
def test_features_that_are_all_alike_are_zero(value: float) -> None:
    x = torch.full((8, 3), value)
    assert torch.equal(Standardised.of(x)(x), torch.zeros(8, 3))
