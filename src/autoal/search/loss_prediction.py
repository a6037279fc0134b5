"""Loss prediction (Yoo and Kweon, CVPR 2019): a head on intermediate features that learns to rank losses."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class LossPredictor(nn.Module):
    """One number from several levels of features: each level is pooled, projected, and all are joined.

    Args:
        widths: the number of channels or units of each level.
        projected: units that each level is projected to.
    """

    def __init__(self, widths: Sequence[int], projected: int = 32) -> None:
        super().__init__()
        self.projections = nn.ModuleList(nn.Linear(width, projected) for width in widths)
        self.output = nn.Linear(projected * len(widths), 1)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Predicted loss (n,), in no particular unit, from features (n, width) or (n, width, h, w)."""
        pooled = [level.mean(dim=(2, 3)) if level.ndim == 4 else level for level in levels]
        joined = [torch.relu(project(level)) for project, level in zip(self.projections, pooled, strict=True)]
        return torch.as_tensor(self.output(torch.cat(joined, dim=1)).squeeze(1))


def ranking_loss(predicted: Tensor, loss: Tensor, margin: float = 1.0) -> Tensor:
    """mean over pairs of max(0, -sign(l_i - l_j) (p_i - p_j) + margin).

    Sample i is paired with sample i + B/2, so that each counts once; with an odd number the last is left out.
    """
    half = len(loss) // 2
    if half == 0:
        return predicted.sum() * 0
    sign = torch.sign(loss[:half] - loss[half : 2 * half]).detach()
    return torch.relu(margin - sign * (predicted[:half] - predicted[half : 2 * half])).mean()
