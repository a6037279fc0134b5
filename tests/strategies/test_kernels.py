"""Unit norm: torch's own on rows of any usual size, and no less exact on rows of any other."""

from __future__ import annotations

import pytest
import torch

from autoal.strategies.kernels import magnitude, unit_norm

X = torch.randn(40, 7, generator=torch.Generator().manual_seed(0))
TINY, HUGE = 2.0**-90, 2.0**120  # at either end, squares are not numbers of float32


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e3, 1e9])
def test_rows_of_usual_size_have_the_norm_that_torch_gives_them(dtype: torch.dtype, scale: float) -> None:
    x = X.to(dtype) * scale
    x[3] = 0
    assert torch.equal(unit_norm(x), torch.nn.functional.normalize(x, dim=1))


@pytest.mark.parametrize("scale", [TINY, HUGE])
def test_rows_of_any_size_keep_their_direction(scale: float) -> None:
    mixed = X.clone()
    mixed[::2] *= scale
    for x in (X * scale, mixed):
        before = x.clone()
        assert torch.equal(unit_norm(x), unit_norm(X))
        assert torch.equal(x, before)
        assert torch.equal(unit_norm(x, overwrite=True), x)
        assert torch.equal(x, unit_norm(X))


def test_numbers_too_small_to_be_exact_still_have_a_direction() -> None:
    assert unit_norm(torch.tensor([[3e-42, -4e-42]])).tolist()[0] == pytest.approx([0.6, -0.8], abs=1e-3)
    assert unit_norm(torch.tensor([[3e300, -4e300]], dtype=torch.float64)).tolist()[0] == pytest.approx([0.6, -0.8])


def test_without_features_there_is_nothing_to_scale() -> None:
    assert unit_norm(torch.empty(3, 0)).shape == (3, 0)
    assert unit_norm(torch.empty(0, 3)).shape == (0, 3)


def test_the_magnitude_is_a_power_of_two_at_or_below_the_largest() -> None:
    x = torch.tensor([[0.0, 0.0], [1.0, -5.0], [0.25, 0.1], [-(2.0**-149), 0.0], [3e38, 1.0]])
    assert magnitude(x).squeeze(1).tolist() == [1.0, 4.0, 0.25, 2.0**-149, 2.0**127]
