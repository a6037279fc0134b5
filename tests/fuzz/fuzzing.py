"""The rule of every fuzz test: a call returns, or raises an `AutoALError` with words; anything else is a failure."""

from __future__ import annotations

import atexit
import json
import os
import pickle
import reprlib
import resource
import signal
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from autoal.errors import AutoALError, AutoALWarning

TIMES = int(os.environ.get("FUZZ_TIMES", "0"))  # `make fuzz`: so many times the examples of `make test`, at random
SPARE = 2 << 30  # bytes of addresses that one call may ask for; arrays of a few bytes of input need far less
CPU_SECONDS = 120.0  # of one call, in `make fuzz`: more counts as a hang
LONGEST = 6000  # characters of an error that somebody still reads
DOZENS = 12  # warnings of one call that somebody still reads
FOREIGN = ("invalid value encountered in matmul",)  # BLAS flags it where all numbers are finite (numpy issue 24067)

tally: Counter[tuple[str, str]] = Counter()  # by test and outcome, for the table of `make fuzz`


@atexit.register
def _write_tally() -> None:
    if path := os.environ.get("FUZZ_TALLY"):
        Path(path).write_text(json.dumps([[*key, count] for key, count in tally.items()]))


@dataclass(frozen=True)
class Outcome:
    """Result of a call: its value, or the error that refused it."""

    value: Any = None
    error: AutoALError | None = None

    @property
    def refused(self) -> bool:
        return self.error is not None


def fuzz(examples: int) -> settings:
    """Settings of a test: so many repeatable examples in `make test`, more and random ones in `make fuzz`."""
    return settings(
        max_examples=examples * max(TIMES, 1),
        derandomize=not TIMES,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def only_autoal_errors(call: Callable[[], Any], about: Any = "") -> Outcome:
    """The outcome of a call that may refuse its input, but only with an `AutoALError`, and warn only with ours.

    Args:
        call: takes no argument.
        about: the input, for the message of a failure.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with _bounded(), _watched():
                outcome = Outcome(value=call())
        except AutoALError as error:
            _require_words(error)
            outcome = Outcome(error=error)
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error} for {shown(about)}") from error
    _require_ours(caught, about)
    tally[_test(), "refused" if outcome.refused else "accepted"] += 1
    return outcome


def shown(value: Any) -> str:
    """A value for a message, not too long."""
    brief = reprlib.Repr()
    brief.maxstring = brief.maxother = 600
    return brief.repr(value)


def _require_words(error: AutoALError) -> None:
    said = [getattr(error, part, None) for part in ("expected", "got", "hint")]
    assert all(isinstance(part, str) for part in said), f"an error whose parts are no text: {said!r}"
    assert all(part.strip() for part in said), f"an error without words: {said!r}"
    assert len(str(error)) <= LONGEST, f"an error of {len(str(error))} characters: {str(error)[:400]}"
    str(error).encode()  # it can be printed and stored
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def _require_ours(caught: list[warnings.WarningMessage], about: Any) -> None:
    strange = [
        w for w in caught if not issubclass(w.category, AutoALWarning) and not str(w.message).startswith(FOREIGN)
    ]
    if strange:
        text = f"{strange[0].category.__name__}: {strange[0].message}, at {strange[0].filename}:{strange[0].lineno}"
        raise AssertionError(f"a warning that is not ours, {text}, for {shown(about)}")
    assert len(caught) <= DOZENS, f"{len(caught)} warnings, such as {caught[0].message}, for {shown(about)}"


@contextmanager
def _bounded() -> Iterator[None]:
    """A call that wants far more memory than its input is worth gets a `MemoryError`, which is a failure."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + SPARE, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def _watched() -> Iterator[None]:
    """In `make fuzz`, a call that takes too much CPU time is interrupted, and counts as a failure."""
    if not TIMES:
        yield
        return
    before = signal.signal(signal.SIGPROF, _interrupt)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _interrupt(*_: object) -> None:
    raise TimeoutError(f"more than {CPU_SECONDS:g} s of CPU time in one call")


def _test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].rpartition("/")[2]
