"""One cell of `strategies.py` in a process of its own: a strategy on a mapped problem, its time and its memory.

Run by `strategies.py`, with the task as JSON; the answer is lines of JSON.
"""

from __future__ import annotations

import ctypes
import gc
import json
import resource
import shutil
import statistics as means
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import autoal
from autoal import AutoALWarning, Snapshot, strategies
from autoal.inputs import ArrayInputs
from autoal.models.resnet18 import resnet18
from autoal.random import SeedTree
from autoal.stochastic import StochasticStatistics

Task = dict[str, Any]
INTRINSIC, NOISE, SPREAD, ERROR, WOBBLE = 32, 0.05, 0.6, 0.3, 0.3  # of the mixture and its heads
BLOCK = 8192  # rows drawn at one time, from a seed of their own: a shorter problem is the beginning of a longer one
QUICK = 1.0  # seconds: what takes less is measured three times
CHUNK = 512  # images that go through the network at one time
STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Problem:
    """A Gaussian mixture with one component a class, seen by a linear head and by stochastic passes of it."""

    rows: int
    classes: int
    features: int
    labelled: int = 1000
    passes: int = 10
    seed: int = 0

    @property
    def folder(self) -> str:
        """The folder's name; without the rows, of which a longer problem has enough."""
        return f"{self.features}x{self.classes}-{self.labelled}-{self.passes}-{self.seed}"

    def rng(self, *names: str | int) -> np.random.Generator:
        """The stream of that name, whatever the number of rows."""
        return SeedTree(self.seed).child(self.classes, self.features, *names).generator()

    def components(self) -> tuple[Tensor, Tensor]:
        """Centres (C, d) in d = 32 dimensions or fewer, and an orthonormal basis (d, D) of where these lie."""
        rng, d = self.rng("mixture"), min(INTRINSIC, self.features)
        centres = torch.from_numpy(SPREAD * rng.standard_normal((self.classes, d)))
        basis = torch.linalg.qr(torch.from_numpy(rng.standard_normal((self.features, d))))[0].T
        return centres.float(), basis.float().contiguous()

    def samples(self, n: int, *names: str | int) -> tuple[Tensor, Tensor]:
        """`n` embeddings (n, D) and their classes (n,)."""
        rng, (centres, basis) = self.rng(*names), self.components()
        labels = torch.from_numpy(rng.integers(0, self.classes, n))
        z = centres[labels] + torch.from_numpy(rng.standard_normal((n, centres.shape[1]), dtype=np.float32))
        noise = torch.from_numpy(rng.standard_normal((n, self.features), dtype=np.float32))
        return torch.addmm(noise, z, basis, beta=NOISE), labels

    def heads(self) -> Heads:
        """The model, which knows the centres but for an error, and passes that each have one more."""
        rng, (centres, basis) = self.rng("heads"), self.components()
        wrong = centres + ERROR * torch.from_numpy(rng.standard_normal(centres.shape, dtype=np.float32))
        shape = (self.passes, *centres.shape)
        passes = wrong + WOBBLE * torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
        return Heads(torch.cat([wrong[None], passes]) @ basis)


@dataclass(frozen=True)
class Heads:
    """Softmax of -|x - c|^2 / 2 over the centres of each head: the model first, then its passes."""

    centres: Tensor  # (1 + T, C, D)

    def __call__(self, x: Tensor, heads: slice) -> Tensor:
        """Log-probabilities (heads, k, C) of embeddings (k, D)."""
        some = self.centres[heads]
        logits = torch.einsum("kd,tcd->tkc", x, some) - 0.5 * some.square().sum(dim=2)[:, None]
        return logits.log_softmax(dim=2)

    def model(self, x: Tensor) -> Tensor:
        """What the model says (k, C)."""
        return self(x, slice(0, 1))[0]

    def stochastic(self, x: Tensor) -> Tensor:
        """What the passes say (T, k, C)."""
        return self(x, slice(1, None))


def prepared(problem: Problem, scratch: Path, watch: Callable[[int], None] = lambda rows: None) -> Path:
    """The folder with the problem's arrays, of so many rows at least; made if there is none."""
    for folder in scratch.glob(f"*x{problem.folder}"):
        if folder.name.split("x")[0].isdigit() and int(folder.name.split("x")[0]) >= problem.rows:
            return folder
    folder = scratch / f"{problem.rows}x{problem.folder}"
    partial = scratch / f"partial-{folder.name}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    write(problem, partial, watch)
    return partial.rename(folder)


def write(problem: Problem, folder: Path, watch: Callable[[int], None]) -> None:
    """Write the arrays a block of rows at a time."""
    n, C, heads = problem.rows, problem.classes, problem.heads()
    wide = {"embedding": problem.features, "log_probs": C, "mean_probs": C, "votes": C}
    shapes: dict[str, tuple[int, ...]] = {name: (n, columns) for name, columns in wide.items()}
    shapes |= {"mutual_information": (n,), "mean_std": (n,)}
    files = {name: _new(folder / f"{name}.npy", shape) for name, shape in shapes.items()}
    statistics = _statistics(files, problem.passes)
    for start in range(0, n, BLOCK):
        rows = slice(start, min(start + BLOCK, n))
        x = problem.samples(BLOCK, "rows", start)[0][: rows.stop - start]
        files["embedding"][rows], files["log_probs"][rows] = x, heads.model(x)
        statistics.fill(rows, heads.stochastic(x))
        watch(rows.stop)


def _statistics(arrays: dict[str, Tensor], passes: int) -> StochasticStatistics:
    names = ("mean_probs", "votes", "mutual_information", "mean_std")
    mean_probs, votes, mutual_information, mean_std = (arrays[name] for name in names)
    return StochasticStatistics(mean_probs, votes, mutual_information, mean_std, passes)


def _new(path: Path, shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(np.lib.format.open_memmap(path, "w+", np.float32, shape))


def opened(problem: Problem, folder: Path) -> Snapshot:
    """The snapshot of the problem, mapped from its files, all pages of which are read once."""
    names = ("embedding", "log_probs", "mean_probs", "votes", "mutual_information", "mean_std")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        mapped = {name: torch.from_numpy(np.load(folder / f"{name}.npy", "r")[: problem.rows]) for name in names}
    for tensor in mapped.values():
        for part in tensor.split(BLOCK):
            part.sum()
    heads, embedding = problem.heads(), mapped["embedding"]
    anchors, labels = problem.samples(problem.labelled, "labelled")
    return Snapshot(
        ids=torch.arange(problem.rows),
        log_probs=mapped["log_probs"],
        embedding=embedding,
        labelled_embedding=anchors,
        labels=labels,
        labelled_log_probs=heads.model(anchors),
        stochastic=_statistics(mapped, problem.passes),
        passes=lambda rows: heads.stochastic(embedding[rows]),
    )


def measured(call: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds of the call, the peak of anonymous memory in MiB above what there was before, and the answer.

    The kernel's own peak of all resident pages, less those of files, where it can be set back; and in any case what a
    thread sees every 10 ms. Memory that earlier calls freed is handed back first, so that reusing it counts.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    before, files, exact, seen, done = _kib("RssAnon"), _kib("RssFile"), _reset_peak(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            seen.append(_kib("RssAnon"))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    started = time.perf_counter()
    try:
        answer = call()
        seconds = time.perf_counter() - started
    finally:
        done.set()
        thread.join()
    kernel = _kib("VmHWM") - max(files, _kib("RssFile")) if exact else 0
    return seconds, max(*seen, kernel, _kib("RssAnon"), before) / 1024 - before / 1024, answer


def _kib(field: str) -> int:
    """A field of the process's status in KiB."""
    return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith(f"{field}:"))


def _reset_peak() -> bool:
    """Let VmHWM begin anew; whether the system allows it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
        return True
    return False


def typical(call: Callable[[], Any], quick: float = QUICK) -> tuple[float, float, Any]:
    """`measured`; of a quick call the median time and memory of three."""
    found = [measured(call)]
    if found[0][0] < quick:
        found += [measured(call), measured(call)]
    return means.median(one[0] for one in found), means.median(one[1] for one in found), found[0][2]


def limit(task: Task) -> None:
    """One thread, and no more memory of its own than the task allows."""
    torch.set_num_threads(1)
    resource.setrlimit(resource.RLIMIT_DATA, (int(task["memory"] * 2**30), resource.getrlimit(resource.RLIMIT_DATA)[1]))


def scale(task: Task) -> Iterator[Task]:
    """One strategy on one problem."""
    limit(task)
    problem = Problem(**task["problem"])
    snapshot, strategy = opened(problem, Path(task["folder"])), strategies.get(task["strategy"])()
    with warnings.catch_warnings(record=True):
        strategy.select(snapshot.subset(torch.arange(min(256, problem.rows))), 8, np.random.default_rng(0))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        seconds, mebibytes, picks = typical(lambda: strategy.select(snapshot, task["batch"], np.random.default_rng(0)))
    said = {str(warning.message) for warning in caught if issubclass(warning.category, AutoALWarning)}
    if len(picks.unique()) != min(task["batch"], problem.rows):
        raise RuntimeError(f"{len(picks.unique())} distinct rows were picked")
    yield {"seconds": seconds, "mebibytes": mebibytes, "warnings": sorted(said)}


def shared_pass(task: Task) -> Iterator[Task]:
    """The pass of ResNet-18 over random images, then each strategy on what it saw; all cores."""
    n, m, rng = task["images"], task["labelled"], np.random.default_rng(0)
    images = ArrayInputs(rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8))
    known = ArrayInputs(rng.integers(0, 256, (m, 3, 32, 32), dtype=np.uint8))
    labels, model = torch.from_numpy(rng.integers(0, 10, m)), autoal.TorchModel(resnet18, epochs=1, min_steps=4)
    model.fit(known, labels, 10, rng)
    started = time.perf_counter()
    snapshot = Snapshot.from_model(model, images, known, labels, rng, chunk=CHUNK)
    yield {"stage": "pass", "seconds": time.perf_counter() - started, "threads": torch.get_num_threads()}
    yield {"stage": "stochastic passes", "seconds": _seconds(lambda: _stochastic(snapshot))}
    for name in task["strategies"]:
        strategy = strategies.get(name)()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                seconds = _seconds(lambda: strategy.select(snapshot, task["batch"], np.random.default_rng(0)))  # noqa: B023
                yield {"stage": name, "seconds": seconds}
            except Exception as error:
                yield {"stage": name, "outcome": f"error: {type(error).__name__}: {error}"}


def _stochastic(snapshot: Snapshot) -> None:
    """What of the pass only strategies with stochastic passes need, done once more."""
    assert snapshot.passes is not None
    statistics = StochasticStatistics.empty(len(snapshot), snapshot.n_classes, autoal.snapshot.PASSES)
    for start in range(0, len(snapshot), CHUNK):
        rows = torch.arange(start, min(start + CHUNK, len(snapshot)))
        statistics.fill(slice(start, start + len(rows)), snapshot.passes(rows))


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def answer(tasks: dict[str, Callable[[Task], Iterator[Task]]]) -> None:
    """Do the task of the command line, and print each line of the answer as soon as it is known."""
    task = json.loads(sys.argv[1])
    for line in tasks[task["part"]](task):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    answer({"scale": scale, "pass": shared_pass})
