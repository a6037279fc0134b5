"""Candidates that no query may be sunk by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoal import Snapshot, Strategy


@dataclass(frozen=True)
class Broken(Strategy):
    """Raises whatever it is asked."""

    name = "broken"
    reference = "tests"
    needs = frozenset()

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        raise RuntimeError("no idea")


@dataclass(frozen=True)
class Garbage(Strategy):
    """Returns rows that do not exist, and one that does, again and again."""

    name = "garbage"
    reference = "tests"
    needs = frozenset()

    def select(self, snapshot: Snapshot, n: int, rng: np.random.Generator) -> Tensor:
        return torch.tensor([[-7, 0, 10**6, 0]])


@dataclass(frozen=True)
class OneClass(Strategy):
    """Takes what is most probably of the first class."""

    name = "one_class"
    reference = "tests"

    def scores(self, snapshot: Snapshot, rng: np.random.Generator) -> Tensor:
        """Its log-probability."""
        return snapshot.log_probs[:, 0]
