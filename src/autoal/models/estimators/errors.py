"""Turns whatever an estimator raises into a `ModelError`, with a hint that fits the message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from autoal.arrays import some
from autoal.errors import AutoALError, ModelError
from autoal.models.estimators.table import frame_maker

FEW = "more labels before the first query, or an estimator that fits few, as LogisticRegression()"
# The first pattern that a message has decides the hint.
HINTS = (
    (r"must be integer", "a step before it that makes whole numbers of them, as FunctionTransformer(to_whole)"),
    (r"\bNaN\b|infinity", "a step before it that fills or scales such numbers"),
    (r"class_?weights?\b|sampling_strategy|target class", "weights by the names of the pool's classes, {classes}"),
    (r"column|feature.?names?|categorical_features|only supported for dataframes", "{columns}"),
    (r"n_splits|folds?\b|neighbou?rs|n_samples|\bsamples?\b|members? in|least populated|too few|minimum", FEW),
    (r"(one|single|two|1) class", FEW),
    (r"[Nn]egative|positive", "a step before it that makes numbers of that sign, as MinMaxScaler()"),
    (r"could not convert|convert string|dtype|scalar type", "a step before it that makes numbers of its kind"),
    (
        r"index \d+ is out of bounds",
        "one told of values that few labels do not show, as min_categories= of CategoricalNB",
    ),
    (r"shape|expecting|dimension|unknown categor|size mismatch", "{samples}"),
    (r"No module named|requires .* installed", "install what it needs"),
)
OTHERWISE = "estimator.fit(X, y) on the same samples alone, to see what it needs; or another estimator"
NOT_OURS = (AutoALError, MemoryError, torch.OutOfMemoryError, Warning)  # a warning, where the user made them errors


@dataclass(frozen=True)
class Known:
    """Facts about the data, for hints."""

    classes: Sequence[Any]  # names
    columns: Sequence[str] | None  # names
    width: int  # features of a sample


@contextmanager
def as_model_errors(expected: str, known: Known) -> Iterator[None]:
    """Raise any error of an estimator as a `ModelError`, whatever its class; warnings and lack of memory stay.

    Args:
        expected: what the estimator should have done.
        known: of the data that it was to be fitted on.
    """
    try:
        yield
    except NOT_OURS:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {str(error).strip()}"
        raise ModelError(expected, said, hint_for(said, known)) from error


def hint_for(said: str, known: Known) -> str:
    """The way out of an error of an estimator, by its message."""
    columns = "a pool of a data frame, or of a table with a header: this one has no names of columns"
    if known.columns:
        columns = f"the names of the pool's columns, {some(known.columns)}"
        columns = "pip install pandas, whose data frames have names of columns" if frame_maker() is None else columns
    samples = f"an estimator made for samples of {known.width} features, and samples like those of the pool"
    found = next((hint for pattern, hint in HINTS if re.search(pattern, said)), OTHERWISE)
    return found.format(columns=columns, classes=some(known.classes), samples=samples)
