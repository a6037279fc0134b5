from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from autoal import progress
from autoal.progress import working

LONG = 3600.0  # seconds: only what hangs takes as long, on a busy machine too


@pytest.mark.parametrize(
    ("show", "terminal", "patience"), [(True, True, 0.0), (False, True, 0.0), (True, False, 0.0), (True, True, LONG)]
)
def test_a_sign_of_life_where_it_is_wanted_and_seen_and_only_if_it_lasts(
    show: bool, terminal: bool, patience: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", patience)
    screen = io.StringIO()
    with working("training on 30 labels", show, Console(file=screen, force_terminal=terminal)):
        expected, deadline = show and terminal and patience == 0, time.monotonic() + LONG
        while expected and not screen.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert ("training on 30 labels" in screen.getvalue()) == expected


def test_an_error_inside_comes_out_and_leaves_no_bar() -> None:
    with pytest.raises(ZeroDivisionError), working("work", True, Console(file=io.StringIO(), force_terminal=True)):
        1 / 0  # noqa: B018
