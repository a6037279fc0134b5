"""The peak of a process's own memory while something runs."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from autoal.bench.memory import STATUS, PeakMemory

__all__ = ["STATUS", "Memory", "peak_memory"]

# glibc's options; and sizes: blocks of at least SMALL bytes come from the system and go back to it at once
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, SMALL = -1, -3, 2**16
# what glibc's own sizes grow to once a block of 32 MiB has been freed
LARGE, TRIM = 2**25, 2**26
IS_MMAPPED = 2  # a bit of the size that glibc writes in front of a block


@dataclass
class Memory:
    """Anonymous memory in MiB above what was there before; pages of mapped files do not count."""

    mebibytes: float = 0.0


@contextmanager
def peak_memory(interval: float = 0.005) -> Iterator[Memory]:
    """Measure the peak of this process's memory; 0 where the system does not tell (other than Linux).

    Linux counts the peak itself, so that a busy machine hides nothing. Where the kernel does not let the peak be set
    back, a thread looks every `interval` seconds; what comes and goes meanwhile is not seen.
    """
    gc.collect()  # memory that is freed during the measurement would hide as much that is taken
    with _no_holes():
        memory, peak = Memory(), PeakMemory()
        before = peak.read()
        try:
            with _watched(peak, interval):
                yield memory
        finally:
            memory.mebibytes = max(0.0, peak.read() - before)


@contextmanager
def _watched(peak: PeakMemory, interval: float) -> Iterator[None]:
    """Read the peak in a thread, unless the kernel counts it."""
    if peak.exact:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(interval):
            peak.read()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def _no_holes() -> Iterator[None]:
    """Let glibc use no free memory of its heap, and keep none; other C libraries keep little.

    A block that fills a hole takes memory that may be resident already; a hole that a block leaves behind stays
    resident. Neither is memory that the measured code takes.
    """
    libc = _glibc()
    if libc is None:
        yield
        return
    libc.mallopt(M_MMAP_THRESHOLD, SMALL)
    libc.malloc_trim(0)
    fillers = _filled(libc)
    try:
        yield
    finally:
        for block in fillers:
            libc.free(block)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)
        libc.mallopt(M_TRIM_THRESHOLD, TRIM)


def _filled(libc: ctypes.CDLL) -> list[int]:
    """Take every hole of at least `SMALL` bytes, largest first, and write to none: its pages stay with the system."""
    blocks, size = list[int](), 2**30
    while size >= SMALL:
        block = libc.malloc(size)
        if block and not ctypes.c_size_t.from_address(block - ctypes.sizeof(ctypes.c_size_t)).value & IS_MMAPPED:
            blocks.append(block)
            continue
        libc.free(block)  # there is no hole of this size
        size = size * 7 // 8
    return blocks


@cache
def _glibc() -> ctypes.CDLL | None:
    """Return the C library if it is glibc, the only one that keeps much free memory."""
    libc = ctypes.CDLL(None) if STATUS.exists() else None
    if libc is None or not hasattr(libc, "gnu_get_libc_version"):
        return None
    libc.malloc.argtypes, libc.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    libc.free.argtypes, libc.free.restype = [ctypes.c_void_p], None
    return libc
