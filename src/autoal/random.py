"""One tree of seeds: every random decision has a name, and the name decides its stream."""

from __future__ import annotations

import copy
import random
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from autoal.errors import InputError

_GLOBAL = threading.RLock()  # there is one global generator for all threads


@dataclass(frozen=True)
class SeedTree:
    """A node of the tree: `SeedTree(0).child("query", 40).generator()` is the same stream in every process.

    Children are found by name rather than by order of creation, so asking for one more stream never shifts another.
    """

    seed: int
    path: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise InputError("a seed that is zero or a positive integer", f"seed={self.seed!r}", "seed=0")

    def child(self, *names: str | int) -> SeedTree:
        """The node below this one that `names` lead to."""
        return SeedTree(self.seed, self.path + tuple(_key(name) for name in names))

    def generator(self) -> np.random.Generator:
        """A fresh generator at the start of this node's stream."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=self.path))


def _key(name: str | int) -> int:
    kind = "str" if isinstance(name, str) else "int"  # 5 is 5, also if numpy counted it
    return zlib.crc32(f"{kind}:{name}".encode())


def torch_generator(rng: np.random.Generator) -> torch.Generator:
    """A torch generator on the CPU, seeded with the next draw of `rng`."""
    return torch.Generator().manual_seed(int(rng.integers(2**63)))


@contextmanager
def torch_seed(rng: np.random.Generator) -> Iterator[None]:
    """Seed torch's global generator with the next draw of `rng`, and put its state back afterwards.

    Modules initialise and drop out from the global generator and take no other. Only this and `seeded` touch it,
    for one thread at a time: learners in several threads choose what each would alone, and train one after another.
    """
    with _GLOBAL, torch.random.fork_rng(enabled=True):
        torch.manual_seed(int(rng.integers(2**63)))
        yield


@contextmanager
def seeded(rng: np.random.Generator) -> Iterator[None]:
    """Seed the global generators of NumPy, PyTorch and Python from `rng`, and put their states back afterwards.

    For estimators that draw from them and take no seed. Nothing is drawn from `rng` itself.
    """
    seed = int(copy.deepcopy(rng).integers(2**32))
    with _GLOBAL, torch.random.fork_rng(enabled=True):
        before = np.random.get_state(), random.getstate()  # noqa: NPY002
        np.random.seed(seed)  # noqa: NPY002
        torch.manual_seed(seed)
        random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(before[0])  # noqa: NPY002
            random.setstate(before[1])
