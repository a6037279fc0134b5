"""What a round looks like, in a few numbers that a snapshot gives for nothing."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autoal.snapshot import Snapshot

FloatArray = npt.NDArray[np.float64]

FEATURES = ("constant", "labels", "confidence", "margin", "predicted balance", "label balance")


def round_context(snapshot: Snapshot) -> FloatArray:
    """The numbers `FEATURES` (d,), each from 0 to 1.

    constant: 1. labels: log(1 + m / C) of m labels, as a share of what it would be with all samples labelled; it
    grows with every round. confidence: the mean of the highest probability in the pool. margin: the mean difference of
    the two highest. predicted balance: the entropy of the mean prediction, and label balance that of the labels, as
    shares of log C; with one class, or no label, 1.
    """
    m, n, C = len(snapshot.labels), len(snapshot), snapshot.n_classes
    labels = math.log1p(m / C) / math.log1p((m + n) / C) if m + n else 0.0
    probs = snapshot.log_probs.double().exp()
    top = probs.topk(min(2, C), dim=1).values
    confidence = float(top[:, 0].mean())
    margin = float((top[:, 0] - top[:, 1]).mean()) if C > 1 else 1.0
    counts = torch.bincount(snapshot.labels, minlength=C).double()
    context = (1.0, labels, confidence, margin, balance(probs.mean(dim=0)), balance(counts))
    return np.asarray(np.clip(context, 0, 1))


def balance(weights: Tensor) -> float:
    """The entropy of the distribution in proportion to `weights` (C,), as a share of log C."""
    if len(weights) < 2 or float(weights.sum()) <= 0:
        return 1.0
    return float(torch.special.entr(weights / weights.sum()).sum()) / math.log(len(weights))
