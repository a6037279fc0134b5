"""The peak of this process's own memory, begun anew for each stretch of work."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class PeakMemory:
    """From its making on; a process that works on one cell after another makes one for each round.

    Linux's own peak of resident pages, less those of files, where the kernel lets it be set back; else the highest that
    `read` has seen. Memory that the allocator keeps for later use counts. 0 on other systems.

    Attributes:
        exact: whether the kernel counts the peak.
    """

    def __init__(self) -> None:
        self.exact, self._seen, self._files = _reset(), 0.0, 0
        self.read()

    def read(self) -> float:
        """MiB of anonymous memory at the peak so far."""
        status = _status()
        self._files = max(self._files, status.get("RssFile", 0))  # other processes may push pages of files out
        peak = status.get("VmHWM", 0) - self._files if self.exact else 0
        self._seen = max(self._seen, peak / 1024, status.get("RssAnon", 0) / 1024)
        return self._seen


def _status() -> dict[str, int]:
    """The sizes in KiB that the kernel reports of this process."""
    if not STATUS.exists():
        return {}
    fields = (line.split() for line in STATUS.read_text().splitlines() if line.endswith(" kB"))
    return {name.rstrip(":"): int(size) for name, size, _ in fields}


def _reset() -> bool:
    """Let the peak begin anew; whether the system allows it."""
    with suppress(OSError):
        CLEAR.write_text("5")
        return True
    return False
