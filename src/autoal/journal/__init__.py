"""The journal: what was asked and what was answered, in an append-only SQLite file in which no damage goes unnoticed.

The tables are in `schema`, their checksums in `checksums`, reading and checking them in `reading`, what they add up to
in `state`; `migration` brings files of earlier versions up to date, `publish` gives a new file its name.
"""

from autoal.journal.journal import Journal
from autoal.journal.state import RunState

__all__ = ["Journal", "RunState"]
