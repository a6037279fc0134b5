"""Headers that lie about their file; whole and torn files are in test_tasks.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoal.errors import InputError
from autoal.tasks.idx import parse_idx

MANY = b"\x80\0\0\0"  # 2 ** 31; four of them multiply to 0 in 64 bits


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0\x08\x03\0\0", b"\0\0\x08\x02\0\0\0\1", b"\0\0\x08\4" + 4 * MANY])
def test_headers_that_do_not_fit_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="some-file"):
        parse_idx(data, Path("some-file"))
