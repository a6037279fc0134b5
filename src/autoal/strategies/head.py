"""The linear head of the model, found from its embeddings and predictions alone."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from autoal.snapshot import Snapshot
from autoal.strategies.draws import shuffled

ROWS = 20_000  # rows that the head is fitted to
FLOOR = -30.0  # log-probabilities below say no more, and would outweigh all others in a least-squares fit
RIDGE = 1e-6  # of the embedding's mean square: makes the system solvable where features are collinear


def linear_head(snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
    """W (C, D) of the logits W h + b that come nearest to the snapshot's, by least squares; rows of W sum to zero.

    Exact for a model that ends in a linear layer and a softmax, which fixes the logits up to a constant a row; for any
    other model it is the best linear account of it. In double.
    """
    rows = shuffled(snapshot, rng)[:ROWS]
    h = snapshot.embedding[rows].double()
    logits = snapshot.log_probs[rows].double().clamp_min(FLOOR)
    logits = logits - logits.mean(dim=1, keepdim=True)
    h, logits = h - h.mean(dim=0), logits - logits.mean(dim=0)
    gram = h.T @ h
    gram.diagonal().add_(RIDGE * gram.diagonal().mean().clamp_min(1e-12))
    W: Tensor = torch.linalg.solve(gram, h.T @ logits).T
    return W
