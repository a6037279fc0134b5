"""Where a batch is spread: among the embeddings, beside the features that the model made them of."""

from __future__ import annotations

import torch
from torch import Tensor

from autoal.inputs import Inputs, chunks
from autoal.snapshot import Snapshot
from autoal.strategies.kernels import unit_norm

CHUNK = 4096  # samples read at one time


def joint_space(snapshot: Snapshot) -> tuple[Tensor, Tensor]:
    """Points (n, D + D') of the pool and (m, D + D') of the labelled samples: embedding and features, side by side.

    Both are brought to unit norm first, so that the squared distance of two points is the sum of those in either space,
    and a label covers what is near it in both. A network trained on few labels puts samples of unlike features at one
    place; the features alone do not tell what the network has learned.

    Where the inputs are not vectors of real numbers, as images are not, or are not known, or are the embedding, as of a
    linear model, it is the embedding alone, (n, D) and (m, D).
    """
    embedding, labelled = snapshot.embedding, snapshot.labelled_embedding
    source = snapshot.source
    if source is None or not _is_flat(source.inputs):
        return embedding, labelled
    x = _features(source.inputs)
    if x.shape == embedding.shape and torch.equal(x, embedding.float()):
        return embedding, labelled
    x_labelled = _features(source.labelled_inputs) if len(labelled) else x[:0]
    return _beside(embedding, x), _beside(labelled, x_labelled)


def _is_flat(inputs: Inputs) -> bool:
    """Whether samples are vectors of real numbers; whole numbers may be codes, which have no distance."""
    if not len(inputs):
        return False
    _, first = next(chunks(inputs, 1))
    return first.ndim == 2 and first.is_floating_point()


def _features(inputs: Inputs) -> Tensor:
    return torch.cat([part.float() for _, part in chunks(inputs, CHUNK)])


def _beside(embedding: Tensor, features: Tensor) -> Tensor:
    return torch.cat([unit_norm(embedding).float(), unit_norm(features)], dim=1)
