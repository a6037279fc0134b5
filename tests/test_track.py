"""Long work says how far it is where there is no terminal, too; short work says nothing."""

from __future__ import annotations

import pytest

from autoal import progress
from autoal.progress import track


def test_in_a_file_long_work_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress.time, "monotonic", iter(range(100)).__next__)  # a second for each item
    assert list(track(range(70), 70, "encoding [digits]", show=True)) == list(range(70))
    assert capsys.readouterr().err.splitlines() == [
        "encoding [digits]: 6 of 70 after 0:00:06",
        "encoding [digits]: 37 of 70 after 0:00:37",
        "encoding [digits]: 68 of 70 after 0:01:08",
    ]


@pytest.mark.parametrize("show", [True, False])
def test_short_work_says_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, show: bool
) -> None:
    monkeypatch.setattr(progress.time, "monotonic", lambda: 0.0)  # a machine may be busy for longer than this is short
    assert list(track("abc", 3, "reading", show)) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""
