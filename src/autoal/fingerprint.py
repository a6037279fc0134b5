"""What tells a pool from others, so that the labels of a saved run do not go to other samples."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from autoal.arrays import some
from autoal.inputs import ArrayInputs
from autoal.pool import Pool
from autoal.undecoded import name_bytes

ROWS = 256  # of an array that are compared, evenly spaced
DIGITS, FEW_DIGITS = 9, 6  # of these values that are kept; in runs of earlier versions
TOLERANCE = 0.1  # of their spread: vectors that a GPU makes again differ a little, those of other samples far more


def fingerprint(pool: Pool) -> dict[str, Any]:
    """Plain data of a pool: its number of samples, ids and classes; of files their paths, of arrays a few values."""
    found: dict[str, Any] = {
        "samples": len(pool),
        "ids": _digest(pool.ids.tobytes()),
        "classes": [str(name) for name in pool.classes],
    }
    if pool.folder is not None:  # ids number the paths, wherever the folder is
        found["files"] = [path.relative_to(pool.folder).as_posix() for path in pool.paths]
        found["paths"] = _digest(name_bytes("\n".join(found["files"])))
    if isinstance(pool.given, ArrayInputs):
        found["values"] = _values(pool.given)
    return found


def change(then: dict[str, Any], now: dict[str, Any]) -> str:
    """In words, what two fingerprints differ in; nothing if they do not, in what the earlier one has."""
    said = {
        "samples": f"{now['samples']} samples, not {then['samples']}",
        "ids": "other ids",
        "classes": f"the classes {', '.join(now['classes'])}, not {', '.join(then['classes'])}",
        "paths": f"other files{_moved(then.get('files', []), now.get('files', []))}",
        "values": "other values in X: its rows are in another order, or changed",
    }
    differ = [key for key in then if key in said and not _alike(key, then[key], now.get(key))]
    if len(differ) > 1 and differ[-1] == "values":  # of other samples, which is said already
        differ.pop()
    return "; ".join(said[key] for key in differ)


def _moved(then: list[str], now: list[str]) -> str:
    gone, new = ([path for path in ours if path not in others] for ours, others in ((then, {*now}), (now, {*then})))
    parts = [f"{some(paths)} {what}" for paths, what in ((gone, "not there any more"), (new, "new")) if paths and then]
    return f": {', '.join(parts)}" if parts else ": moved, renamed, added or deleted"


def _alike(key: str, then: Any, now: Any) -> bool:
    if key != "values":
        return bool(then == now)
    if now is None or len(then) != len(now):
        return False
    few = all(value == float(f"{value:.{FEW_DIGITS}g}") for value in then)
    rounding = 1.1 * 10.0 ** (1 - FEW_DIGITS) if few else 1e-6
    return bool((np.abs(np.subtract(then, now)) <= TOLERANCE * np.std(then) + rounding * np.abs(then)).all())


def _values(inputs: ArrayInputs) -> list[float]:
    """One number for each of some rows: a fixed mixture of all that is in the row."""
    rows = np.unique(np.linspace(0, len(inputs) - 1, min(ROWS, len(inputs))).astype(np.int64))
    x = inputs.take(rows).double().reshape(len(rows), -1).cpu().numpy()
    return [float(f"{value:.{DIGITS}g}") for value in x @ np.cos(np.arange(x.shape[1])) / max(x.shape[1], 1)]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
