"""Pools of anything, and what may be asked of a pool with any arguments."""

from __future__ import annotations

from typing import Any

import datasets
import numpy as np
import torch
from fuzzing import fuzz, only_autoal_errors
from hypothesis import given
from hypothesis import strategies as st
from rubbish import anything, arrays, classes, frames, ids, labels, mostly, samples

from autoal import OUTSIDE, Pool
from autoal.fingerprint import fingerprint

N = 5


def _look(pool: Pool, about: Any) -> None:
    """Whatever was accepted is whole, and can be used."""
    assert len(pool) == len(pool.ids) == len(pool.labels) > 0
    assert len(set(pool.ids.tolist())) == len(pool)
    assert len(pool.classes) >= 2
    assert bool(((pool.labels < len(pool.classes)) & (pool.labels >= OUTSIDE)).all())
    repr(pool)
    only_autoal_errors(lambda: fingerprint(pool), about)
    taken = only_autoal_errors(lambda: pool.subset(pool.ids).take(np.arange(len(pool))), about)
    assert taken.refused or len(taken.value) == len(pool)
    damage = only_autoal_errors(pool.damaged, about)
    assert damage.refused or set(damage.value.tolist()) <= set(pool.ids.tolist())


@given(X=samples(N), y=st.none() | labels(N), ids=mostly(st.none(), ids(N)), classes=mostly(st.none(), classes()))
@fuzz(20)
def test_pools_of_anything(X: Any, y: Any, ids: Any, classes: Any) -> None:
    found = only_autoal_errors(lambda: Pool(X, y, ids, classes), (X, y, ids, classes))
    if not found.refused:
        _look(found.value, (X, y, ids, classes))


@given(X=samples(N))
@fuzz(20)
def test_samples_of_anything(X: Any) -> None:
    found = only_autoal_errors(lambda: Pool(X, classes=2), X)
    if not found.refused:
        _look(found.value, X)


@given(y=labels(N), classes=mostly(st.none(), classes()))
@fuzz(20)
def test_labels_of_anything(y: Any, classes: Any) -> None:
    found = only_autoal_errors(lambda: Pool(np.ones((N, 2)), y, classes=classes), (y, classes))
    if not found.refused:
        _look(found.value, (y, classes))


def _pool() -> Pool:
    return Pool(np.arange(10.0).reshape(5, 2), ["cat", None, "dog", "cat", None], [3, 1, 4, 15, 9], ["cat", "dog"])


@given(given_ids=ids(3))
@fuzz(13)
def test_rows_of_any_ids(given_ids: Any) -> None:
    pool = _pool()
    found = only_autoal_errors(lambda: pool.rows(given_ids), given_ids)
    if not found.refused:
        assert set(pool.ids[found.value].tolist()) <= {3, 1, 4, 15, 9}
    assert only_autoal_errors(lambda: pool.subset(given_ids), given_ids).refused == found.refused or not isinstance(
        given_ids, list
    )


@given(given_labels=labels(3))
@fuzz(13)
def test_codes_of_any_labels(given_labels: Any) -> None:
    found = only_autoal_errors(lambda: _pool().encode(given_labels), given_labels)
    assert found.refused or set(found.value.tolist()) <= {0, 1, OUTSIDE}


ONES = torch.ones(N, 2)
VECTORS = st.sampled_from([ONES, torch.eye(N).double(), ONES.half(), ONES * torch.inf])


@given(vectors=mostly(VECTORS, arrays(N) | anything()), chunk=mostly(st.sampled_from([5, 7]), anything()))
@fuzz(13)
def test_encoders_that_return_anything(vectors: Any, chunk: Any) -> None:
    pool = _pool()
    found = only_autoal_errors(lambda: pool.encoded(lambda x: vectors, chunk), (vectors, chunk))
    assert pool.labels.tolist() == _pool().labels.tolist()
    if not found.refused:
        _look(found.value, vectors)


VALUES = {
    "list": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
    "ragged": [[1.0], [3.0, 4.0], []],
    "nested": [[[1, 2], [3, 4]]] * 3,
    "text": ["a", "b", "c"],
    "number": [1.5, 2.5, 3.5],
    "gaps": [None, [1.0], None],
    "label": [0, 1, -1],
    "names": ["cat", None, "dog"],
    "yes": [True, False, None],
    "id": [5, 6, 7],
    "twice": [5, 5, 7],
}
FORMATS = st.sampled_from([None, "numpy", "torch", "pandas", "arrow", "polars"])
columns = st.sampled_from([*VALUES, "none"])


@given(
    kind=FORMATS,
    features=mostly(st.sampled_from(["list", "nested"]), columns),
    label=mostly(st.sampled_from(["label", "names"]), columns),
    id=mostly(st.none() | st.just("id"), columns),
    size=mostly(st.none() | st.just(8), anything()),
    classes=mostly(st.none(), classes()),
    features_type=st.booleans(),
)
@fuzz(13)
def test_hugging_face(
    kind: Any, features: str, label: str, id: Any, size: Any, classes: Any, features_type: bool
) -> None:
    data = datasets.Dataset.from_dict(VALUES)
    if features_type:
        data = data.cast_column("label", datasets.ClassLabel(names=["cat", "dog"]))
    data = data.with_format(kind)
    given_arguments = (kind, features, label, id, size, classes)
    found = only_autoal_errors(lambda: Pool.from_hf(data, features, label, size, id, classes), given_arguments)
    if not found.refused:
        _look(found.value, given_arguments)
        formatless = data.with_format(None)
        plain = only_autoal_errors(lambda: Pool.from_hf(formatless, features, label, size, id, classes))
        assert found.value.labels.tolist() == plain.value.labels.tolist()


@given(data=frames(3) | anything(), arguments=st.tuples(anything(), anything()))
@fuzz(6)
def test_hugging_face_of_anything(data: Any, arguments: Any) -> None:
    only_autoal_errors(lambda: Pool.from_hf(data, *arguments), (data, arguments))
