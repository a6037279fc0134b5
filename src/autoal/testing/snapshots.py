"""Snapshots to try strategies on: smooth ones without ties, and odd ones with all that goes wrong in practice."""

from __future__ import annotations

from dataclasses import replace

import torch
from hypothesis import strategies as st
from torch import Tensor

from autoal.snapshot import Snapshot

N_PASSES = 7


def random_snapshot(
    seed: int,
    n: int = 40,
    m: int = 12,
    n_classes: int = 3,
    n_features: int = 4,
    dtype: torch.dtype = torch.float64,
) -> Snapshot:
    """Predictions of a random linear head on normal features, which its stochastic passes leave parts of out.

    Ids are not the rows. Numbers are those of float32 in any `dtype`.
    """
    g = torch.Generator().manual_seed(seed)
    h, z = (torch.randn(k, n_features, generator=g) for k in (n, m))
    W = 2 * torch.randn(N_PASSES, n_features, n_classes, generator=g)
    passes = torch.log_softmax(h @ W, dim=2)
    return Snapshot.from_arrays(
        log_probs=torch.log_softmax(h @ W.mean(dim=0), dim=1).to(dtype),
        embedding=h.to(dtype),
        labelled_embedding=z.to(dtype),
        labels=torch.randint(n_classes, (m,), generator=g),
        labelled_log_probs=torch.log_softmax(z @ W.mean(dim=0), dim=1).to(dtype),
        stochastic_log_probs=passes.to(dtype),
        ids=torch.arange(n) * 3 + 100,
    )


def smooth_snapshots() -> st.SearchStrategy[Snapshot]:
    """Random snapshots in which no two rows are alike."""
    return st.builds(
        random_snapshot,
        st.integers(0, 2**31),
        n=st.integers(8, 60),
        m=st.integers(2, 20),
        n_classes=st.integers(2, 5),
        n_features=st.integers(2, 6),
    )


@st.composite
def odd_snapshots(draw: st.DrawFn) -> Snapshot:
    """Pools of 1, 2 and more rows; no label, one labelled class, one class; duplicates, zeros, certainty, doubles."""
    snapshot = random_snapshot(
        draw(st.integers(0, 2**31)),
        n=draw(st.sampled_from([1, 2, 3, 30])),
        m=draw(st.sampled_from([0, 1, 9])),
        n_classes=draw(st.sampled_from([1, 2, 4])),
        n_features=draw(st.sampled_from([1, 5])),
        dtype=draw(st.sampled_from([torch.float32, torch.float64])),
    )
    for spoil in draw(st.sets(st.sampled_from(ODDITIES), max_size=2)):
        snapshot = spoil(snapshot)
    return snapshot


def moved(snapshot: Snapshot, dtype: torch.dtype) -> Snapshot:
    """The same numbers in another precision."""
    passes = snapshot.passes
    return replace(
        snapshot,
        log_probs=snapshot.log_probs.to(dtype),
        embedding=snapshot.embedding.to(dtype),
        labelled_embedding=snapshot.labelled_embedding.to(dtype),
        labelled_log_probs=snapshot.labelled_log_probs.to(dtype),
        passes=None if passes is None else lambda rows: passes(rows).to(dtype),
    )


def jitter(snapshot: Snapshot, size: float, seed: int) -> Snapshot:
    """The same snapshot with every logit and feature changed by about `size` of itself."""
    g = torch.Generator().manual_seed(seed)

    def changed(x: Tensor) -> Tensor:
        return x * (1 + size * torch.randn(x.shape, generator=g, dtype=x.dtype))

    return replace(
        snapshot,
        log_probs=changed(snapshot.log_probs).log_softmax(dim=1),
        embedding=changed(snapshot.embedding),
        labelled_embedding=changed(snapshot.labelled_embedding),
        labelled_log_probs=changed(snapshot.labelled_log_probs).log_softmax(dim=1),
    )


def _duplicated(snapshot: Snapshot) -> Snapshot:
    """Every row looks like one of the first two."""
    rows = torch.arange(len(snapshot)) % min(2, len(snapshot))
    return replace(snapshot.subset(rows), ids=snapshot.ids)


def _zero_features(snapshot: Snapshot) -> Snapshot:
    return replace(
        snapshot,
        embedding=torch.zeros_like(snapshot.embedding),
        labelled_embedding=torch.zeros_like(snapshot.labelled_embedding),
    )


def _certain(snapshot: Snapshot) -> Snapshot:
    """p is 0 or 1 in every second row."""
    certain = torch.full_like(snapshot.log_probs, -torch.inf)
    certain[:, 0] = 0
    return replace(snapshot, log_probs=torch.where(_even(snapshot.log_probs), certain, snapshot.log_probs))


def _one_labelled_class(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, labels=torch.zeros_like(snapshot.labels))


def _large_features(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, embedding=snapshot.embedding * 1e4, labelled_embedding=snapshot.labelled_embedding * 1e4)


def _even(rows: Tensor) -> Tensor:
    return (torch.arange(len(rows)) % 2 == 0)[:, None]


ODDITIES = (_duplicated, _zero_features, _certain, _one_labelled_class, _large_features)
