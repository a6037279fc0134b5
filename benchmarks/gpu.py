"""What a GPU gives ResNet-18: steps of training, the pass over a pool, and whether one seed gives one result.

Random images of CIFAR-10's shape: the time does not depend on the pixels.

Run: python benchmarks/gpu.py [--images 50000] [--labelled 4096] [--steps 300]
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np
import torch
import tyro

from autoal.bench.environment import machine
from autoal.inputs import ArrayInputs, chunks
from autoal.models import TorchModel
from autoal.models.augment import crop_flip
from autoal.models.resnet18 import resnet18

CLASSES, CHUNK, FEW = 10, 256, 64
TOLERANCE = 0.05  # of log-probabilities, bfloat16 against float32


@dataclass(frozen=True)
class Options:
    """What is measured."""

    images: int = 50_000
    """that the model reads"""
    labelled: int = 4096
    """that it is trained on"""
    steps: int = 300
    """of training"""


def trained(x: torch.Tensor, y: torch.Tensor, steps: int) -> tuple[TorchModel, float]:
    """A ResNet-18 after so many steps, and the seconds they took."""
    model = TorchModel(resnet18, epochs=1, min_steps=steps, augment=crop_flip)
    started = time.perf_counter()
    model.fit(ArrayInputs(x), y, CLASSES, np.random.default_rng(0))
    torch.cuda.synchronize()
    return model, time.perf_counter() - started


def measure(options: Options) -> int:
    """Print what was found; 1 if two fits of one seed differ or the GPU says other things than the CPU."""
    if not torch.cuda.is_available():
        sys.exit("this measures a GPU, and there is none")
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 255, (options.images, 3, 32, 32), dtype=torch.uint8, generator=generator)
    y = torch.randint(0, CLASSES, (options.labelled,), generator=generator)
    print(f"{machine()}; torch {torch.__version__}")
    trained(x[: options.labelled], y, 10)  # the first steps load the libraries
    fits = [trained(x[: options.labelled], y, options.steps) for _ in range(2)]
    for _, seconds in fits:
        print(f"training: {1000 * seconds / options.steps:.2f} ms a step of 256 images")
    (first, _), (second, _) = fits
    pairs = zip(first.module.state_dict().values(), second.module.state_dict().values(), strict=True)
    same = all(torch.equal(a, b) for a, b in pairs)
    print(f"two fits of one seed are {'the same' if same else 'DIFFERENT'}")
    started = time.perf_counter()
    log_probs = torch.cat([first.predict(batch)[0] for _, batch in chunks(ArrayInputs(x), CHUNK)])
    print(f"pass over {options.images:,} images: {time.perf_counter() - started:.2f} s")
    with torch.no_grad():
        slow = first.module.float().cpu()(x[:FEW].float() / 255).log_softmax(dim=1)
    gap = float((slow - log_probs[:FEW]).abs().max())
    print(f"log-probabilities of the GPU and of the CPU differ by {gap:.4f} at most (allowed: {TOLERANCE})")
    return int(not same or gap > TOLERANCE)


if __name__ == "__main__":
    sys.exit(measure(tyro.cli(Options)))
