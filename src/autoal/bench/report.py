"""A benchmark's report: one HTML page that needs nothing else, and Markdown with its pictures beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jinja2
import markupsafe

from autoal.bench.apart import Parts
from autoal.bench.archive import FILE, write_archive
from autoal.bench.bound_table import bound_sentences, bound_table, bounds
from autoal.bench.findings import Findings
from autoal.bench.pictures import Panel
from autoal.bench.results import Results
from autoal.bench.schema import checked_run
from autoal.bench.scores import Scores
from autoal.bench.sections import Section, sections
from autoal.bench.sheets import failure_table
from autoal.bench.tables import code, code_block, escaped
from autoal.bench.variant_table import variant_table
from autoal.bench.verdict import plain, verdict
from autoal.errors import StateError
from autoal.progress import progress_bar

TITLE = "What the benchmark says"
INTRO = (
    "Strategies are compared by AUBC, the mean test accuracy while labels are bought; a point is one percentage point "
    "of it. Brackets hold 95 % intervals. “Beyond chance” is a test at 5 %, corrected by Holm for the number of "
    "strategies; the interval shown is not corrected. Numbers lead to the tables that they come from."
)


def write_report(results: Results, folder: Path) -> list[str]:
    """Write report.html, report.md with its pictures, and the runs themselves into a folder, made if it is missing.

    Returns:
        The sentences of the verdict, without links.

    Raises:
        StateError: there is neither a complete run nor a failed cell, the runs do not belong together, or the folder
            cannot be written to.
    """
    for run in results.runs:
        checked_run(vars(run), f"{run.strategy} on {run.task}, seed {run.seed}")
    sentences, parts = _contents(results.readable())
    try:
        _write(results, folder, sentences, parts)
    except OSError as error:
        raise StateError(
            "a folder that a report can be written to", str(error), "another, or room on the disk"
        ) from error
    return [plain(sentence) for sentence in sentences]


def _write(results: Results, folder: Path, sentences: list[str], parts: list[Section]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_archive(results, folder / FILE)
    (folder / "report.md").write_text(_markdown(results, sentences, parts), encoding="utf-8")
    sheets = {_picture(part): part.sheet for part in parts if part.sheet}
    with progress_bar() as bar:
        task = bar.add_task("pictures", total=sum(len(sheet.panels) + 1 for sheet in sheets.values()))

        def image(panel: Panel) -> str:
            bar.advance(task)
            return panel.svg()

        for name, sheet in sheets.items():
            (folder / name).write_bytes(sheet.png())
            bar.advance(task)
        (folder / "report.html").write_text(_html(results, sentences, parts, image), encoding="utf-8")


def _contents(results: Results) -> tuple[list[str], list[Section]]:
    if not results.runs and not results.failures:
        raise StateError("results of a benchmark", "no complete run and no failed cell", "autoal bench, first")
    if not results.runs:
        failures = failure_table(results)
        assert failures is not None
        return [f"No run is complete: all [{len(failures.rows)} cells](#failures) that ended have failed."], [
            Section.of(failures)
        ]
    parts = Parts.of(results)
    if not parts.compared.runs:
        raise StateError("a run of a strategy", "runs of oracles alone", "autoal bench --strategies random ...")
    findings, found = Findings(Scores.of(parts.compared)), bounds(parts.compared, parts.oracles)
    tables = [bound_table(found), *(variant_table(runs, own) for own, runs in parts.variants.items())]
    shown = [*sections(findings, parts.compared), *(Section.of(table) for table in tables if table)]
    return verdict(findings, parts.compared) + bound_sentences(found), shown


def _html(results: Results, sentences: list[str], parts: list[Section], image: Callable[[Panel], str]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autoal", "bench"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"links": _links, "image": image, "breakable": _breakable}
    template = environment.get_template("report.html.j2")
    return template.render(
        title=TITLE, intro=INTRO, sentences=sentences, sections=parts, about=_by_lines(results.about)
    )


def _links(sentence: str) -> markupsafe.Markup:
    """A sentence's links and stars as HTML; everything else is escaped."""
    safe = str(markupsafe.escape(sentence))
    safe = re.sub(r"\[([^]]*)\]\((#[\w-]+)\)", r'<a href="\2">\1</a>', safe)
    return markupsafe.Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe))


def _breakable(name: str) -> markupsafe.Markup:
    """A long name may break after a slash."""
    return markupsafe.Markup("/<wbr>").join(name.split("/"))


def _markdown(results: Results, sentences: list[str], parts: list[Section]) -> str:
    return "\n\n".join(_paragraphs(results, sentences, parts)) + "\n"


def _paragraphs(results: Results, sentences: list[str], parts: list[Section]) -> Iterator[str]:
    yield f"# {TITLE}"
    yield INTRO
    yield "\n".join(f"- {sentence}" for sentence in sentences)
    yield "Contents: " + ", ".join(f"[{part.heading.title}](#{part.heading.anchor})" for part in parts) + "."
    for part in parts:
        yield f'<a id="{part.heading.anchor}"></a>\n\n## {part.heading.title}'
        yield part.heading.note
        if part.sheet:
            yield f"![{part.heading.title}]({_picture(part)})"
        if part.table:
            yield part.table.markdown()
    if results.about:
        yield "## About this benchmark"
        about = _by_lines(results.about)
        commands = about.pop("command", "")
        yield "\n".join(f"- {escaped(name)}: {code(value)}" for name, value in about.items())
        if commands:
            yield code_block(commands)


def _by_lines(about: dict[str, str]) -> dict[str, str]:
    """Each command on a line of its own: stores that were joined have many."""
    return {name: value.replace("; ", "\n") if name == "command" else value for name, value in about.items()}


def _picture(part: Section) -> str:
    return f"{part.heading.anchor}.png"
