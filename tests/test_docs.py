"""The documents say what is so: their examples run, and every strategy and command is in them."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from autoal import ActiveLearner, AutoALWarning, Strategy, strategies
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


def draw(folder: Path, numbers: range, drawn: np.random.Generator) -> None:
    """Rectangles by even numbers, ellipses by odd ones."""
    folder.mkdir(parents=True)
    for i in numbers:
        image = Image.new("L", (40, 40))
        shape = ImageDraw.Draw(image)
        box = (*drawn.integers(2, 12, 2), *drawn.integers(25, 38, 2))
        (shape.ellipse if i % 2 else shape.rectangle)(tuple(map(int, box)), fill=255)
        image.save(folder / f"{i:02}.png")


def test_the_guide_to_labelling_runs_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    drawn = np.random.default_rng(0)
    draw(tmp_path / "photos", range(60), drawn)
    draw(tmp_path / "test" / "square", range(0, 40, 2), drawn)
    draw(tmp_path / "test" / "circle", range(1, 40, 2), drawn)
    ask, images, end, stop, network, encoded, table = code("docs/labelling.md")
    typed = iter(["sqare"])  # the first answer is misspelt
    monkeypatch.setattr("builtins.input", lambda said: next(typed, ("square", "circle")[int(said[:2]) % 2]))
    monkeypatch.setattr(Image.Image, "show", lambda image: None)
    scope: dict[str, Any] = {}
    exec(ask, scope)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoALWarning)  # the cold start says so
        for session in (1, 2):
            exec(images, scope)
            assert len(scope["learner"].labels) == 15 * session
    assert set(scope["learner"].labels.values()) == {"circle", "square"}
    exec(end, scope)
    assert all(label == ("square", "circle")[int(path.stem) % 2] for path, label in scope["table"].items())
    assert len(scope["guesses"]) == len(scope["rest"]) == 30
    exec(stop, scope)
    assert scope["accuracy"] > 0.6
    exec(network, scope)
    trained = ActiveLearner(scope["pool"], scope["model"], "margin", progress=False)
    trained.teach(*zip(*scope["learner"].labels.items(), strict=True))
    assert len(trained.query(2)) == 2
    photos = scope["pool"]
    exec(encoded, scope)
    assert scope["pool"].paths == photos.paths
    assert scope["pool"].inputs.take(np.arange(2)).shape == (2, 1280)
    (tmp_path / "table.csv").write_text("key,a,species\n7,1,cat\n8,3,dog\n9,2,\n")
    exec(table, scope)
    assert scope["pool"].ids.tolist() == [7, 8, 9]


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
