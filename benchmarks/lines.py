"""Results of one run as lines of JSON: a header, then one line a round, each on disk before the next round begins."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from autoal.errors import StateError

Line = dict[str, Any]


class Lines:
    """An append-only file; a last line that was cut off by a crash is dropped when the file is opened again.

    Args:
        path: the file; it and its folder are made if they are missing.
        header: says what run this is; a file with another header is refused.
    """

    def __init__(self, path: Path, header: Line) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rounds = self._recovered(header)
        if self.rounds is None:
            self.rounds = []
            self._write(header)

    def append(self, line: Line) -> None:
        """Write one line, and return when it is on disk."""
        self._write(line)
        assert self.rounds is not None
        self.rounds.append(line)

    def _recovered(self, header: Line) -> list[Line] | None:
        """The complete rounds of an earlier run, or None if there is none."""
        if not self.path.exists():
            return None
        whole, _, torn = self.path.read_bytes().rpartition(b"\n")
        if torn:
            with open(self.path, "r+b") as file:
                file.truncate(len(whole) + 1 if whole else 0)
        if not whole:
            return None
        try:
            found, *rounds = (json.loads(line) for line in whole.splitlines())
        except json.JSONDecodeError as error:
            raise StateError("a file of results", f"{self.path}, which is not one", "another --out") from error
        if found != json.loads(json.dumps(header)):
            differing = sorted(key for key in {*found, *header} if found.get(key) != header.get(key))
            got = f"{self.path}, whose {', '.join(differing)} differ"
            raise StateError("results of the same run, or a new file", got, "another --out, or remove the file")
        return rounds

    def _write(self, line: Line) -> None:
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


def read(path: Path) -> tuple[Line, list[Line]]:
    """Header and rounds of a results file; a torn last line is left out."""
    header, *rounds = (json.loads(line) for line in path.read_bytes().rpartition(b"\n")[0].splitlines())
    return header, rounds
