"""The strategy of a run: as its user gives it, as a file keeps it, and as it is made again of the file."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from autoal.adaptive import Adaptive
from autoal.errors import AutoALError, InputError, StateError
from autoal.fingerprint import change, fingerprint
from autoal.journal import Journal
from autoal.numeric import is_whole
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


def restored(journal: Journal, pool: Pool, strategy: Strategy | str | None) -> tuple[Strategy | str, int]:
    """The strategy and the seed of a saved run, once the pool is known to be that of the run.

    Args:
        journal: the run.
        pool: what it is loaded with.
        strategy: takes the place of the one that was saved; None: none does.

    Raises:
        StateError: the pool is another one, or the strategy cannot be made again.
    """
    if not isinstance(pool, Pool):
        raise InputError("the pool of the run", f"a {type(pool).__name__}", "the autoal.Pool that it was saved with")
    if different := _change(journal.about("pool"), fingerprint(pool)):
        hint = "the same samples, ids and classes; of files, the same paths (an empty file for one that is gone)"
        raise StateError("the pool that the run was saved with", different, hint)
    journal.require_of(pool.ids, len(pool.classes))
    seed = journal.about("seed")
    if not is_whole(seed, least=0):
        raise StateError("the seed of a run", repr(seed), "a copy of the file from before")
    return _strategy(journal.about("strategy")) if strategy is None else strategy, seed


def _change(then: Any, now: dict[str, Any]) -> str:
    try:
        return change(then, now)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        got = f"{type(error).__name__}: {error}"
        raise StateError("a run that says of which pool it is", got, "a copy of the file from before") from error


def _strategy(config: Any) -> Strategy:
    expected, hint = "a strategy that can be restored", "load(..., strategy=...)"
    if config is None:
        raise StateError(expected, "one of another package", hint)
    try:
        return from_config(config)
    except Exception as error:  # settings of another version, a package that is missing, what a foreign one raises
        got = (
            str(error) if isinstance(error, TypeError | AutoALError) else f"{config!r}: {type(error).__name__}: {error}"
        )
        raise StateError(expected, got, hint) from error


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
