"""The learning curve: planted parameters come back, and noise is not followed anywhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from autoal.adaptive.palm import USUAL, Palm, curve, slopes


@pytest.mark.parametrize(
    "planted", [(0.9, 0.2, 0.5, 0.8), (0.8, 0.05, 2.0, 1.2), (0.95, 0.4, 0.1, 0.5), (0.7, 0.3, 3.0, 1.0)]
)
@pytest.mark.parametrize("n_points", [6, 12])
def test_planted_parameters_come_back_from_the_beginning_of_a_curve(
    planted: tuple[float, float, float, float], n_points: int
) -> None:
    truth, labels = Palm(*planted, unit=25), 30 + 25 * np.arange(n_points)
    found = Palm.fit(labels, truth(labels), unit=25)
    assert (found.achievable, found.efficiency, found.early, found.scalability) == pytest.approx(planted, rel=0.02)
    assert found(900) == pytest.approx(float(truth(900)), abs=0.003)


def test_the_curve_by_hand() -> None:
    assert Palm(0.8, 0.5, 1.0, 2.0, unit=10)([0, 10]) == pytest.approx([0.8 * 0.5, 0.8 * (1 - 0.5**4)])
    assert Palm(0.8, 0.5, 0.0, 1.0, unit=10)(0) == pytest.approx(0, abs=1e-6)


def test_slopes_are_the_derivatives() -> None:
    parameters, x = np.array([0.8, 0.3, 0.7, 0.9]), np.array([0.0, 1.0, 5.0])
    for i, row in enumerate(slopes(x, *parameters)):
        numeric = approx_fprime(parameters, lambda p, i=i: float(curve(x, *p)[i]), 1e-7)
        assert row == pytest.approx(numeric, abs=1e-5)


def test_few_noisy_points_are_not_followed_anywhere() -> None:
    """What four noisy points predict of three times as many labels differs less if the noise is known."""
    rng, labels, truth = np.random.default_rng(0), 20 + 5 * np.arange(4), Palm(*USUAL[0], unit=20)
    noisy = [truth(labels) + 0.03 * rng.normal(size=4) for _ in range(12)]
    plain, known = ([float(Palm.fit(labels, y, 20, noise)(100)) for y in noisy] for noise in (0.0, 0.03))
    assert np.std(known) < np.std(plain) / 2
    assert np.mean(known) == pytest.approx(float(truth(100)), abs=0.05)


def test_odd_curves_have_a_fit() -> None:
    for labels, accuracy in (([0], [0.0]), ([5, 5], [0.2, 0.4]), ([0, 10, 20], [1.0, 1.0, 1.0]), ([1, 9], [0.9, 0.1])):
        predicted = Palm.fit(labels, accuracy, unit=10, noise=0.1)([0, 10, 1e6])
        assert np.isfinite(predicted).all()
        assert ((predicted >= 0) & (predicted <= 1)).all()
