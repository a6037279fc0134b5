from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from autoal.tasks.mat_file import read_mat

LIMIT = 1 << 20
TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")


def _saved(packed: bool, **arrays: Any) -> bytes:
    file = io.BytesIO()
    savemat(file, arrays, do_compression=packed)
    return file.getvalue()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (2, 3), (2, 3, 4), (4, 2, 3, 5), (0, 3)])
def test_arrays_are_what_scipy_reads(packed: bool, kind: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(kind)
    data = _saved(packed, X=array, a_longer_name=array[:1])
    found, expected = read_mat(data, LIMIT), loadmat(io.BytesIO(data))
    for name in ("X", "a_longer_name"):
        assert found[name].dtype == expected[name].dtype
        assert np.array_equal(found[name], expected[name])


def test_what_holds_no_real_numbers_is_left_out() -> None:
    data = _saved(False, text="words", cells=np.array([1, "a"], dtype=object), c=np.array([[1j]]), X=np.eye(2))
    assert list(read_mat(data, LIMIT)) == ["X"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_cut_off_is_refused(packed: bool) -> None:
    data = _saved(packed, X=np.arange(100.0)[:, None])
    for stop in range(129, len(data)):
        with pytest.raises((ValueError, zlib.error)):
            read_mat(data[:stop], LIMIT)


def test_too_much_is_never_unpacked() -> None:
    data = _saved(True, X=np.zeros((1000, 1000)))
    with pytest.raises(ValueError, match="more than 4,096 bytes"):
        read_mat(data, 4096)


def test_another_kind_of_file_is_refused() -> None:
    with pytest.raises(ValueError, match="no MATLAB file"):
        read_mat(b"MATLAB 7.3" + bytes(200), LIMIT)
