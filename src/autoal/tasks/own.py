"""A file or folder that its owner names by its path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from autoal.errors import DataNotFoundError
from autoal.paths import is_there
from autoal.undecoded import UNDECODED


@dataclass(frozen=True)
class OwnFile:
    """Something at `path`, relative to the working directory; `how` says what it should be."""

    path: str
    how: str

    def find(self, root: Path) -> tuple[Path, ...] | None:
        """The path, if there is something."""
        path = Path(self.path).expanduser()
        return (path,) if is_there(path) else None

    def fetch(self, root: Path) -> tuple[Path, ...]:
        """The path.

        Raises:
            DataNotFoundError: there is nothing.
        """
        found = self.find(root)
        if found is None:
            late = "; options come after the arm and the regime" if "=" in Path(self.path).name else ""
            raise DataNotFoundError(f"data at {self.path}", f"nothing there, seen from {Path.cwd()}", self.how + late)
        return found


def own_name(kind: str, path: str) -> str:
    """What the full name of a task begins with: the path without slashes, which cannot be taken for anything else."""
    return f"{kind}:{quoted(path)}"


def quoted(path: str) -> str:
    """With percent signs as in a URL, for all that is no plain letter, digit or mark."""
    return quote(path, safe="", errors=UNDECODED)


def unquoted(path: str) -> str:
    """What was quoted, also a name that is no UTF-8."""
    return unquote(path, errors=UNDECODED)
