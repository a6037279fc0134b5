"""Finds which class each column of `predict_proba` stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autoal.arrays import IntArray, some
from autoal.errors import ModelError
from autoal.models.estimators.encoding import Encoding

NONE = -1  # a column that stands for none of the pool's classes
UNUSED = 1e-6  # mean probability of a column that boosting keeps for a class of which it has seen no sample


def class_columns(
    width: int,
    known: Any,
    encoding: Encoding,
    present: IntArray,
    probs: Callable[[], npt.NDArray[Any]],
    predict: Callable[[], Any] | None,
) -> IntArray:
    """The class (K,) of each of the K columns, -1 for none.

    With one column a class that the estimator knows, `classes_` says it. A network has a column for each class that
    there could be, and labels are their positions; boosting may keep columns behind those of `classes_`. Where the two
    differ, what the estimator predicts of its own samples tells them apart, or else that the latter stay empty.

    Args:
        width: K.
        known: the estimator's `classes_`; None if it has none.
        encoding: the labels that the estimator was told.
        present: classes (k,) that have samples, ascending.
        probs: gives the probabilities (m, K) of the samples that the estimator was fitted on.
        predict: gives the labels (m,) that it predicts of them; None if it has no such method.

    Raises:
        ModelError: nothing says which class a column stands for.
    """
    labels = _in_order(encoding, present) if known is None else [encoding.find(label) for label in known]
    front = np.array([NONE if index is None else index for index in labels or []], dtype=np.int64)
    if len(front) == width and (front >= 0).all() and len(set(front.tolist())) == width:
        return front
    positions = np.array([_position(encoding, column) for column in range(width)], dtype=np.int64)
    behind = np.concatenate([front, np.full(max(width - len(front), 0), NONE)])
    first = slice(len(front))
    enough = width >= len(present)
    rules = ((positions, enough and (positions >= 0).all()), (behind, enough and 0 < len(front) < width))
    fitting = [columns for columns, fits in rules if fits]
    if not fitting or (front < 0).any():
        got = f"{width} for the labels {some(encoding.values[present].tolist())}"
        got += ", no classes_" if known is None else f", and the classes_ {some(np.asarray(known).tolist())}"
        raise ModelError(
            "predict_proba with a column for each label that fit was given",
            got,
            "an estimator with the attribute classes_, in the order of its columns",
        )
    if len(fitting) == 1 or np.array_equal(positions[first], front):
        return fitting[0]
    table = probs()
    if predict is not None:
        told = [NONE if index is None else index for index in map(encoding.find, predict())]
        agree = [float((columns[table.argmax(axis=1)] == told).mean()) for columns in fitting]
        if agree[0] != agree[1]:
            return fitting[int(np.argmax(agree))]
    return behind if table[:, len(front) :].mean(axis=0).max() < UNUSED else positions


def _in_order(encoding: Encoding, present: IntArray) -> list[int] | None:
    """The classes in the order of sorted labels, where it is that of the pool; None: columns could be in either."""
    told = encoding.values[present].tolist()
    return present.tolist() if told == sorted(told) else None


def _position(encoding: Encoding, column: int) -> int:
    """The class whose label is the position of the column, as of a network; -1: there is none."""
    found = encoding.find(column) if encoding.values.dtype.kind in "bi" else None
    return NONE if found is None else found
