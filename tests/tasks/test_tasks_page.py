"""The document of the tasks says what there is."""

from __future__ import annotations

import re
from pathlib import Path

from autoal import tasks
from autoal.tasks.arms import ARMS
from autoal.tasks.names import LOADER_OPTIONS, OWN, VARIANTS
from autoal.tasks.regimes import REGIMES
from autoal.tasks.source import Source
from autoal.tasks.suites import SUITES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")


def row(source: Source) -> str:
    arms = ", ".join(f"`{arm}`" for arm in source.arms)
    cells = (f"`{source.name}`", source.summary, source.format, f"{source.n_train:,}", f"{source.n_classes}", arms)
    return "| " + " | ".join([*cells, f"`{source.regime}`", source.origin, source.licence]) + " |"


def test_the_table_of_data_sets_is_that_of_the_registry() -> None:
    documented = re.findall(r"^\| `[\w-]+` \|.*http.*\|$", PAGE, re.MULTILINE)
    assert documented == [row(source) for source in tasks.all().values()]


def test_arms_regimes_options_and_suites_are_all_described() -> None:
    first_cells = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)
    for word in (*ARMS, *REGIMES, *SUITES):
        assert word in first_cells, word
    for option in (*VARIANTS, *(option for options in LOADER_OPTIONS.values() for option in options)):
        assert f"{option}=" in PAGE, option
    for own in OWN:
        assert f"`{own}:PATH" in PAGE
    for name, names in SUITES.items():
        documented = re.search(rf"^\| `{name}` \| (\d+) \|", PAGE, re.MULTILINE)
        assert documented
        assert int(documented[1]) == len(names)


def test_the_example_runs() -> None:
    scope: dict[str, object] = {}
    for example in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(example, scope)
    assert len(scope["data"].x_train) == 1000  # type: ignore[attr-defined]
