"""ALFA-Mix: the head, and who flips, against autograd and every anchor in turn."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from autoal import Snapshot
from autoal.strategies import AlfaMix
from autoal.strategies.alfa_mix import class_means, flips
from autoal.strategies.head import linear_head


def linear_snapshot(seed: int, n: int = 60, n_classes: int = 3, n_features: int = 5) -> tuple[Snapshot, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    h, z = (torch.randn(k, n_features, generator=g, dtype=torch.float64) for k in (n, 12))
    W, b = torch.randn(n_classes, n_features, generator=g).double(), torch.randn(n_classes, generator=g).double()
    labels = torch.randint(n_classes, (12,), generator=g)
    return Snapshot.from_arrays(torch.log_softmax(h @ W.T + b, dim=1), h, z, labels), W


def test_the_head_of_a_linear_model_is_found(rng: np.random.Generator) -> None:
    snapshot, W = linear_snapshot(0)
    assert torch.allclose(linear_head(snapshot, rng), W - W.mean(dim=0), atol=1e-4)


@given(st.integers(0, 10_000), st.floats(0.01, 0.5))
def test_flips_as_every_anchor_in_turn_with_autograd_says(seed: int, eps: float) -> None:
    snapshot, W = linear_snapshot(seed, n=20)
    anchors = class_means(snapshot.labelled_embedding, snapshot.labels)
    fast = flips(snapshot.embedding, snapshot.log_probs, W, anchors, eps)
    for i, h in enumerate(snapshot.embedding):
        h = h.clone().requires_grad_()
        bias = snapshot.log_probs[i] - W @ h.detach()
        y = int(snapshot.log_probs[i].argmax())
        loss = torch.nn.functional.cross_entropy((W @ h + bias)[None], torch.tensor([y]))
        (gradient,) = torch.autograd.grad(loss, h)
        moved = [h + eps * (a - h).norm() * gradient / gradient.norm() for a in anchors]
        assert bool(fast[i]) == any(int((W @ z + bias).argmax()) != y for z in moved)


def test_unstable_rows_come_first_and_without_labels_any_row(rng: np.random.Generator) -> None:
    snapshot, _ = linear_snapshot(1, n=200)
    flip = AlfaMix(eps=0.05).flipping(snapshot, rng)
    assert 3 < int(flip.sum()) < 150
    assert flip[AlfaMix(eps=0.05).select(snapshot, 3, rng)].all()
    unlabelled = Snapshot.from_arrays(snapshot.log_probs, snapshot.embedding)
    assert len(set(AlfaMix().select(unlabelled, 9, rng).tolist())) == 9
