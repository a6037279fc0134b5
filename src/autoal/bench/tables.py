"""Tables that can be shown as HTML and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autoal.bench.statistics import equal

NOTHING = "–"  # what is shown where there is no number


def escaped(text: str) -> str:
    """A text that Markdown shows as it is, on one line: no tag, no entity, no link, no bold, no end of a field."""
    quoted = re.sub(r"([\\`*\[\]|])", r"\\\1", " ".join(text.splitlines()))
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", re.sub(r"&(?=#?\w+;)", "&amp;", quoted))


@dataclass(frozen=True)
class Entry:
    """One field of a table.

    Args:
        text: what is shown.
        key: what the column is sorted by, if not by the text.
        tone: "best", "level" (not told apart from the best), "up", "down" or "".
    """

    text: str
    key: float | None = None
    tone: str = ""

    def markdown(self, escape: Callable[[str], str] = escaped) -> str:
        """Bold if best or up."""
        text = escape(self.text)
        return f"**{text}**" if self.tone in ("best", "up") else text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Heading:
    """The head of a part of a report: what links point to, its title, and how to read it in one paragraph."""

    anchor: str
    title: str
    note: str


@dataclass(frozen=True)
class Table:
    """Rows of entries; the first column names the row.

    Args:
        heading: what stands above it.
        columns: the header.
        rows: one entry a column.
        words: whether it holds sentences rather than numbers.
    """

    heading: Heading
    columns: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    words: bool = False

    def markdown(self, escape: Callable[[str], str] = escaped) -> str:
        """The table in Markdown, without its heading; `escape=str` where its texts are Markdown themselves."""
        columns = [escape(column) for column in self.columns]
        rows = [[entry.markdown(escape) for entry in row] for row in self.rows]
        head = [f"| {' | '.join(columns)} |", f"| --- |{' ---: |' * (len(columns) - 1)}"]
        return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])


def code(text: str) -> str:
    """A text on one line as a span of code, between more backticks than it has in a row."""
    line = " ".join(text.splitlines())
    ticks = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if "`" in line else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def code_block(text: str) -> str:
    """Lines of code, between more backticks than they have in a row."""
    ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks}\n{text}\n{ticks}"


def number(value: float, digits: int = 2, sign: bool = False, tone: str = "") -> Entry:
    """A number with so many digits after the point, or a dash where there is none."""
    if not np.isfinite(value):
        return Entry(NOTHING)
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return Entry(_minus(text), float(value), tone)


def spread(mean: float, deviation: float, digits: int, tone: str = "", mark: str = "") -> Entry:
    """Mean ± standard deviation, or the mean alone where there is one value only."""
    if not np.isfinite(mean):
        return Entry(NOTHING)
    text = f"{mean:.{digits}f}" + (f" ± {deviation:.{digits}f}" if np.isfinite(deviation) else "")
    return Entry(text + mark, float(mean), tone)


def interval(mean: float, low: float, high: float, digits: int = 2, tone: str = "") -> Entry:
    """Mean (low to high), or the mean alone where there is no interval."""
    if not np.isfinite(mean):
        return Entry(NOTHING)
    ends = f" ({low:+.{digits}f} to {high:+.{digits}f})" if np.isfinite(low) else ""
    return Entry(_minus(f"{mean:+.{digits}f}{ends}"), float(mean), tone)


def percent(share: float) -> Entry:
    """A share as a whole percentage."""
    return Entry(f"{share:.0%}", float(share)) if np.isfinite(share) else Entry(NOTHING)


def p_value(p: float) -> Entry:
    """Three digits, and no zero for what is merely small."""
    if not np.isfinite(p):
        return Entry(NOTHING)
    return Entry("< 0.001" if p < 0.001 else f"{p:.3f}", float(p))


def ratio(value: float) -> Entry:
    """A ratio with three significant digits."""
    if not np.isfinite(value):
        return Entry(NOTHING)
    return Entry(f"{value:.3g} ×" if value < 1000 else f"{value:.0f} ×", float(value))


def listed(names: Sequence[str], limit: int = 4) -> str:
    """Names in a sentence: the first few, and how many more."""
    shown, more = list(names[:limit]), len(names) - limit
    if more > 0:
        shown.append(f"{more} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "none"


def ties(means: Mapping[str, float], name: str) -> str:
    """Who has the same mean, in brackets, so that being named first claims no order."""
    level = [other for other, mean in means.items() if other != name and equal(mean, means[name])]
    return f" ({listed(level)} {'is' if len(level) == 1 else 'are'} equal)" if level else ""


def count(n: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def _minus(text: str) -> str:
    return text.replace("-", "−")
