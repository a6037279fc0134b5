"""Reports are written whole, need nothing else, lead where they say, and show no NaN."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_up import benchmark
from PIL import Image

from autoal.bench.archive import read_results
from autoal.bench.pictures import Panel, Sheet
from autoal.bench.report import write_report
from autoal.bench.results import Failure, Results
from autoal.errors import StateError

EFFECTS = {"autoal": 0.05, "uniform_weights": 0.03, "margin": 0.03, "entropy": -0.02, "random": 0.0}
TASKS = ["digits/linear/low", "letter/linear/low/imbalance=50", "trec/mlp/low"]
BENCH = benchmark(EFFECTS, TASKS, seeds=4, rounds=4)
FAILED = (Failure("trec/mlp/low", "bald", 1, "Traceback\n  File\nModelError: expected <stochastic> passes | none"),)


class Page(HTMLParser):
    """What a page links to, loads and is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.open: list[str] = []
        self.boxes: list[str] = [""]
        self.tables: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"]] if values.get("id") else []
        self.links += [values["href"]] if values.get("href") else []
        self.sources += [values["src"]] if values.get("src") else []
        self.tables += [self.boxes[-1]] if tag == "table" else []
        self.boxes += [values.get("class") or ""] if tag == "div" else []
        if tag not in ("meta", "img", "wbr", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "div":
            self.boxes.pop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "new"
    write_report(replace(BENCH, failures=FAILED), path)
    return path


def test_the_page_needs_nothing_else_and_every_link_leads_somewhere(folder: Path) -> None:
    page = Page((folder / "report.html").read_text())
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(source.startswith("data:image/svg+xml;base64,") for source in page.sources)
    assert len(page.sources) == 3 + 3 + 3 + 3  # curves, above Random, AutoAL's weights; ranks, pairs won, penalties


def test_on_a_narrow_screen_tables_scroll_in_their_boxes_and_long_words_break(folder: Path) -> None:
    text = (folder / "report.html").read_text()
    page = Page(text)
    assert len(page.tables) > 10
    assert set(page.tables) == {"scroll"}
    rules = dict(re.findall(r"^([^{}@]+?) \{ (.*?) \}", text.split("<style>")[1].split("</style>")[0], re.MULTILINE))
    assert "overflow: auto" in rules[".scroll"]
    wrapping = {
        name for names, rule in rules.items() if "overflow-wrap: anywhere" in rule for name in names.split(", ")
    }
    assert wrapping >= {"h1", "h2", "p", "li", "nav", "dl"}


def test_every_link_and_picture_of_the_markdown_is_there(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    anchors = set(re.findall(r'<a id="([\w-]+)"></a>', text))
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= anchors
    pictures = set(re.findall(r"!\[[^]]*\]\(([^)]+)\)", text))
    assert {path.name for path in folder.glob("*.png")} == pictures
    for name in pictures:
        with Image.open(folder / name) as image:
            assert len(image.convert("RGB").getcolors(1 << 24) or []) > 8  # not an empty page


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_both_forms_hold_every_part(name: str, folder: Path) -> None:
    text = (folder / name).read_text()
    for anchor in (
        *(
            "standings",
            "gains",
            "curves",
            "gain-curves",
            "aubc",
            "final",
            "ranks",
            "won",
            "penalties",
            "versus",
            "regret",
        ),
        *("drops", "balanced", "balanced-gains", "log-loss", "calibration", "weights", "cost", "failures"),
    ):
        assert f'id="{anchor}"' in text
    assert "autoal bench --suite dev --seeds 10" in text
    assert not re.search(r"\bnan\b", re.sub(r"base64,[^\"]*", "", text), re.IGNORECASE)


def test_an_error_cannot_break_the_page_or_the_table(folder: Path) -> None:
    assert "ModelError: expected &lt;stochastic&gt; passes | none" in (folder / "report.html").read_text()
    assert r"| ModelError: expected &lt;stochastic> passes \| none |" in (folder / "report.md").read_text()


@pytest.fixture
def no_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the sheets of the Markdown, on which the panels of the page are drawn a second time."""
    buffer = io.BytesIO()
    Image.new("P", (1, 1)).save(buffer, format="png")
    monkeypatch.setattr(Sheet, "png", lambda sheet: buffer.getvalue())


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch, no_sheets: None) -> None:
    """Draw nothing, where only the words are read."""
    monkeypatch.setattr(Panel, "svg", lambda panel: "data:image/svg+xml;base64,")


@pytest.mark.usefixtures("no_pictures")
def test_the_path_of_own_data_is_readable_and_the_runs_keep_their_keys(tmp_path: Path) -> None:
    stored, other = "npz:%2Fmy%20data%2Fa.npz/linear/low", "folder:b%2Fc/linear/low/imbalance=50"
    failures = (Failure(stored, "bald", 1, "ValueError"),)
    write_report(replace(benchmark(EFFECTS, [stored, other], seeds=3, rounds=2), failures=failures), tmp_path)
    for name in ("report.html", "report.md"):
        text = (tmp_path / name).read_text().replace("<wbr>", "")
        assert "npz:/my data/a.npz/linear/low" in text
        assert "folder:b/c/linear/low/imbalance=50</strong> has a long tail" in text.replace("**", "</strong>")
        assert "%2F" not in text
    found = read_results(tmp_path)
    assert {run.task for run in found.runs} == {stored, other}
    assert found.failures == failures


@pytest.mark.usefixtures("no_pictures")
def test_each_command_stands_on_a_line_that_can_be_copied(tmp_path: Path) -> None:
    about = {"command": "autoal bench --seeds 3; autoal bench --seeds 10", "engine": "local, 2 workers; ray, 1 workers"}
    write_report(replace(BENCH, about=about), tmp_path)
    markdown = (tmp_path / "report.md").read_text()
    assert markdown.endswith("```\nautoal bench --seeds 3\nautoal bench --seeds 10\n```\n")
    assert "- engine: `local, 2 workers; ray, 1 workers`" in markdown
    assert "autoal bench --seeds 3\nautoal bench --seeds 10" in (tmp_path / "report.html").read_text()


def test_the_same_results_give_the_same_bytes_in_any_order(folder: Path, tmp_path: Path) -> None:
    write_report(replace(BENCH, runs=BENCH.runs[::-1], failures=FAILED), tmp_path)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_the_area_shown_is_the_area(folder: Path) -> None:
    curves = [
        [line["accuracy"] for line in r.rounds] for r in BENCH.runs if (r.task, r.strategy) == (TASKS[0], "margin")
    ]
    areas = [100 * ((c[0] + c[-1]) / 2 + sum(c[1:-1])) / (len(c) - 1) for c in curves]
    mean = sum(areas) / len(areas)
    deviation = (sum((a - mean) ** 2 for a in areas) / (len(areas) - 1)) ** 0.5
    table = (folder / "report.md").read_text().split('id="aubc"')[1].split("<a id")[0]
    row = next(line for line in table.splitlines() if line.startswith("| margin |"))
    assert row.split("|")[3].strip(" *≈") == f"{mean:.2f} ± {deviation:.2f}"


def test_the_example_of_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    guide = Path(__file__).resolve().parents[2] / "docs" / "report.md"
    (example,) = re.findall(r"```python\n(.*?)```", guide.read_text(), re.DOTALL)
    exec(example, {})
    assert (tmp_path / "report" / "report.html").exists()


def part(**keep: object) -> Results:
    return Results(tuple(r for r in BENCH.runs if all(getattr(r, key) in v for key, v in keep.items())))  # type: ignore[operator]


def bare(results: Results) -> Results:
    """As an older version wrote them: accuracies alone."""
    keys = ("round", "labels", "accuracy")
    return Results(tuple(replace(r, rounds=tuple({k: x[k] for k in keys} for x in r.rounds)) for r in results.runs))


@pytest.mark.usefixtures("no_sheets")
@pytest.mark.parametrize(
    "results",
    [
        part(seed=[0]),
        part(strategy=["margin"]),
        part(strategy=["random"], task=TASKS[:1]),
        part(strategy=["margin", "entropy"], task=TASKS[:1]),
        part(task=TASKS[:1], seed=[1]),
        Results(part(strategy=["random"], seed=[0, 1]).runs + part(strategy=["margin"], seed=[2, 3]).runs),
        Results(part(strategy=["random"], task=TASKS[:1]).runs + part(strategy=["margin"], task=TASKS[1:]).runs),
        Results(tuple(r for r in BENCH.runs if (r.task, r.strategy, r.seed) != (TASKS[0], "margin", 2))),
        bare(BENCH),
        Results(tuple(replace(r, rounds=r.rounds[:1]) for r in BENCH.runs)),
        Results((), FAILED),
    ],
    ids=[
        *("one seed", "one strategy", "Random alone", "no Random", "one task and seed", "no common seed"),
        *("no common task", "one hole", "accuracies alone", "no query", "failures only"),
    ],
)
def test_however_little_there_is_the_report_stands_and_shows_no_nan(results: Results, tmp_path: Path) -> None:
    sentences = write_report(results, tmp_path)
    assert sentences
    assert not any("](" in sentence or "**" in sentence for sentence in sentences)
    for name in ("report.html", "report.md"):
        text = re.sub(r"base64,[^\"]*", "", (tmp_path / name).read_text())
        assert not re.search(r"\b(nan|inf)\b", text, re.IGNORECASE)
    page = Page((tmp_path / "report.html").read_text())
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StateError, match=r"a folder that a report can be written to; got .*file"):
            write_report(part(task=TASKS[:1]), folder)
    assert (tmp_path / "file").read_text() == "mine"


def test_nothing_at_all_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no complete run and no failed cell"):
        write_report(Results(()), tmp_path / "new")
    assert not (tmp_path / "new").exists()
