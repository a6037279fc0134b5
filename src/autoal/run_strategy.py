"""The strategy of a run: as its user gives it, as a file keeps it, and as it is made again of the file."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from autoal.adaptive import Adaptive
from autoal.errors import AutoALError, InputError, StateError
from autoal.fingerprint import change, fingerprint
from autoal.journal import Journal
from autoal.pool import Pool
from autoal.search import AutoAL
from autoal.snapshot import Snapshot
from autoal.strategies import Strategy, from_config, get, to_config


def as_strategy(strategy: Strategy | str | None) -> Strategy:
    """The strategy itself, or the one of that name; default: `AutoAL()`.

    Raises:
        InputError: it is neither.
    """
    if strategy is None:
        return AutoAL()
    if isinstance(strategy, str):
        return get(strategy)()
    if not isinstance(strategy, Strategy):
        raise InputError("a strategy or its name", f"a {type(strategy).__name__}", "autoal.AutoAL()")
    return strategy


def restored(journal: Journal, pool: Pool, strategy: Strategy | str | None) -> Strategy | str:
    """The strategy of a saved run, or the one that takes its place, once the pool is known to be that of the run.

    Raises:
        StateError: the pool is another one, or the strategy cannot be made again.
    """
    if different := change(journal.about("pool"), fingerprint(pool)):
        hint = "the same samples, ids and classes; of files, the same paths (an empty file for one that is gone)"
        raise StateError("the pool that the run was saved with", different, hint)
    if strategy is not None:
        return strategy
    config = journal.about("strategy")
    if config is None:
        raise StateError("a strategy that can be restored", "one of another package", "load(..., strategy=...)")
    try:
        return from_config(config)
    except (TypeError, InputError) as error:  # settings of another version, or a package that is missing
        raise StateError("a strategy that can be restored", str(error), "load(..., strategy=...)") from error


def description(strategy: Strategy) -> Any:
    """The strategy as plain data, or None for one that its user must bring again."""
    try:
        return to_config(strategy)
    except InputError:
        return None


def remembered(
    strategy: Adaptive, memory: Any, snapshot: Snapshot, n: int, rng: np.random.Generator
) -> tuple[Tensor, Any]:
    """Rows (n,) that the strategy selects, and its new memory.

    Raises:
        StateError: the memory is not one that the strategy can have written.
    """
    try:
        return strategy.remember(memory, snapshot, n, rng)
    except AutoALError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RuntimeError) as error:
        if memory is None:
            raise
        got = f"{type(error).__name__}: {error}"
        raise StateError(f"a memory of {strategy.name}", got, "learner.memory = None, to begin anew") from error
