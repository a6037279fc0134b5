"""The networks that the search builds for itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from autoal.errors import InputError
from autoal.inputs import Inputs
from autoal.models.mlp import mlp
from autoal.models.resnet18 import resnet18
from autoal.models.samples import as_float
from autoal.models.torch import TorchModel

FIRST_MAP = 16  # pixels a side, at most, of the maps of a ResNet's first stage


class Backbone(nn.Module):
    """A network that returns its features at several levels; the last is flat, (n, widths[-1])."""

    widths: tuple[int, ...]

    def forward(self, x: Tensor) -> Sequence[Tensor]:
        """Features (n, width) or (n, width, h, w) of each level."""
        raise NotImplementedError


class MLPBackbone(Backbone):
    """Two hidden layers on an embedding (n, D)."""

    def __init__(self, n_features: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.first, self.second = nn.Linear(n_features, hidden), nn.Linear(hidden, hidden)
        self.widths = (hidden, hidden)

    def forward(self, x: Tensor) -> Sequence[Tensor]:
        """The units (n, hidden) of both layers."""
        first = self.dropout(torch.relu(self.first(x)))
        return first, self.dropout(torch.relu(self.second(first)))


class ResNetBackbone(Backbone):
    """The four stages of a ResNet-18, and their pooled output."""

    def __init__(self, example: Tensor, width: int) -> None:
        super().__init__()
        self.resnet = resnet18(1, channels=_channels(example), width=width, stride=_stride(example))
        self.resnet.fc = nn.Identity()
        self.widths = (width, 2 * width, 4 * width, 8 * width, 8 * width)

    def forward(self, x: Tensor) -> Sequence[Tensor]:
        """Four maps (n, channels, h, w), then the pooled features (n, 8 width)."""
        stages = self.resnet.forward_stages(as_float(x))
        return *stages, stages[-1].mean(dim=(2, 3))


def softmax_regression(n_features: int, n_classes: int) -> nn.Module:
    """A linear layer, the FitNet on embeddings."""
    return mlp(n_features, n_classes, hidden=())


def resnet_fitnet(inputs: Inputs, steps: int, lr: float, width: int) -> TorchModel:
    """The FitNet of the paper: a ResNet-18 on images (channels, height, width)."""
    example = inputs.take(torch.zeros(1, dtype=torch.int64).numpy())
    factory = partial(resnet18, channels=_channels(example), width=width, stride=_stride(example))
    return TorchModel(factory, epochs=1, min_steps=steps, lr=lr)


def _stride(example: Tensor) -> int:
    """The stride of the stem with which the first stage sees at most 16 x 16 pixels."""
    return max(-(-max(example.shape[2:]) // FIRST_MAP), 1)


def _channels(example: Tensor) -> int:
    if example.ndim != 4:
        raise InputError(
            "images (n, channels, height, width) for the networks of the paper",
            f"samples of shape {tuple(example.shape[1:])}",
            'AutoAL(), which searches on embeddings, or searchnet="embedding", fitnet="embedding"',
        )
    return example.shape[1]
