"""A multi-layer perceptron on flat features."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn


def mlp(n_features: int, n_classes: int, hidden: Sequence[int] = (128,), dropout: float = 0.0) -> nn.Sequential:
    """Linear layers with ReLU and dropout between them; without hidden layers, a softmax regression."""
    layers: list[nn.Module] = [nn.Flatten()]
    for units in hidden:
        layers += [nn.Linear(n_features, units), nn.ReLU(), nn.Dropout(dropout)]
        n_features = units
    return nn.Sequential(*layers, nn.Linear(n_features, n_classes))
