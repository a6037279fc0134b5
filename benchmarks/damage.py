"""Kills processes that write files, flips bits of these and cuts them off: nothing may be lost or wrong in silence.

What is attacked is a `Target`: something that a process writes, saying what it is about to write and what it has
written, and that can be read and compared with what was said.

Run: python benchmarks/damage.py [--kills 300] [--flips 4096] [--cuts 200]
"""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
import torch
import tyro

from autoal import AutoALError
from results_target import BenchResults
from run_target import SavedRun

# Lines that a process said, in order. After `saved` there is something to be read; after `sealed`, in a format in which
# every damage must be noticed.
Said = list[str]
BESIDE = ("", "-journal", "-wal", "-shm")  # the file, and what SQLite has beside it


class Target(Protocol):
    """Files that a process writes."""

    name: str

    def write(self, path: Path, kind: int, say: Callable[[str], None]) -> None:
        """Write on and on, `kind` by turns choosing what; say each thing before it is written, and after."""
        ...

    def read(self, path: Path) -> Any:
        """All that can be read, as plain values; an `AutoALError` if it cannot be."""
        ...

    def wrong(self, content: Any, said: Said) -> str:
        """Name the answers that the content lacks or has too many of; empty if all is well."""
        ...


@dataclass(frozen=True)
class Sample:
    """Files as they were at one moment, and what had been said by then."""

    files: dict[str, bytes]
    said: Said

    @classmethod
    def of(cls, path: Path, said: Iterable[str]) -> Sample:
        """The file at a path and those beside it."""
        found = {suffix: path.with_name(path.name + suffix) for suffix in BESIDE}
        return cls({suffix: file.read_bytes() for suffix, file in found.items() if file.exists()}, list(said))

    def put(self, path: Path) -> None:
        """Write the files, and nothing beside them."""
        for suffix in BESIDE:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        for suffix, content in self.files.items():
            path.with_name(path.name + suffix).write_bytes(content)


def kills(
    target: Target, n: int, folder: Path, seed: int = 0, longest: float = 0.4
) -> tuple[Counter[str], list[Sample]]:
    """Kill a writing process n times at random moments; the outcomes, and the files as they were left.

    The file of one kill is written on by the next, until it is one that was begun anew.
    """
    rng, outcomes, samples, said = np.random.default_rng(seed), Counter[str](), list[Sample](), Said()
    path = folder / "first"
    for k in range(n):
        if k % 10 == 0:
            path, said = folder / f"{k} files" / "run", []
            path.parent.mkdir()
        said += _killed(target, path, k, float(rng.uniform(0, longest)))
        samples.append(Sample.of(path, said))
        outcomes[_outcome(target, path, said, whole=True)] += 1
    return outcomes, samples


def flips(target: Target, samples: list[Sample], n: int, folder: Path, seed: int = 0) -> Counter[str]:
    """Flip one bit of one of the files, n times."""

    def flip(content: bytes, rng: np.random.Generator) -> bytes:
        damaged, bit = bytearray(content), int(rng.integers(8 * len(content)))
        damaged[bit // 8] ^= 1 << (bit % 8)
        return bytes(damaged)

    return _damaged(target, samples, n, folder, seed, flip)


def cuts(target: Target, samples: list[Sample], n: int, folder: Path, seed: int = 0) -> Counter[str]:
    """Cut one of the files off at a random place, n times."""
    return _damaged(target, samples, n, folder, seed, lambda content, rng: content[: rng.integers(len(content))])


def _damaged(
    target: Target,
    samples: list[Sample],
    n: int,
    folder: Path,
    seed: int,
    damage: Callable[[bytes, np.random.Generator], bytes],
) -> Counter[str]:
    rng, outcomes, path = np.random.default_rng(seed), Counter[str](), folder / "damaged"
    samples = [sample for sample in samples if "sealed" in sample.said]
    for k in range(n):
        sample = samples[k % len(samples)]
        names = [name for name, content in sample.files.items() if content]
        name = names[int(rng.integers(len(names)))]
        Sample({**sample.files, name: damage(sample.files[name], rng)}, []).put(path)
        outcomes[_outcome(target, path, sample.said)] += 1
    return outcomes


def _outcome(target: Target, path: Path, said: Said, *, whole: bool = False) -> str:
    """Classify a reading as `right`, `refused` (of damaged files), `nothing saved yet`, `WRONG: …` or `RAW: …`."""
    try:
        if ended := [line for line in said if line.startswith("ended")]:
            return f"WRONG: a process {ended[0]} by itself"
        wrong = target.wrong(target.read(path), said)
        return f"WRONG: {wrong}" if wrong else "right"
    except AutoALError as error:
        if not whole:
            return "refused"
        return f"WRONG: {error}" if "saved" in said else "nothing saved yet"
    except Exception as error:
        return f"RAW: {type(error).__name__}: {error}"


def _killed(target: Target, path: Path, kind: int, seconds: float) -> Said:
    """Fork a process that writes, and kill it so many seconds after it began; what it said."""
    reads, writes = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a process with threads, none of which the child needs
        process = os.fork()
    if process == 0:
        status = 1
        with suppress(BaseException), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.close(reads)
            target.write(path, kind, lambda line: _say(writes, line))
            status = 0
        os._exit(status)
    os.close(writes)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    with os.fdopen(reads) as pipe:
        said = pipe.read().splitlines()
    return said if os.WIFSIGNALED(status) else [*said, f"ended {os.waitstatus_to_exitcode(status)}"]


def _say(descriptor: int, line: str) -> None:
    os.write(descriptor, f"{line}\n".encode())


@dataclass(frozen=True)
class Args:
    """Return the number of times and the seed."""

    kills: int = 300
    flips: int = 4096
    cuts: int = 200
    seed: int = 0


def main(args: Args) -> None:
    """Attack each target and print the outcomes."""
    torch.set_num_threads(1)
    for target in (SavedRun(), BenchResults()):
        with TemporaryDirectory() as name:
            folder = Path(name)
            outcomes, samples = kills(target, args.kills, folder, args.seed)
            hot = sum(any(name.endswith("-journal") for name in sample.files) for sample in samples)
            print(
                f"{target.name}: {args.kills} kills: {dict(outcomes)}; {hot} in the middle of a transaction", flush=True
            )
            for what, attack, n in (("bits flipped", flips, args.flips), ("files cut off", cuts, args.cuts)):
                found = attack(target, samples, n, folder, args.seed)
                print(f"{target.name}: {n} {what}: {dict(found)}", flush=True)


if __name__ == "__main__":
    main(tyro.cli(Args))
