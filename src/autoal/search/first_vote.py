"""How far each candidate is trusted before any label is known."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def favouring(names: Sequence[str], favourite: str | None, favour: float) -> Tensor:
    """A vote (K,) of which the favourite has the part `favour`, and the others share the rest evenly.

    It is uniform without the favourite, and where that would have less than an equal part.
    """
    is_favourite = torch.tensor([name == favourite for name in names])
    k, K = int(is_favourite.sum()), len(names)
    if not 0 < k < favour * K:
        return torch.full((K,), 1 / K)
    return torch.where(is_favourite, favour / k, (1 - favour) / max(K - k, 1))
