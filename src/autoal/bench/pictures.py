"""Pictures made of panels: one by one for a page that flows, or all on one sheet."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

# the same drawing gives the same bytes; text stays text, which keeps pages small and sharp
STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "autoal", "font.sans-serif": ["DejaVu Sans"]}


@dataclass(frozen=True)
class Panel:
    """One picture: how it is drawn, and what it shows in words."""

    alt: str
    draw: Callable[[Axes], None]
    size: tuple[float, float] = (4.2, 3.1)  # inches

    def svg(self) -> str:
        """The panel alone, as the address of an inline image."""
        with rc_context(STYLE):
            figure = Figure(figsize=self.size, layout="constrained")
            self.draw(figure.subplots())
            file = io.BytesIO()
            figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        rounded = re.sub(rb"(\.\d\d)\d+", rb"\1", file.getvalue())  # a hundredth of a point is enough
        return "data:image/svg+xml;base64," + base64.b64encode(rounded).decode()


@dataclass(frozen=True)
class Sheet:
    """Panels of one kind, with one legend: names and their colours."""

    panels: tuple[Panel, ...]
    legend: Mapping[str, str] = field(default_factory=dict)

    @property
    def wide(self) -> int:
        """The least width of a panel on a page, in CSS pixels."""
        return round(self.panels[0].size[0] * 76)

    def png(self, columns: int = 4) -> bytes:
        """All panels, row by row, with the legend below them."""
        columns = min(columns, len(self.panels))
        rows = -(-len(self.panels) // columns)
        width, height = self.panels[0].size[0] * columns, self.panels[0].size[1] * rows
        with rc_context(STYLE):
            figure = Figure(figsize=(width, height), layout="constrained")
            every = figure.subplots(rows, columns, squeeze=False).flatten()
            for panel, axes in zip(self.panels, every, strict=False):
                panel.draw(axes)
            for axes in every[len(self.panels) :]:
                axes.set_axis_off()
            if self.legend:
                lines = [Line2D([], [], color=colour, linewidth=3) for colour in self.legend.values()]
                per_row = max(1, int(width / 1.9))
                figure.legend(lines, list(self.legend), loc="outside lower left", ncols=per_row, frameon=False)
            file = io.BytesIO()
            figure.savefig(file, format="png", dpi=80)
        return _compact(file)


def _compact(file: io.BytesIO) -> bytes:
    """The same picture with 128 colours, a quarter of the size."""
    small = io.BytesIO()
    with Image.open(file) as image:
        few = image.convert("RGB").quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(small, "PNG", optimize=True)
    return small.getvalue()
