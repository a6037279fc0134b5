"""Model arms: what is trained in each round, and on what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from autoal.errors import InputError
from autoal.models import Model, TorchModel
from autoal.models.augment import crop_flip
from autoal.models.mlp import mlp
from autoal.models.resnet18 import resnet18
from autoal.models.small_cnn import small_cnn
from autoal.tasks.data import DataSet
from autoal.tasks.softmax_regression import SoftmaxRegression

SMALLEST = 8  # pixels a side that the networks can pool
WIDE = 100  # features; the recipes of more and of fewer were chosen on parts of training sets, see docs/tasks.md
TINY = 1e-12


def linear(data: DataSet, flips: bool) -> Model:
    """Softmax regression on features, with a penalty that suits their number and does not depend on their scale."""
    norm = float((data.x_train.reshape(len(data.x_train), -1).astype(np.float64) ** 2).sum(axis=1).mean())
    c = (80.0 if _width(data) < WIDE else 5.0) / max(norm, TINY)
    return SoftmaxRegression(partial(mlp, _width(data), hidden=()), c=c)


def one_hidden_layer(data: DataSet, flips: bool) -> Model:
    """A multi-layer perceptron of 128 hidden units with dropout, on features."""
    factory = partial(mlp, _width(data), hidden=(128,), dropout=0.5)
    steps, rate = (200, 0.02) if _width(data) < WIDE else (100, 0.005)
    return TorchModel(factory, epochs=15, min_steps=steps, lr=rate)


def cnn(data: DataSet, flips: bool) -> Model:
    """A small convolutional network from scratch, with random crops and flips where they change no class."""
    width = 32 if flips else 16
    factory = partial(small_cnn, channels=_channels(data), width=width)
    epochs, steps = (30, 200) if flips else (15, 150)
    return TorchModel(factory, epochs=epochs, min_steps=steps, lr=0.01, augment=crop_flip if flips else None)


def resnet(data: DataSet, flips: bool) -> Model:
    """ResNet-18 from scratch, with random crops and flips where they change no class."""
    factory = partial(resnet18, channels=_channels(data))
    return TorchModel(factory, epochs=60, min_steps=500, lr=0.01, augment=crop_flip if flips else None)


ARMS: Mapping[str, Callable[[DataSet, bool], Model]] = {
    "linear": linear,
    "mlp": one_hidden_layer,
    "cnn": cnn,
    "resnet18": resnet,
}


def _width(data: DataSet) -> int:
    return int(data.x_train[0].size)


def _channels(data: DataSet) -> int:
    shape = data.x_train.shape[1:]
    if len(shape) != 3 or min(shape[1:]) < SMALLEST:
        expected = f"images (n, channels, height, width) of at least {SMALLEST} x {SMALLEST} pixels in {data.name}"
        raise InputError(expected, f"samples of shape {shape}", "the arms linear and mlp")
    return int(shape[0])
