"""A small convolutional network for small images, quick on a CPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelsLast(nn.Module):
    """The same images with the channels of a pixel side by side in memory.

    Convolutions of few channels then run on a CPU at twice the speed, and those after them keep the order.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Images (n, channels, h, w)."""
        return x.contiguous(memory_format=torch.channels_last)


def small_cnn(n_classes: int, channels: int = 3, width: int = 16, dropout: float = 0.3) -> nn.Sequential:
    """Three convolutions with batch norm, each followed by pooling, then dropout and a linear layer.

    For images (n, channels, h, w) of at least 8 x 8; the embedding has 4 x `width` features, pooled over the image.
    """
    layers: list[nn.Module] = [ChannelsLast()]
    for n_out in (width, 2 * width, 4 * width):
        layers += [
            nn.Conv2d(channels, n_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
        channels = n_out
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(channels, n_classes)]
    return nn.Sequential(*layers)
