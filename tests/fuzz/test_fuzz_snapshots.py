"""Snapshots of anybody's arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from fuzzing import fuzz, only_autoal_errors
from hypothesis import given
from hypothesis import strategies as st
from rubbish import anything, arrays, frames

from autoal import Snapshot
from autoal.strategies import Badge, Margin

N, M, C = 4, 3, 3


def fine() -> dict[str, Any]:
    """Arguments that fit each other."""
    g = np.random.default_rng(0)
    return {
        "log_probs": np.log(np.full((N, C), 1 / C)),
        "embedding": g.normal(size=(N, 2)),
        "labelled_embedding": g.normal(size=(M, 2)),
        "labels": [0, 1, 2],
        "labelled_log_probs": np.log(np.full((M, C), 1 / C)),
        "stochastic_log_probs": np.log(np.full((5, N, C), 1 / C)),
        "ids": [4, 3, 2, 1],
        "labelled_ids": [7, 8, 9],
        "outside_ids": [11],
        "pending_embedding": g.normal(size=(1, 2)),
    }


FORMS = (
    *(
        lambda x: x[::-1],
        lambda x: x.astype("f4"),
        lambda x: x.astype("f2"),
        lambda x: x.astype(">f8"),
        lambda x: x.tolist(),
    ),
    *(
        lambda x: x[:, :0],
        lambda x: x[:0],
        lambda x: x[..., None],
        lambda x: x.T,
        lambda x: x + 1,
        lambda x: x * np.inf,
    ),
    *(
        lambda x: torch.tensor(x).bfloat16(),
        lambda x: torch.tensor(x, requires_grad=True),
        lambda x: x.astype("f4") * 3e38,
    ),
    *(
        lambda x: np.asfortranarray(x),
        lambda x: x * 0,
        lambda x: x.astype(object),
        lambda x: np.where(x == x[0, 0], np.nan, x),
    ),
)


@given(data=st.data(), names=st.lists(st.sampled_from(sorted(fine())), min_size=1, max_size=3, unique=True))
@fuzz(50)
def test_arrays_of_anything(data: Any, names: list[str]) -> None:
    given_arguments = fine()
    for name in names:
        value = given_arguments[name]
        odd = anything() | arrays(N) | frames(N)
        if isinstance(value, np.ndarray) and data.draw(st.booleans()):
            with np.errstate(all="ignore"):
                given_arguments[name] = data.draw(st.sampled_from(FORMS))(value)
        else:
            given_arguments[name] = data.draw(odd)
    about = {name: given_arguments[name] for name in names}
    found = only_autoal_errors(lambda: Snapshot.from_arrays(**given_arguments), about)
    if not found.refused:
        snapshot = found.value
        assert len(snapshot.ids) == len(snapshot) == len(snapshot.embedding)
        assert bool(torch.isfinite(snapshot.embedding).all())
        for strategy in (Margin(), Badge()):
            rows = only_autoal_errors(lambda s=strategy: s.select(snapshot, 2, np.random.default_rng(0)), about)
            assert rows.refused or len(set(rows.value.tolist())) == min(2, len(snapshot))
