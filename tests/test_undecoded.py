from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression

import autoal
from autoal import cli, tasks
from autoal.pool import UNKNOWN
from autoal.tasks.names import readable

NAME = os.fsdecode(b"caf\xe9")  # as latin-1 wrote it: no UTF-8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    try:
        (tmp_path / NAME).mkdir()
    except OSError:
        pytest.skip("this file system has no such names")
    return tmp_path / NAME


def write_images(folder: Path, n: int) -> None:
    for name, colour in (("cat", 0), (NAME, 200)):
        (folder / name).mkdir(parents=True)
        for i in range(n):
            Image.new("RGB", (8, 8), (colour, 5 * i, 0)).save(folder / name / f"{i:02}{NAME}.png")


def test_a_run_of_such_files_is_saved_and_loaded_with_its_ids(folder: Path) -> None:
    write_images(folder / "photos", 6)
    pool = autoal.Pool.from_folder(folder / "photos", classes=["cat", NAME])
    pool.labels[[2, 8]] = UNKNOWN
    learner = autoal.ActiveLearner(pool, LogisticRegression(), "margin")
    asked = learner.query(1)
    learner.save(folder / "run")
    again = autoal.Pool.from_folder(folder / "photos", classes=["cat", NAME])
    again.labels[[2, 8]] = UNKNOWN
    loaded = autoal.ActiveLearner.load(folder / "run", again, LogisticRegression())
    assert loaded.pending == asked.tolist()
    assert again.paths[asked[0]] == pool.paths[asked[0]]
    (folder / "photos" / NAME / f"01{NAME}.png").rename(folder / "photos" / NAME / "1.png")
    with pytest.raises(autoal.AutoALError, match="other files"):
        autoal.ActiveLearner.load(folder / "run", autoal.Pool.from_folder(folder / "photos"), LogisticRegression())


def test_an_error_that_names_such_a_file_can_be_printed(folder: Path) -> None:
    (folder / "1.png").write_bytes(b"no image")
    with pytest.raises(autoal.AutoALError) as caught:
        autoal.Pool.from_folder(folder, classes=["a", "b"]).inputs.take(np.arange(1))
    assert str(caught.value).encode().count(b"caf\\udce9") == 1


def test_the_name_of_a_task_of_such_files_leads_to_them(folder: Path, tmp_path: Path) -> None:
    write_images(folder / "photos", 12)
    task = tasks.get(f"folder:{folder}/photos/cnn/tiny/size=8")
    assert "caf%E9" in task.name
    for name in (task.name, readable(task.name)):
        name.encode()
        assert tasks.get(name).name == task.name
    data = task.load(tmp_path / "data")
    assert len(data.x_train) + len(data.x_test) == 24
    assert data.classes == (NAME, "cat")


def test_the_command_line_writes_and_says_where_results_are(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{i % 2}.{i},{i},{'xy'[i % 2]}" for i in range(60)]
    (folder / f"{NAME}.csv").write_text("\n".join(["a,b,label", *rows, ""]))
    task, out = f"csv:{folder / NAME}.csv/linear/tiny", folder / "out"
    arguments = ["simulate", "--task", task, "--strategy", "margin", "--rounds", "1", "--out", f"{out}"]
    monkeypatch.setattr(sys, "argv", ["autoal", *arguments])
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8", errors="strict"))
    assert cli.main([*arguments, "--initial", "4", "--batch", "4", "--data-dir", f"{tmp_path / 'data'}"]) == 0
    sys.stdout.seek(0)
    assert r"caf\udce9/out/results.sqlite" in sys.stdout.read()
    assert cli.main(["report", f"{out}"]) == 0
    assert "caf" in (out / "report.md").read_text(encoding="utf-8")
