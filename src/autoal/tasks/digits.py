"""Digits: 1,797 images of 8 x 8 pixels that scikit-learn ships."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from autoal.models import Model, TorchModel
from autoal.models.mlp import mlp
from autoal.tasks.base import Budget, DataSet, Task

TEST_EVERY = 4  # every fourth image is for testing: 450 of them, and 1,347 from which the pools are drawn


def load(data_dir: Path | None = None) -> DataSet:
    """Pixels as (n, 64) float32 from 0 to 1; nothing is read from `data_dir`."""
    del data_dir
    x, y = load_digits(return_X_y=True)
    x, test = (x / 16).astype(np.float32), np.arange(len(x)) % TEST_EVERY == 0
    return DataSet("digits", x[~test], y[~test], x[test], y[test], tuple("0123456789"))


def make_model(data: DataSet) -> Model:
    """Softmax regression on the pixels."""
    return TorchModel(partial(mlp, data.x_train.shape[1], hidden=()), epochs=20, min_steps=100, lr=0.05)


DIGITS = Task("digits", "1,797 digits of 8 x 8 pixels, softmax regression", load, make_model, Budget(10, 10, 10), 1000)
