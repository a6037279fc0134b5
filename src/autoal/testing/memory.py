"""The peak of a process's own memory while something runs."""

from __future__ import annotations

import ctypes
import gc
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STATUS = Path("/proc/self/status")


@dataclass
class Memory:
    """Anonymous resident memory in MiB above what was there before; pages of mapped files do not count."""

    mebibytes: float = 0.0


@contextmanager
def peak_memory(interval: float = 0.005) -> Iterator[Memory]:
    """Watch this process, every `interval` seconds; 0 where the system does not tell (other than Linux).

    What comes and goes within an interval, or a few on a busy machine, is not seen.
    """
    gc.collect()  # what is freed while this watches would hide as much that is taken
    _give_back()  # and so would what the allocator has kept
    memory, before, done = Memory(), _anonymous(), threading.Event()

    def look() -> None:
        if _anonymous() - before > memory.mebibytes:
            _give_back()  # a block that grows leaves hole after hole behind, which is no memory that it takes
            memory.mebibytes = max(memory.mebibytes, _anonymous() - before)

    def watch() -> None:
        while not done.wait(interval):
            look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        done.set()
        thread.join()
        look()


def _give_back() -> None:
    """Let the C library return free memory to the system; only glibc keeps much of it, and only glibc has the call."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if STATUS.exists() else None
    if trim is not None:
        trim(0)


def _anonymous() -> float:
    """Anonymous resident memory of this process in MiB."""
    found = re.search(r"RssAnon:\s+(\d+) kB", STATUS.read_text()) if STATUS.exists() else None
    return int(found[1]) / 1024 if found else 0.0
