"""Damage a benchmark's results.sqlite in many ways: nothing that is read may differ without an error.

    python benchmarks/damaged_results.py [--flips 4096] [--truncations 200] [--kills 300]

Each flip changes one bit of the file, each truncation cuts it at a random place; the file is then opened and all of it
is read. Each kill ends a process with SIGKILL while it writes cells and says which it has finished.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tyro

from autoal.bench.cell import Cell
from autoal.bench.results import Line
from autoal.bench.store import FILE, Store
from autoal.errors import StateError
from autoal.tasks import Budget

ROUNDS = 3
CELLS = tuple(Cell("digits", {"name": name}, seed, Budget(10, 10, ROUNDS)) for seed in range(40) for name in ("a", "b"))
WRITER = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from damaged_results import write
write(Path(sys.argv[1]))
"""


@dataclass(frozen=True)
class Options:
    """How often the file is damaged."""

    flips: int = 4096
    truncations: int = 200
    kills: int = 300


def line(cell: Cell, number: int) -> Line:
    """A round of its own for each cell."""
    ids = [number * 10 + i for i in range(10)]
    return {"round": number, "labels": 10 + 10 * number, "accuracy": (cell.seed + number) / 100, "ids": ids}


def write(path: Path, cells: tuple[Cell, ...] = CELLS, aloud: bool = True) -> None:
    """Write what is missing of the cells, and say each that is finished."""
    with Store(path) as store:
        store.plan(cells)
        states = store.states()
        for cell in cells:
            if states[cell.key] == "finished":
                continue
            done = len(store.rounds(cell))
            store.start(cell, {"machine": "any"})
            for number in range(done, ROUNDS + 1):
                store.append(cell, line(cell, number))
            store.finish(cell, 1.0)
            if aloud:
                print(cell.label, cell.seed, flush=True)


def everything(path: Path, cells: tuple[Cell, ...] = CELLS) -> tuple[object, ...]:
    """All that can be read of a file."""
    with Store(path) as store:
        found = store.results()
        return store.states(), [store.rounds(cell) for cell in cells], found.runs, found.failures, found.about


def flipped(whole: bytes, times: int, seed: int = 0) -> Iterator[bytes]:
    """The bytes with one bit changed, at places drawn at random."""
    draw = random.Random(seed)
    for _ in range(times):
        damaged = bytearray(whole)
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        yield bytes(damaged)


def truncated(whole: bytes, times: int, seed: int = 0) -> Iterator[bytes]:
    """The bytes cut at places drawn at random, and at none."""
    draw = random.Random(seed)
    yield from (whole[: draw.randrange(len(whole)) if n else 0] for n in range(times))


def outcomes(whole: bytes, damaged: Iterator[bytes], folder: Path, cells: tuple[Cell, ...] = CELLS) -> Counter[str]:
    """How often the damage was noticed, changed nothing that is read, or changed something in silence."""
    path, found = folder / FILE, Counter[str]()
    path.write_bytes(whole)
    right = everything(path, cells)
    for content in damaged:
        for old in folder.iterdir():
            old.unlink()
        path.write_bytes(content)
        try:
            found["unchanged" if everything(path, cells) == right else "WRONG"] += 1
        except StateError:
            found["noticed"] += 1
        except Exception as error:
            found[f"RAW {type(error).__name__}"] += 1
    return found


def killed(times: int, folder: Path) -> Counter[str]:
    """Whether each cell that a writer said was finished is there after it was killed, with its rounds."""
    found, draw = Counter[str](), random.Random(0)
    path, acknowledged = folder / FILE, set[str]()
    for _ in range(times):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(draw.randrange(6)):
                acknowledged.add(process.stdout.readline().strip())
            process.kill()
            acknowledged |= {said.strip() for said in process.stdout if said.endswith("\n")}
        acknowledged.discard("")
        if path.exists():
            states, rounds, *_ = everything(path) if acknowledged else ({}, [])
            done = {f"{cell.label} {cell.seed}" for cell in CELLS if dict(states).get(cell.key) == "finished"}  # type: ignore[call-overload]
            found["LOST" if acknowledged - done else "kept"] += 1
            for cell, lines in zip(CELLS, rounds, strict=False):  # type: ignore[call-overload]
                if list(lines) != [line(cell, number) for number in range(len(lines))]:
                    found["WRONG"] += 1
            if len(done) == len(CELLS):
                path.unlink()
                acknowledged.clear()
    return found


def main(options: Options) -> int:
    """Print how often what happened; 1 if anything was lost, wrong or an error without words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / FILE, aloud=False)
        whole = (folder / FILE).read_bytes()
        found = {
            "flipped bits": outcomes(whole, flipped(whole, options.flips), folder),
            "truncations": outcomes(whole, truncated(whole, options.truncations), folder),
        }
        (folder / "killed").mkdir()
        found["kills"] = killed(options.kills, folder / "killed")
    for kind, counts in found.items():
        print(f"{kind} ({len(whole):,} bytes): {', '.join(f'{n} {what}' for what, n in sorted(counts.items()))}")
    return int(any(not what.islower() for counts in found.values() for what in counts))


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options)))
