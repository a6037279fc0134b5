"""Results of files that are not as they were written: the error names the file, the line and the field."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import line

from autoal.bench.archive import FILE, read_archive
from autoal.bench.report import write_report
from autoal.bench.results import Results, Run
from autoal.errors import StateError

Change = Callable[[list[Any]], object]

WHOLE: list[Any] = [{"about": {"command": "autoal bench"}, "failures": []}] + [
    {"task": "digits/linear/tiny", "strategy": name, "seed": seed, "rounds": [line(r, 10 + r, 0.5) for r in range(3)]}
    for name in ("random", "margin")
    for seed in range(2)
]


def archive(folder: Path, change: Change = lambda lines: None) -> Path:
    """An archive whose lines are changed before they are written."""
    lines = copy.deepcopy(WHOLE)
    change(lines)
    (folder / FILE).write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    return folder / FILE


CHANGES: dict[str, tuple[Change, str]] = {
    "no labels": (lambda x: x[1]["rounds"][0].pop("labels"), "labels in round 0 of line 2"),
    "no accuracy": (lambda x: x[2]["rounds"][1].pop("accuracy"), "accuracy in round 1 of line 3"),
    "accuracy of text": (lambda x: x[1]["rounds"][0].update(accuracy="x"), "accuracy, a number from 0 to 1, .*got 'x'"),
    "accuracy of 2": (lambda x: x[1]["rounds"][0].update(accuracy=2.0), "accuracy.*got 2.0"),
    "accuracy of true": (lambda x: x[1]["rounds"][0].update(accuracy=True), "accuracy.*got True"),
    "NaN": (lambda x: x[1]["rounds"][0].update(accuracy=float("nan")), "accuracy.*got nan"),
    "log loss": (lambda x: x[1]["rounds"][2].update(log_loss=-1), "log_loss.*round 2 of line 2"),
    "one score less": (lambda x: x[1]["rounds"][2].pop("calibration"), "the scores .*round 2 of line 2"),
    "weights": (lambda x: x[1]["rounds"][1].update(weights={"a": None}), "weights, finite numbers by name"),
    "seconds": (lambda x: x[1]["rounds"][1].update(seconds={"query": -1.0}), "seconds of at least 0"),
    "memory": (lambda x: x[1]["rounds"][1].update(peak_memory="much"), "peak_memory"),
    "labels again": (lambda x: x[1]["rounds"][1].update(labels=10), "labels, a whole number that grows"),
    "labels of floats": (lambda x: x[1]["rounds"][1].update(labels=11.5), "labels, a whole number"),
    "a round twice": (lambda x: x[1]["rounds"].insert(1, x[1]["rounds"][0]), "round, 1, in round 1 of line 2"),
    "no rounds": (lambda x: x[1].update(rounds=[]), "a list of at least one"),
    "rounds of text": (lambda x: x[1].update(rounds="abc"), "a list of at least one"),
    "a round of text": (lambda x: x[1].update(rounds=["abc"]), "an object with round, labels, accuracy"),
    "task null": (lambda x: x[1].update(task=None), "task, a text of one line, in line 2"),
    "task of two lines": (lambda x: x[1].update(task="a\nb"), "task, a text of one line"),
    "half a character": (lambda x: x[1].update(strategy="\ud800"), "strategy, a text of one line"),
    "seed of text": (lambda x: x[1].update(seed="0"), "seed, a whole number"),
    "seed of true": (lambda x: x[1].update(seed=True), "seed, a whole number"),
    "a cell twice": (lambda x: x.append(x[1]), "one run a cell; got random .* line 2 of .* line 6 of"),
    "about a list": (lambda x: x[0].update(about=[1]), "about, texts by name"),
    "about of numbers": (lambda x: x[0].update(about={"a": 1}), "about, texts by name"),
    "a failure without an error": (
        lambda x: x[0].update(failures=[{"task": "a", "strategy": "b", "seed": 0}]),
        "error in the failures of",
    ),
    "a run of text": (lambda x: x.append("abc"), "an object with task, strategy, seed, rounds, in line 6"),
    "an empty line": (lambda x: x.append({}), "task in line 6"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_not_as_it_was_written_is_named(name: str, tmp_path: Path) -> None:
    change, message = CHANGES[name]
    with pytest.raises(StateError, match=message) as caught:
        read_archive(archive(tmp_path, change))
    assert FILE in str(caught.value)


def test_the_whole_archive_is_read(tmp_path: Path) -> None:
    assert [(run.task, run.strategy, run.seed, list(run.rounds)) for run in read_archive(archive(tmp_path)).runs] == [
        tuple(run.values()) for run in WHOLE[1:]
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"about":{},"failures":[],"failures":[]}',
        "[" * 100_000,
        '{"about":{},"failures":[]}\n{"task":' + "9" * 5000 + "}",
        '{"about":{},"failures":[]}\n\n',
        "\xff",
    ],
    ids=["a field twice", "nested", "a large number", "an empty line", "text"],
)
def test_other_texts_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(gzip.compress(text.encode("latin-1")))
    with pytest.raises(StateError, match=FILE):
        read_archive(tmp_path / FILE)


def test_flipped_bits_and_truncations_change_nothing_in_silence(tmp_path: Path) -> None:
    path, rng = archive(tmp_path), np.random.default_rng(0)
    whole, runs = path.read_bytes(), read_archive(path).runs
    for n in range(300):
        damaged = bytearray(whole)
        damaged[rng.integers(len(damaged))] ^= 1 << rng.integers(8)
        path.write_bytes(damaged[: rng.integers(len(damaged))] if n % 3 == 0 else damaged)
        try:
            assert read_archive(path).runs == runs  # the time and the name in the header are not read
        except StateError as error:
            assert FILE in str(error)  # noqa: PT017  # either may happen


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoal.bench.archive.LIMIT", 1000)
    with pytest.raises(StateError, match="at most 1,000 bytes") as caught:
        read_archive(archive(tmp_path))
    assert FILE in str(caught.value)


def test_runs_that_were_made_by_hand_are_checked_too(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="accuracy in round 0 of random on digits, seed 3"):
        write_report(Results((Run("digits", "random", 3, ({"round": 0, "labels": 1},)),)), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_markup_in_names_and_errors_stays_text(tmp_path: Path) -> None:
    script, link = "<script>alert(1)</script>", "[a](javascript:alert(2))*|`$x$`"

    def marked(lines: list[Any]) -> None:
        for run in lines[1:3]:
            run["strategy"] = script
            run["rounds"][1]["weights"] = run["rounds"][2]["weights"] = {script: 0.5, link: 0.5}
        for run in lines[1:]:
            run["task"] = link
        error = f"<img src=x onerror=alert(3)> | {link}\n{link} &lt;b&gt; <b>"
        lines[0]["failures"] = [{"task": script, "strategy": link, "seed": 0, "error": error}]
        lines[0]["about"] = {script: script, "command": f"```\n{script}", "x": f"` {script}"}

    write_report(Results.joined([read_archive(archive(tmp_path, marked))]), tmp_path)
    page, markdown = ((tmp_path / name).read_text() for name in ("report.html", "report.md"))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "javascript:alert(2)" not in [part.partition('"')[0] for part in page.split('href="')]
    assert (
        markdown.count("<script>") == markdown.count("`<script>alert(1)</script>`") + 2
    )  # as code, in spans and lines
    assert "\\[a\\](javascript" in markdown
    assert "[a](javascript" not in markdown.replace("\\[a\\]", "")
    assert "&lt;img" not in markdown or "<img src=x" not in markdown
    assert "&amp;lt;b&amp;gt; &lt;b>" in markdown
    assert "````\n```\n<script>" in markdown
