"""Linear regression with a part that all arms of a bandit share, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from autoal.adaptive.feedback import Memory

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class HybridRidge:
    """Ridge regression of rewards on contexts, r = x . (beta + theta_k), with the penalty |beta|^2 + sum |theta_k|^2.

    This is algorithm 2 of Li et al. with the same features for what is shared and for what is not, z = x, so that
    B_k = S_k, A_k = I + S_k, A_0 = I + sum_k A_k^-1 S_k and b_0 = sum_k A_k^-1 s_k: the sums S and s are all that is
    kept. An observation adds x x' and r x to them; no inverse is kept that errors could gather in.

    Source: Li, Chu, Langford and Schapire, WWW 2010.
    """

    S: FloatArray  # (K, d, d), sum of x x' over the rounds of each arm
    s: FloatArray  # (K, d), sum of r x

    @classmethod
    def empty(cls, n_arms: int, d: int) -> Self:
        """Nothing observed."""
        return cls(np.zeros((n_arms, d, d)), np.zeros((n_arms, d)))

    @classmethod
    def of(cls, plain: Memory) -> Self:
        """The inverse of `plain`."""
        return cls(np.array(plain["S"]), np.array(plain["s"]))

    def plain(self) -> Memory:
        """The sums as plain data."""
        return {"S": self.S.tolist(), "s": self.s.tolist()}

    def updated(self, arm: int, x: FloatArray, reward: float, weight: float = 1.0) -> Self:
        """With one more observation, which counts `weight` times."""
        S, s = self.S.copy(), self.s.copy()
        S[arm] += weight * np.outer(x, x)
        s[arm] += weight * reward * x
        return type(self)(S, s)

    def coefficients(self) -> FloatArray:
        """beta + theta_k (K, d)."""
        inverse, shared = self._inverses()
        beta = shared @ np.einsum("kij,kj->i", inverse, self.s)
        return np.asarray(beta + np.einsum("kij,kj->ki", inverse, self.s - self.S @ beta))

    def bounds(self, x: FloatArray, alpha: float) -> FloatArray:
        """x . (beta + theta_k) + alpha sqrt(x' V_k x) (K,), V_k the covariance of the sum if rewards vary by 1."""
        inverse, shared = self._inverses()
        u = inverse @ x
        variance = u @ x + np.einsum("ki,ij,kj->k", u, shared, u)
        return np.asarray(self.coefficients() @ x + alpha * np.sqrt(variance.clip(0)))

    def _inverses(self) -> tuple[FloatArray, FloatArray]:
        """A_k^-1 (K, d, d) and A_0^-1 (d, d)."""
        eye = np.eye(self.S.shape[1])
        inverse = np.linalg.inv(eye + self.S)
        return np.asarray(inverse), np.asarray(np.linalg.inv(eye + (inverse @ self.S).sum(axis=0)))
