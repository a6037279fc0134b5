"""Where a batch is spread: among the embeddings, beside what the samples are like whatever the model."""

from __future__ import annotations

import torch
from torch import Tensor

from autoal.inputs import Inputs, chunks
from autoal.snapshot import Snapshot
from autoal.strategies.kernels import unit_norm

FIRST, CHUNK = 16, 4096  # samples that are looked at, and that are read at one time


def joint_space(snapshot: Snapshot) -> tuple[Tensor, Tensor]:
    """Points (n, D + D') of the pool and (m + p, D + D') of what is covered: embedding and features, side by side.

    The features are the vectors that the model was given or, of images, those of `image_features`.

    Both are brought to unit norm first, so that the squared distance of two points is the sum of those in either space,
    and a label covers what is near it in both. A network trained on few labels puts samples of unlike features at one
    place; the features alone do not tell what the network has learned.

    Where there are none, or they are no vectors of real numbers, or the embedding itself, as of a linear model, it is
    the embedding alone, (n, D) and (m + p, D).
    """
    embedding, source = snapshot.embedding, snapshot.source
    width = 0 if source is None else _width(source.features, embedding)
    if source is None or width == 0:
        return embedding, snapshot.anchors
    anchors = _beside(snapshot.labelled_embedding, source.labelled_features, width)
    if snapshot.pending_embedding is not None and source.pending_features is not None:
        anchors = torch.cat([anchors, _beside(snapshot.pending_embedding, source.pending_features, width)])
    return _beside(embedding, source.features, width), anchors


def _width(features: Inputs, embedding: Tensor) -> int:
    """D'; 0 where the features are no vectors of real numbers, or the embedding itself. The first of them tell.

    Whole numbers may be codes, which have no distance.
    """
    for rows, x in chunks(features, FIRST):
        flat = x.ndim == 2 and x.is_floating_point()
        return x.shape[1] if flat and not torch.equal(x.float(), embedding[rows].float()) else 0
    return 0


def _beside(embedding: Tensor, features: Inputs, width: int) -> Tensor:
    """Written to where it stays as it is read, so that there is one copy."""
    points = torch.cat([unit_norm(embedding).float(), torch.empty(len(embedding), width)], dim=1)
    for rows, x in chunks(features, CHUNK):
        points[rows, -width:] = unit_norm(x)
    return points
