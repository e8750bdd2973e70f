"""What every part of a suite file refuses, and the order its lists are kept in."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from recallbench.suite.form import Form, Length, Name, ascending


class Part(Form):
    """Any part of a suite."""

    number: int = 1


def test_a_list_is_kept_in_order_whatever_order_it_was_written_in() -> None:
    assert ascending([3, 1, 2]) == [1, 2, 3]


def test_a_value_that_stands_twice_is_refused_and_not_merged() -> None:
    with pytest.raises(ValueError, match="stands here twice"):
        ascending([0.5, 1.0, 0.5])


def test_unknown_keys_and_numbers_written_as_text_are_errors() -> None:
    for content in ({"nmuber": 2}, {"number": "2"}):
        with pytest.raises(ValidationError):
            Part.model_validate(content)


def test_a_part_is_fixed_once_it_is_read() -> None:
    with pytest.raises(ValidationError):
        Part().number = 2


@pytest.mark.parametrize("name", ["a/b", "../up", "a:b", ".hidden", "", "a b", "a" * 65])
def test_a_name_that_could_not_be_a_files_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(name)


def test_a_length_is_at_least_one_token() -> None:
    assert TypeAdapter(Length).validate_python(1) == 1
    with pytest.raises(ValidationError):
        TypeAdapter(Length).validate_python(0)
