"""Names of files that are no UTF-8: Python reads each byte of them as half a character, which no text may hold."""

from __future__ import annotations

UNDECODED = "surrogateescape"  # how Python reads such names (PEP 383), and gives their bytes back


def name_bytes(name: str) -> bytes:
    """The bytes of a name, of whatever kind."""
    return name.encode(errors=UNDECODED)


def printable(text: str) -> str:
    r"""A text that can be printed and stored, with \udce9 for the byte e9; most are as they were."""
    return text.encode(errors="backslashreplace").decode()
