"""What results depend on besides the settings: the code, versions and the machine."""

from __future__ import annotations

import hashlib
import inspect
import os
import platform
import sys
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

import torch

from autoal import strategies

PACKAGES = ("autoal", "torch", "numpy", "scipy", "scikit-learn")


@cache
def versions() -> dict[str, str]:
    """Python's version, those of the packages that decide a number, and which state of the code this is.

    That is autoal's own code and, where there are any, other packages that have strategies.
    """
    packages = {name: _version(name) for name in PACKAGES}
    found = {"python": platform.python_version(), **packages, "code": _code([Path(__file__).parents[1]])}
    foreign = sorted({_home(kind) for kind in strategies.all().values()} - {Path(__file__).parents[1]})
    return found | ({"code of other strategies": _code(foreign)} if foreign else {})


@cache
def machine() -> str:
    """Processor, cores, memory, GPU and operating system; no name of the machine."""
    parts = [_processor(), f"{os.cpu_count()} cores"]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        parts.append(f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB")
    if torch.cuda.is_available():
        parts.append(torch.cuda.get_device_name())
    return ", ".join([*parts, platform.system()])


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _home(kind: type) -> Path:
    """The folder of the package that a class is defined in, or the file of a module outside of any."""
    top = sys.modules[kind.__module__.partition(".")[0]]
    return Path(top.__path__[0] if hasattr(top, "__path__") else inspect.getfile(top))


def _code(places: Sequence[Path]) -> str:
    """Twelve digits that change with any source file of packages, or of modules outside of any."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{path.relative_to(place).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "(not installed)"
