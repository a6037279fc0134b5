"""TREC and Letter on small files and on the real ones; Digits, which needs none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autoal import AutoALError, AutoALWarning
from autoal.errors import DataNotFoundError
from autoal.tasks.digits import DIGITS
from autoal.tasks.letter import LETTER
from autoal.tasks.source import Source
from autoal.tasks.trec import TREC

Offline = Callable[..., Source]

ARFF = """% a comment
@relation letter
@attribute 'x-box' integer
@attribute high numeric
@attribute 'class' { A, B, C}
@data
""" + "".join(f"{i},{2 * i},{'ABC'[i % 3]}\n" for i in range(10))


def test_digits_are_there_without_any_file(tmp_path: Path) -> None:
    data = DIGITS.load(tmp_path)
    assert data.x_train.shape == (DIGITS.n_train, 1, 8, 8)
    assert len(data.x_test) == 450
    assert data.x_train.max() == 1
    assert np.bincount(data.y_test).min() > 30


def test_trec_is_read_as_its_publisher_and_as_others_write_it(tmp_path: Path) -> None:
    folder = tmp_path / "trec"
    folder.mkdir()
    (folder / "train_5500.label").write_bytes(
        b"DESC:manner How are you ?\nNUM:date When \x85 caf\xe9 ?\nDESC:def What ?\n"
    )
    (folder / "TREC_10.label").write_bytes(b"NUM:count How many ?\n")
    with pytest.warns(AutoALWarning, match=r"train_5500\.label, TREC_10\.label"):  # there are fewer questions
        data = TREC.load(tmp_path)
    assert data.classes == ("DESC", "NUM")
    assert data.x_train.tolist() == ["How are you ?", "When \x85 café ?", "What ?"]
    assert (data.y_train.tolist(), data.y_test.tolist()) == ([0, 1, 0], [1])
    for name in ("train_5500.label", "TREC_10.label"):
        (folder / name).unlink()
    (folder / "train.txt").write_text("0 How ?\n\n3 Who ?\n")
    (folder / "test.txt").write_text("3 Who else ?\n")
    with pytest.warns(AutoALWarning, match=r"train\.txt, test\.txt"):
        data = TREC.load(tmp_path)
    assert (data.classes, data.y_test.tolist()) == (("0", "3"), [1])


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ("0 How ?\nnothing\n", "0 x\n", "in line 2 of"),
        ("", "0 x\n", "an empty file"),
        ("0 How ?\n", "1 x\n", "labels of .*train.txt"),
    ],
)
def test_damaged_files_of_trec_are_refused(train: str, test: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "trec").mkdir()
    (tmp_path / "trec" / "train.txt").write_text(train)
    (tmp_path / "trec" / "test.txt").write_text(test)
    with pytest.raises(AutoALError, match=message):
        TREC.load(tmp_path)


def test_letter_is_read_and_split_as_is_usual(tmp_path: Path) -> None:
    (tmp_path / "letter.arff").write_text(ARFF)
    with pytest.warns(AutoALWarning, match=r"letter\.arff"):  # there are fewer rows
        data = LETTER.load(tmp_path)
    assert data.x_train.tolist() == [[i, 2 * i] for i in range(8)]
    assert data.y_test.tolist() == [8 % 3, 9 % 3]
    assert data.classes == ("A", "B", "C")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no table", "an ARFF file at"),
        ("", "an ARFF file at"),
        (ARFF.replace("1,2,B", "1,2"), "an ARFF file at"),
        (ARFF.replace("1,2,B", "1,2,Z"), "an ARFF file at"),
        (ARFF.replace("1,2,B", "?,2,B"), "a number in every field of .*none in row 2"),
        (ARFF.replace("1,2,B", "1,2,?"), "a class in every row"),
        (ARFF.replace("high numeric", "high {0,2,4,6,8,10,12,14,16,18}"), "one nominal one"),
    ],
)
def test_other_files_than_letters_are_refused(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "letter.arff").write_text(content)
    with pytest.raises(AutoALError, match=message):
        LETTER.load(tmp_path)


def test_what_is_not_there_is_an_error_with_the_way_to_get_it(offline: Offline, tmp_path: Path) -> None:
    for source in (TREC, LETTER):
        with pytest.raises(DataNotFoundError, match="Try: put"):
            offline(source).load(tmp_path)


@pytest.mark.shared
def test_the_real_trec_and_letter(shared: Path) -> None:
    trec, letter = TREC.load(shared / "data"), LETTER.load(shared / "data")
    assert (len(trec.x_train), len(trec.x_test), len(trec.classes)) == (TREC.n_train, 500, TREC.n_classes)
    assert trec.x_train[0] == "How did serfdom develop in and then leave Russia ?"
    assert (letter.x_train.shape, len(letter.classes)) == ((LETTER.n_train, 16), LETTER.n_classes)
    assert letter.classes[letter.y_train[0]] == "Z"
    assert letter.x_train[0].tolist() == [2, 4, 4, 3, 2, 7, 8, 2, 9, 11, 7, 7, 1, 8, 5, 6]
