"""`make fuzz`: the fuzz tests again and again with random and ever more examples, and a table of what they tried.

FUZZ_SECONDS says for how long (default 3600), FUZZ_PROCESSES how many test files run at one time (default 2). A failure
prints its input, and is kept in .hypothesis: the same test tries it first when it is run with FUZZ_TIMES=1.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock

FOLDER = Path(__file__).parent
NO_TESTS_LEFT = (0, 5)  # exit statuses of pytest without a failure
MOST = 64  # times the examples of `make test`, in one round
GRACE = 30.0  # seconds that a test which was interrupted has to say where it was


@dataclass
class Fuzz:
    """The files in turn, until the time is over; each round has twice the examples of the one before."""

    seconds: float
    started: float = field(default_factory=time.monotonic)
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    @property
    def left(self) -> float:
        return self.started + self.seconds - time.monotonic()

    def run(self, processes: int) -> None:
        """All files, round by round."""
        files = sorted(FOLDER.glob("test_*.py"))
        turns = ((path, min(2**number, MOST)) for number in count(2) for path in files)
        with ThreadPoolExecutor(processes) as pool:
            for _ in range(processes):
                pool.submit(self._work, turns)

    def _work(self, turns: object) -> None:
        while self.left > 0:
            with self.lock:
                path, times = next(turns)  # type: ignore[call-overload]
            self._test(path, times)

    def _test(self, path: Path, times: int) -> None:
        """One file in a process of its own, which a crash takes with it, and no other."""
        with tempfile.TemporaryDirectory(prefix="autoal-fuzz-") as made:
            counted, output = Path(made) / "tally.json", Path(made) / "output"
            settings = {"FUZZ_TIMES": str(times), "FUZZ_TALLY": str(counted), "MALLOC_ARENA_MAX": "2", "TMPDIR": made}
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", str(path)]
            with open(output, "wb") as out:
                process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | settings)
                stopped = self._wait(process)
            said = output.read_text(errors="replace")
            with self.lock:
                if counted.exists():
                    self.tally.update({(test, outcome): n for test, outcome, n in json.loads(counted.read_text())})
                if process.returncode not in NO_TESTS_LEFT and (not stopped or "FAILED" in said or " failed" in said):
                    self.failures.setdefault(path.name, said)
                    print(f"{path.name}: FAILED\n{said}", flush=True)
                elif not stopped:
                    print(f"{path.name}: fine with {times} times the examples, {self.left:.0f} s left", flush=True)

    def _wait(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait for the process; return True if it had to be stopped because the time was over."""
        try:
            process.wait(max(self.left, 1))
            return False
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return True

    def table(self) -> str:
        """Calls by test: how many were accepted, and how many refused in words."""
        tests = sorted({test for test, _ in self.tally})
        width = max([len(test) for test in tests], default=4)
        lines = [f"{'test':{width}}  {'calls':>9}  {'accepted':>9}  {'refused':>9}"]
        for test in tests:
            accepted, refused = (self.tally[test, outcome] for outcome in ("accepted", "refused"))
            lines.append(f"{test:{width}}  {accepted + refused:9,}  {accepted:9,}  {refused:9,}")
        total = sum(self.tally.values())
        lines.append(f"{total:,} calls in {time.monotonic() - self.started:.0f} s; failures: {len(self.failures)}")
        lines += [f"FAILED {name}: FUZZ_TIMES=1 pytest tests/fuzz/{name} tries it again" for name in self.failures]
        return "\n".join(lines)


def main() -> int:
    """Run for the time given; returns 1 if anything failed."""
    fuzz = Fuzz(float(os.environ.get("FUZZ_SECONDS", "3600")))
    fuzz.run(int(os.environ.get("FUZZ_PROCESSES", "2")))
    print(fuzz.table())
    return 1 if fuzz.failures else 0


if __name__ == "__main__":
    sys.exit(main())
