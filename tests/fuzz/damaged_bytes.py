"""Damaged files: the bytes of a valid one, flipped, cut, repeated, joined, or with extreme numbers in them."""

from __future__ import annotations

import struct

from hypothesis import strategies as st

FORMS = ("<b", "<h", ">h", "<i", ">i", "<q", ">q")
LARGEST = {form: 2 ** (8 * struct.calcsize(form) - 1) - 1 for form in FORMS}
EXTREME = (
    *(struct.pack(form, number) for form, most in LARGEST.items() for number in (0, 1, -1, most, -most - 1)),
    *(b"\xff" * 16, b"nan", b"1e999", b"-1", b"\0", b"\n", b'"', b",", b"{", b"]"),
)

KINDS = ("flip", "flip", "byte", "number", "insert", "delete", "cut", "repeat", "splice", "zeros")


@st.composite
def damaged(draw: st.DrawFn, valid: bytes, other: bytes = b"", most: int = 4) -> bytes:
    """`valid` after one change, or after `most`; parts of `other` may be spliced in."""
    data = bytearray(valid)
    for _ in range(draw(st.sampled_from([1, 1, most]))):
        _change(draw, data, other or valid)
    return bytes(data)


def _change(draw: st.DrawFn, data: bytearray, other: bytes) -> None:
    kind = draw(st.sampled_from(KINDS))
    at = draw(_place(data))
    if kind == "flip" and data:
        data[min(at, len(data) - 1)] ^= 1 << draw(st.integers(0, 7))
    elif kind == "byte" and data:
        data[min(at, len(data) - 1)] = draw(st.integers(0, 255))
    elif kind == "number":
        number = draw(st.sampled_from(EXTREME))
        data[at : at + len(number)] = number
    elif kind == "insert":
        data[at:at] = draw(st.binary(max_size=24))
    elif kind == "delete":
        del data[at : at + draw(st.integers(1, 64))]
    elif kind == "cut":
        del data[at:]
    elif kind == "repeat":
        data[at:at] = data[at : at + draw(st.integers(1, 256))] * draw(st.integers(1, 4))
    elif kind == "zeros":
        stop = min(len(data), at + draw(st.integers(1, 512)))
        data[at:stop] = bytes(max(stop - at, 0))
    else:
        start = draw(_place(other))
        data[at : at + draw(st.integers(0, 64))] = other[start : start + draw(st.integers(1, 256))]


def _place(data: bytes | bytearray) -> st.SearchStrategy[int]:
    """Anywhere, and often near the beginning or the end, where formats keep what they need."""
    last = len(data)
    near = st.integers(0, min(64, last)) | st.integers(max(0, last - 64), last)
    return near | st.integers(0, last)
