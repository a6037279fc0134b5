"""Turns whatever an estimator raises into a `ModelError`, with a hint that fits the message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from autoal.arrays import some
from autoal.errors import AutoALError, ModelError

FEW = "more labels before the first query, or an estimator that fits few, as LogisticRegression()"
# The first pattern that a message has decides the hint; {columns} stands for what is known of the columns.
HINTS = (
    (r"class_?weights?\b|sampling_strategy|target class", "weights by the names of the pool's classes"),
    (r"column|feature.?names?|categorical_features|only supported for dataframes", "{columns}"),
    (r"n_splits|folds?\b|n_neighbors|neighbou?rs|n_samples|members? in|least populated|samples|too few|minimum", FEW),
    (r"one class|two classes|single class|only .* class", FEW),
    (r"\bNaN\b|nan\b|missing|infinit|too large", "a step before it that fills or scales them, as SimpleImputer()"),
    (r"[Nn]egative|positive", "a step before it that makes them so, as MinMaxScaler()"),
    (r"convert string|could not convert|dtype", "a step before it that makes numbers of its kind, or X.astype(...)"),
    (r"X has \d+ features|shape|expecting|unknown categor", "samples like those that it was fitted on"),
    (r"No module named|requires .* installed", "install what it needs"),
)
OTHERWISE = "estimator.fit(X, y) on the same samples alone, to see what it needs; or another estimator"
NOT_OURS = (AutoALError, MemoryError, torch.OutOfMemoryError, Warning)  # a warning, where the user made them errors


@contextmanager
def as_model_errors(expected: str, columns: tuple[str, ...] | None) -> Iterator[None]:
    """Raise any error of an estimator as a `ModelError`, whatever its class; warnings and lack of memory stay."""
    try:
        yield
    except NOT_OURS:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {str(error).strip()}"
        raise ModelError(expected, said, hint_for(said, columns)) from error


def hint_for(said: str, columns: tuple[str, ...] | None) -> str:
    """The way out of an error of an estimator, by its message; `columns` are the names that the pool has."""
    named = "a pool of a data frame, or of a table with a header: this one has no names of columns"
    if columns:
        named = f"one of the pool's columns, {some(columns)}"
    found = next((hint for pattern, hint in HINTS if re.search(pattern, said)), OTHERWISE)
    return found.format(columns=named)
