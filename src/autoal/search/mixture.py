"""The threshold of each candidate: a high quantile of a Gaussian mixture fitted to the candidates' joint scores."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from torch import Tensor

FIT_ROWS = 1000  # the mixture is fitted to at most this many rows
DRAWS = 10_000  # samples of the mixture from which the quantile is read
FLOOR = 1e-2  # added to the variances; the scores have unit variance, so no component collapses onto tied scores


def thresholds(
    S: Tensor, vote: Tensor, t: float, max_components: int, rng: np.random.Generator, *, scaled: bool = True
) -> tuple[Tensor, int]:
    """theta_kappa (K,), the (1 - t) quantile of each candidate's scores, and the number of components used.

    An average of candidates varies less than each of them, so one factor can scale all thresholds, with which the vote,
    as it is before anything is learned, selects the share t. Otherwise the count regulariser starts far from its
    target, and its gradient, rather than the losses, drives the weights towards a single candidate.

    Args:
        S: standardised scores (n, K).
        vote: the weights (K,) that the candidates have before anything is learned; they sum to one.
        t: the share of the pool to select, batch / pool.
        max_components: the number of components, from 1 to this, is chosen by BIC; 0 takes the quantiles of the scores
            themselves, without a mixture.
        rng: draws the rows, the starting points and the samples.
        scaled: whether that factor is used. Without it, a vote for any one candidate selects the share t.

    Source: AutoAL, section "Gaussian mixture"; the paper writes theta_t(S_sample) for a quantile of its samples.
    """
    rows = rng.permutation(len(S))[:FIT_ROWS]
    if max_components > 0:
        mixture = _best_by_bic(S[torch.from_numpy(rows)].double().numpy(), max_components, rng)
        draws, n_components = mixture.sample(DRAWS)[0], int(mixture.n_components)
    else:
        draws, n_components = S.double().numpy(), 0
    high = 1 - min(max(t, 0.0), 1.0)
    theta = np.quantile(draws, high, axis=0)
    if scaled:
        W = vote.double().numpy()
        theta *= np.quantile(draws @ W, high) / (theta @ W if abs(theta @ W) > FLOOR else 1.0)
    return torch.from_numpy(theta).float(), n_components


def _best_by_bic(S: npt.NDArray[np.float64], max_components: int, rng: np.random.Generator) -> GaussianMixture:
    """One component more for as long as BIC falls; diagonal covariances where the rows are too few for full ones."""
    kind = "full" if len(S) >= 10 * S.shape[1] else "diag"
    S = np.repeat(S, 2, axis=0) if len(S) < 2 else S
    best = _fitted(S, 1, kind, rng)
    for n_components in range(2, min(max_components, 1 + len(S) // 20) + 1):
        next_one = _fitted(S, n_components, kind, rng)
        if next_one.bic(S) >= best.bic(S):
            break
        best = next_one
    return best


def _fitted(S: npt.NDArray[np.float64], n_components: int, kind: str, rng: np.random.Generator) -> GaussianMixture:
    seed = int(rng.integers(2**31))
    mixture = GaussianMixture(
        n_components, covariance_type=kind, reg_covar=FLOOR, init_params="k-means++", random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # tied scores have fewer distinct rows than components
        return mixture.fit(S)
