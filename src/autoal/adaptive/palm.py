"""A learning curve with four parameters, fitted to its beginning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

FloatArray = npt.NDArray[np.float64]
Parameters = tuple[float, float, float, float]

# of achievable accuracy, efficiency, early performance, scalability:
LOWEST, HIGHEST = (0.0, 0.0, 0.0, 0.0), (1.0, 0.999, 100.0, 10.0)
USUAL = (0.9, 0.3, 1.0, 0.7), (0.2, 0.3, 1.0, 0.3)  # mean and standard deviation
STARTS = ((0.9, 0.3, 1.0, 0.7), (0.8, 0.05, 0.1, 1.0), (0.6, 0.5, 1.0, 0.4))
EVALUATIONS = 100  # of the curve for each start, at most


@dataclass(frozen=True)
class Palm:
    """The accuracy with B labels, A(B) = A_max (1 - (1 - delta) ^ ((B / b + alpha) ^ beta)).

    Source: Machnio, Nielsen and Ghazi, ICCV 2025 (PALM). There alpha may be negative; here it is not, so that the curve
    is defined from the first label on.
    """

    achievable: float  # A_max, from 0 to 1
    efficiency: float  # delta, how much of what can be covered a unit of labels covers
    early: float  # alpha, units of labels that the first accuracy is worth
    scalability: float  # beta
    unit: float  # b, in labels

    def __call__(self, labels: npt.ArrayLike) -> FloatArray:
        """The accuracy with these numbers of labels, of any shape."""
        parameters = self.achievable, self.efficiency, self.early, self.scalability
        return curve(np.asarray(labels, dtype=float) / self.unit, *parameters)

    @classmethod
    def fit(cls, labels: npt.ArrayLike, accuracy: npt.ArrayLike, unit: float, noise: float = 0.0) -> Self:
        """The curve with the least squared distance to the points (k,), within bounds, of a few starts.

        Args:
            labels: (k,) numbers of labels.
            accuracy: (k,) from 0 to 1.
            unit: b, labels; a batch is a good choice.
            noise: standard deviation of the accuracies. Above 0, the parameters are the most probable ones if they are
                normally distributed beforehand, with `USUAL` means and deviations: a few noisy points would be followed
                anywhere otherwise.
        """
        x, y = np.asarray(labels, dtype=float) / unit, np.asarray(accuracy, dtype=float)
        fits = [_fitted(x, y, noise, start) for start in STARTS]
        return cls(*min(fits, key=lambda fit: fit[0])[1], unit)


def curve(x: FloatArray, achievable: float, efficiency: float, early: float, scalability: float) -> FloatArray:
    """A(x) at x units of labels."""
    return np.asarray(achievable * -np.expm1(np.log1p(-efficiency) * _base(x, early) ** scalability))


def slopes(x: FloatArray, achievable: float, efficiency: float, early: float, scalability: float) -> FloatArray:
    """The derivatives of A(x) by the four parameters, shape (k, 4)."""
    rate, base = np.log1p(-efficiency), _base(x, early)
    covered = base**scalability
    missing = np.exp(rate * covered)
    by_covered = -achievable * rate * missing
    columns = (
        1 - missing,
        achievable * covered * missing / (1 - efficiency),
        by_covered * scalability * covered / base,
        by_covered * covered * np.log(base),
    )
    return np.stack(columns, axis=1)


def _base(x: FloatArray, early: float) -> FloatArray:
    return np.asarray((x + early).clip(1e-9))


def _fitted(x: FloatArray, y: FloatArray, noise: float, start: Parameters) -> tuple[float, Parameters]:
    """The cost, and the parameters (4,) that least squares finds from `start`, or the best that it came by."""
    mean, pull = np.array(USUAL[0]), noise / np.array(USUAL[1])
    found = least_squares(
        lambda parameters: np.concatenate([curve(x, *parameters) - y, pull * (parameters - mean)]),
        start,
        lambda parameters: np.concatenate([slopes(x, *parameters), np.diag(pull)]),
        bounds=(LOWEST, HIGHEST),
        x_scale="jac",
        max_nfev=EVALUATIONS,
    )
    achievable, efficiency, early, scalability = found.x.tolist()
    return float(found.cost), (achievable, efficiency, early, scalability)
