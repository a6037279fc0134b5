"""Digits: 1,797 images of 8 x 8 pixels that scikit-learn ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from autoal.tasks.data import DataSet
from autoal.tasks.encoders import AsTheyAre, Flattened
from autoal.tasks.files import NoFiles
from autoal.tasks.source import Source

TEST_EVERY = 4  # every fourth image is for testing: 450 of them, and 1,347 from which the pools are drawn


def read(paths: tuple[Path, ...] = ()) -> DataSet:
    """Pixels as (n, 1, 8, 8) float32 from 0 to 1; no file is needed."""
    del paths
    x, y = load_digits(return_X_y=True)
    x, test = (x / 16).astype(np.float32).reshape(-1, 1, 8, 8), np.arange(len(x)) % TEST_EVERY == 0
    return DataSet("digits", x[~test], y[~test], x[test], y[test], tuple("0123456789"))


DIGITS = Source(
    name="digits",
    summary="handwritten digits of 8 x 8 pixels",
    format="part of scikit-learn",
    origin="https://archive.ics.uci.edu/dataset/80",
    licence="CC BY 4.0",
    files=NoFiles(),
    read=read,
    encoder=Flattened(),
    pixels=AsTheyAre(),
    regime="tiny",
    n_classes=10,
    n_train=1347,
    pool_size=1000,
)
