from __future__ import annotations

import numpy as np
import torch
from torch import nn

from autoal.models.dropout import masked_head

Z = torch.randn(9, 6, generator=torch.Generator().manual_seed(0))
LAYER = nn.Linear(6, 3, bias=False)


def test_without_dropout_every_pass_is_the_layer_itself() -> None:
    passes = masked_head(LAYER, 4, 0.0, np.random.default_rng(0))(Z)
    assert passes.shape == (4, 9, 3)
    assert torch.allclose(passes, torch.log_softmax(LAYER(Z), dim=1).expand(4, 9, 3), atol=1e-6)
    assert not passes.requires_grad


def test_a_pass_is_the_same_function_for_every_chunk() -> None:
    head = masked_head(LAYER, 4, 0.5, np.random.default_rng(0))
    assert torch.allclose(head(Z), torch.cat([head(Z[:5]), head(Z[5:])], dim=1), atol=1e-6)
    assert torch.equal(head(Z), masked_head(LAYER, 4, 0.5, np.random.default_rng(0))(Z))


def test_the_weights_are_right_on_average() -> None:
    """With one class against an opposite one, log-odds are linear in the weights."""
    odds = masked_head(LAYER, 20_000, 0.3, np.random.default_rng(0))(Z)
    mean = (odds[:, :, 0] - odds[:, :, 1]).mean(dim=0)
    logits = LAYER(Z).detach()
    assert torch.allclose(mean, logits[:, 0] - logits[:, 1], atol=0.05)
