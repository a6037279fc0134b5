"""The head: how many rows each table has and their last checksums; it is written together with the rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from autoal.errors import StateError
from autoal.journal.checksums import End
from autoal.journal.schema import TABLES


@dataclass(frozen=True)
class Head:
    """The end of each table, the entry and checksum of the memory, and the checksum of each fact but this one."""

    tables: dict[str, End]
    memory: tuple[int, int] = (0, 0)
    facts: dict[str, int] = field(default_factory=dict)

    def with_rows(self, table: str, end: End) -> Head:
        """The head after rows were added to a table."""
        return replace(self, tables={**self.tables, table: end})

    def with_memory(self, end: tuple[int, int]) -> Head:
        """The head after a memory was noted."""
        return replace(self, memory=end)

    def with_fact(self, key: str, checksum: int) -> Head:
        """The head after a fact was noted."""
        return replace(self, facts={**self.facts, key: checksum})

    def to_text(self) -> str:
        """As the file holds it."""
        return json.dumps({"tables": self.tables, "memory": self.memory, "facts": self.facts})

    @classmethod
    def from_text(cls, text: str) -> Head:
        """The head that a file holds.

        Raises:
            StateError: it is none.
        """
        try:
            plain = json.loads(text)
            tables = {table.name: End(*map(int, plain["tables"][table.name])) for table in TABLES}
            entry, checksum = map(int, plain["memory"])
            return cls(tables, (entry, checksum), {str(key): int(of) for key, of in plain["facts"].items()})
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise damaged(f"its head cannot be read: {error!r}") from error


def damaged(what: str) -> StateError:
    """The error of a file whose content is not what was written."""
    hint = "a copy of the file from before; the rows that are whole can be read by sqlite3"
    return StateError("the file of a run as it was written", f"a damaged one: {what}", hint)
