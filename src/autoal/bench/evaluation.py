"""How well predictions do on a test set: accuracy, by class and overall, log loss and calibration."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import recall_score
from torch import Tensor

BINS = 15  # of the calibration error


def evaluate(log_probs: Tensor, truth: npt.NDArray[np.int64]) -> dict[str, float]:
    """The scores of natural-log probabilities (n, C) against class indices (n,).

    `balanced_accuracy` is the mean recall of the classes that the test set has, `log_loss` the mean in nats, and
    `calibration` the expected calibration error of Guo et al. (2017).
    """
    confidence, predicted = (column.numpy() for column in log_probs.max(dim=1))
    correct = predicted == truth
    return {
        "accuracy": float(correct.mean()),
        "balanced_accuracy": float(recall_score(truth, predicted, labels=np.unique(truth), average="macro")),
        "log_loss": float(torch.nn.functional.nll_loss(log_probs.double(), torch.from_numpy(truth))),
        "calibration": calibration_error(np.exp(confidence.astype(np.float64)), correct),
    }


def calibration_error(confidence: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_], bins: int = BINS) -> float:
    """Mean distance (n,) -> scalar between confidence and accuracy within bins of equal width, closed on the right."""
    index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return float(np.abs(np.bincount(index, correct - confidence, bins)).sum() / len(confidence))
