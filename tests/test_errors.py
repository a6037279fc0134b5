from __future__ import annotations

import pickle

import pytest

from autoal.errors import AutoALError, DataNotFoundError, InputError, ModelError, StateError


@pytest.mark.parametrize("kind", [AutoALError, InputError, ModelError, StateError, DataNotFoundError])
def test_an_error_says_what_was_expected_what_came_and_what_to_try(kind: type[AutoALError]) -> None:
    error = kind("a dog", "a cat", "the other door")
    assert str(error) == "expected a dog; got a cat. Try: the other door"
    assert isinstance(error, AutoALError)


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(InputError("a dog", "a cat", "the other door")))
    assert (error.expected, error.got, error.hint) == ("a dog", "a cat", "the other door")


def test_errors_are_caught_by_the_standard_class_that_they_resemble() -> None:
    with pytest.raises(ValueError, match="expected a"):
        raise InputError("a", "b", "c")
    with pytest.raises(FileNotFoundError):
        raise DataNotFoundError("a", "b", "c")


def test_long_and_empty_parts_of_a_message() -> None:
    error = InputError("a number", repr(list(range(10_000))), " ")
    assert len(str(error)) < 1500
    assert error.got.startswith("[0, 1, 2")
    assert error.got.endswith("9998, 9999]")
    assert str(error).endswith("Try: nothing")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
