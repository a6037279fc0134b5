"""Fewer features, centred and of one scale, so that one training recipe suits every encoder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA

from autoal.errors import InputError

FloatArray = npt.NDArray[np.float32]
SAMPLE = 20_000  # rows that the components are fitted on


def reduce(train: FloatArray, test: FloatArray, components: int) -> tuple[FloatArray, FloatArray]:
    """Principal components of both parts, fitted without labels on evenly spaced rows of the training part.

    Args:
        train: (n, D).
        test: (m, D).
        components: K; where there are fewer rows or features than that, as many as there are.

    Returns:
        (n, K) and (m, K) float32, with mean 0 and a mean squared norm of K over the sample.

    Raises:
        InputError: all samples are alike.
    """
    sample = train[:: max(-(-len(train) // SAMPLE), 1)]
    if not np.ptp(sample, axis=0).any():
        raise InputError("samples that differ", f"{len(sample)} that are all alike", "look into the files")
    pca = PCA(min(components, *sample.shape), svd_solver="covariance_eigh").fit(sample)
    scale = np.sqrt(pca.explained_variance_.mean())
    return (pca.transform(train) / scale).astype(np.float32), (pca.transform(test) / scale).astype(np.float32)
