"""The documents say what is so: their examples run, and every strategy and command is in them."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from autoal import AutoALWarning, Strategy, strategies
from autoal.cli import main

ROOT = Path(__file__).resolve().parents[1]


def code(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_example_of_the_readme_runs_and_learns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    example = code("README.md")[0].replace("range(10):", "range(5):")
    assert len([line for line in example.splitlines() if line and not line.startswith(("import", "from"))]) <= 15
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoALWarning)  # the cold start says so
        exec(example, {})
    accuracies = [float(value) for value in re.findall(r"labels: ([\d.]+)%", capsys.readouterr().out)]
    assert len(accuracies) == 5
    assert accuracies[-1] > 70
    assert (tmp_path / "digits.autoal").exists()


def test_the_guide_to_labelling_runs_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    draw = np.random.default_rng(0)
    for i in range(60):
        image = Image.new("L", (40, 40))
        shape = ImageDraw.Draw(image)
        box = (*draw.integers(2, 12, 2), *draw.integers(25, 38, 2))
        (shape.ellipse if i % 2 else shape.rectangle)(tuple(map(int, box)), fill=255)
        image.save(tmp_path / "photos" / f"{i:02}.png")
    images, table = code("docs/labelling.md")
    scope = {"ask": lambda path: ("square", "circle")[int(path.stem) % 2]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoALWarning)  # the cold start says so
        for session in (1, 2):
            exec(images, scope)
            assert len(scope["learner"].labels) == 15 * session  # type: ignore[attr-defined]
    assert set(scope["learner"].labels.values()) == {"circle", "square"}  # type: ignore[attr-defined]
    (tmp_path / "table.csv").write_text("key,a,species\n7,1,cat\n8,3,dog\n9,2,\n")
    exec(table, scope)
    assert scope["pool"].ids.tolist() == [7, 8, 9]  # type: ignore[attr-defined]


def test_the_strategy_of_the_guide_runs(snapshot: object) -> None:
    scope: dict[str, type[Strategy]] = {}
    for example in code("docs/strategies.md"):
        exec(example, scope)
    picks = scope["Loudest"]().select(snapshot, 3, np.random.default_rng(0))  # type: ignore[arg-type]
    assert len(picks) == 3


def test_every_strategy_is_in_the_table_with_its_needs_and_reference() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| .*? \| ([^|]+) \| ([^|]+) \|$", (ROOT / "docs/strategies.md").read_text(), re.MULTILINE
    )
    documented = {name: (needs, reference) for name, needs, reference in rows}
    for name, kind in strategies.all().items():
        needs = ", ".join(sorted(kind.needs, reverse=True)) or "nothing"
        assert documented[name] == (needs, kind.reference)


def test_every_command_in_the_readme_exists(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for verb in ("bench", "report", "demo", "simulate", "strategies"):
        assert f"autoal {verb}" in readme
    pages = readme + (ROOT / "docs/benchmark.md").read_text(encoding="utf-8")
    for line in re.findall(r"^autoal (.*?)(?:\s+#.*)?$", pages, re.MULTILINE):
        with pytest.raises(SystemExit) as stop:
            main([*line.split(), "--help"])
        assert stop.value.code == 0
        capsys.readouterr()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", readme, re.MULTILINE):
        assert f"\n{target}:" in makefile


def test_every_link_and_picture_of_the_documents_is_there() -> None:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"
