"""Names of tasks: what is left out, what is quoted, and what is wrong with them."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from autoal import tasks
from autoal.errors import InputError
from autoal.tasks import Budget
from autoal.tasks.names import readable
from autoal.tasks.variants import Variants


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("digits", "digits/linear/tiny"),
        ("cifar10/cnn", "cifar10/cnn/low"),
        ("trec/mid", "trec/linear/mid"),
        ("letter/noise=0.10", "letter/linear/low/noise=0.1"),
        ("digits/duplicates=.2/imbalance=50", "digits/linear/tiny/imbalance=50/duplicates=0.2"),
        ("digits/imbalance=1/noise=0/outside=0", "digits/linear/tiny"),
        ("cifar10/outside=.6/noise=0.1", "cifar10/linear/low/noise=0.1/outside=0.6"),
        ("npz:a/b=c/mine.npz", "npz:a%2Fb%3Dc%2Fmine.npz/linear/low"),
        ("npz:/data/mine.npz/mlp/tiny", "npz:%2Fdata%2Fmine.npz/mlp/tiny"),
        ("folder:photos/linear", "folder:photos/linear/low"),
        ("folder:photos%2Flinear", "folder:photos%2Flinear/linear/low"),
        ("folder:photos%2Flow/cnn/size=32", "folder:photos%2Flow/cnn/low/size=32"),
        ("csv:100%25.csv/noise=0.1/label=a%2Fb", "csv:100%25.csv/linear/low/label=a%2Fb/noise=0.1"),
    ],
)
def test_a_name_is_filled_up_and_its_full_name_stands_for_the_same_task(name: str, full: str) -> None:
    task = tasks.get(name)
    assert task.name == full
    assert tasks.get(full) == task
    assert pickle.loads(pickle.dumps(task)) == task  # so that it travels to other processes
    assert hash(task) == hash(tasks.get(full))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("npz:/my data/größe.npz", "npz:/my data/größe.npz/linear/low"),
        ("folder:photos%2Flinear/linear/tiny/size=32", "folder:photos/linear/linear/tiny/size=32"),
        ("folder:photos%2Flinear%2Flow", "folder:photos/linear/low/linear/low"),
        ("npz:a/noise=0.5/100%25.npz/noise=0.1", "npz:a/noise%3D0.5/100%25.npz/linear/low/noise=0.1"),
        ("csv:$a*[b]|c.csv/label=x%2Fy", "csv:%24a%2A%5Bb%5D%7Cc.csv/linear/low/label=x%2Fy"),
        ("npz:a//", "npz:a///linear/low"),
        ("digits/noise=0.1", "digits/linear/tiny/noise=0.1"),
    ],
)
def test_a_name_that_people_read_is_one_of_the_same_task(name: str, shown: str) -> None:
    full = tasks.get(name).name
    assert readable(full) == shown
    assert tasks.get(shown).name == full
    assert readable("no task at all") == "no task at all"


def test_the_parts_of_a_name_become_those_of_the_task() -> None:
    task = tasks.get("fashion-mnist/mlp/tiny/imbalance=50/noise=0.1/duplicates=0.2")
    assert (task.source.name, task.arm, task.budget_regime) == ("fashion-mnist", "mlp", "tiny")
    assert task.variants == Variants(50, 0.1, 0.2)
    assert task.budget == Budget(10, 10, 10)
    assert "imbalance=50" in task.summary


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cifar11", r"'cifar11'.*Try: cifar10"),
        ("digit/linear", r"'digit'.*Try: digits"),
        ("nonsense", r"Try: digits, fashion-mnist.*npz:PATH"),
        ("npz:", r"a data set"),
        ("zip:x", r"a data set"),
        ("digits/lineal", r"after digits; got 'lineal'. Try: linear"),
        ("digits/tiny/linear", r"after digits; got 'tiny/linear'. Try: digits/linear/tiny$"),
        ("digits/imbalance=10/linear/low", r"got 'imbalance=10/linear/low'. Try: digits/linear/low/imbalance=10$"),
        ("trec/noise=0.1/mlp/imbalance=2", r"in this order, .* Try: trec/mlp/noise=0.1/imbalance=2$"),
        ("digits/imbalance=10/lineal/low", r"Try: linear$"),
        ("digits/linear/tiny/imbalanse=3", r"got 'linear/tiny/imbalanse=3'. Try: imbalance=$"),
        ("digits/linear/mlp", r"Try: one arm, one regime, and each option once"),
        ("digits/noise=0.1/linear/noise=0.2", r"Try: one arm, one regime, and each option once"),
        ("digits/noise=much", r"a number for noise; got 'much'"),
        ("digits/noise=1", r"a share of noise from 0 to less than 1; got 1.0"),
        ("digits/noise=nan", r"a share of noise"),
        ("digits/duplicates=-0.1", r"a share of duplicates"),
        ("digits/outside=1", r"a share of outside from 0 to less than 1; got 1.0"),
        ("digits/imbalance=0.5", r"an imbalance of at least 1"),
        ("digits/imbalance=inf", r"an imbalance of at least 1"),
        ("digits/noise=0.1/noise=0.2", r"noise once"),
        ("digits/label=x", r"options of digits; got label"),
        ("npz:x.npz/size=3", r"options of npz:; got size"),
        ("folder:x/size=big", r"a number for size"),
        ("folder:x/size=4", r"a size of at least 8"),
        ("trec/cnn", r"an arm that learns from trec; got cnn. Try: linear, mlp"),
        ("", r"a data set"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tasks.get(name)


def test_no_digit_of_an_option_is_lost() -> None:
    for name in ("digits/linear/tiny/noise=0.1234567", "digits/linear/tiny/imbalance=1234567.5"):
        assert tasks.get(name).name == name
        assert tasks.get(tasks.get(name).name) == tasks.get(name)


def test_every_task_of_a_suite_is_given_by_its_full_name() -> None:
    for suite in ("smoke", "dev", "paper"):
        names = tasks.suite(suite)
        assert [tasks.get(name).name for name in names] == list(names)
        assert len(set(names)) == len(names)
    with pytest.raises(InputError, match="Try: smoke"):
        tasks.suite("smok")


def test_suites_cover_what_they_promise() -> None:
    smoke = [tasks.get(name) for name in tasks.suite("smoke")]
    assert {task.arm for task in smoke} == {"linear", "mlp", "cnn"}
    assert {option.partition("=")[0] for task in smoke for option in task.variants.options()} == {
        *("imbalance", "noise", "duplicates")
    }
    dev = [tasks.get(name) for name in tasks.suite("dev")]
    for name in ("digits", "fashion-mnist", "cifar10", "trec", "letter"):
        regimes = {task.budget_regime for task in dev if task.source.name == name}
        assert regimes == {"tiny", "low"}, name
    tailed = {task.source.name for task in dev if task.variants.imbalance > 1}
    assert tailed == {"digits", "fashion-mnist", "cifar10"}
    paper = [tasks.get(name) for name in tasks.suite("paper")]
    assert len(paper) == 7
    assert all(task.budget.final <= (task.source.n_train or 0) for task in paper)
    assert paper[0].budget == Budget(2000, 1000, 16)


def test_the_listing_looks_for_files_and_reads_none(tmp_path: Path) -> None:
    (tmp_path / "letter.arff").write_bytes(b"not read")
    found = {row.name: row.found for row in tasks.listing(tmp_path)}
    assert found["letter"] is found["digits"] is True
    assert found["trec"] is found["svhn"] is found["cifar10"] is False
    assert found["npz:PATH"] is found["csv:PATH"] is found["folder:PATH"] is None
    assert list(tmp_path.iterdir()) == [tmp_path / "letter.arff"]
    rows = {row.name: row for row in tasks.listing(tmp_path)}
    assert rows["trec"].arms == ("linear", "mlp")
    assert rows["digits"].regimes[0] == "tiny"
