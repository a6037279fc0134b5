"""Random changes of training images, all samples at once."""

from __future__ import annotations

import torch
from torch import Tensor


def crop_flip(batch: Tensor, generator: torch.Generator, padding: int = 4) -> Tensor:
    """Each image (n, channels, h, w) shifted by up to `padding` pixels, zeros coming in, and flipped with even odds."""
    n, _, h, w = batch.shape
    padded = torch.nn.functional.pad(batch, (padding,) * 4)
    top, left = torch.randint(2 * padding + 1, (2, n, 1), generator=generator)
    columns = left + torch.arange(w)
    flipped = torch.rand(n, 1, generator=generator) < 0.5
    columns = torch.where(flipped, columns.flip(1), columns)
    rows = top + torch.arange(h)
    sample = torch.arange(n)[:, None, None]
    moved = (index.to(batch.device, non_blocking=True) for index in (sample, rows[:, :, None], columns[:, None, :]))
    i, y, x = moved
    return padded.permute(0, 2, 3, 1)[i, y, x].permute(0, 3, 1, 2)
