"""Bring the results of `make demo` into the README: its table, its verdict and its pictures.

Run: rm -rf results/demo && make demo docs (the demonstration goes on with the runs that it finds, of earlier code too)
"""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "results" / "demo"
BEGIN, END = "<!-- made by `make demo docs` -->\n", "<!-- end -->\n"


def main() -> None:
    """Copy the pictures, and put the summary between the two marks of the README."""
    if not (DEMO / "summary.md").exists():
        raise SystemExit(f"expected the results of the demonstration in {DEMO}; got none. Try: make demo")
    for name in ("learning_curves.png", "strategy_weights.png"):
        shutil.copy(DEMO / name, ROOT / "docs" / name)
    readme = ROOT / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    summary = (DEMO / "summary.md").read_text(encoding="utf-8")
    readme.write_text(f"{before}{BEGIN}\n{summary}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
