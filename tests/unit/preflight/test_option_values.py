from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.preflight.option_values import human_int, is_unresolved, read_dotted, read_value


@pytest.mark.parametrize("text", ['{"a": {}}', "{}", "50%", "a$", "fp8_e4m3", "Qwen/Qwen3-8B", "<"])
def test_plain_values_are_resolved(text: str) -> None:
    assert not is_unresolved(text)


@pytest.mark.parametrize("text", ["$A", "${A}", "$(a)", "`a`", "{{ a }}", "{a}", "%(a)s", "<a b>"])
def test_placeholders_are_unresolved(text: str) -> None:
    assert is_unresolved(text)


@given(st.integers(-(10**12), 10**12))
def test_a_plain_number_is_itself(number: int) -> None:
    assert human_int(f" {number} ") == number


def test_a_key_that_is_a_value_first_becomes_a_mapping() -> None:
    assert read_dotted([("a", "1"), ("a.b", "2")]) == {"a": {"b": 2}}


def test_deep_json_is_refused_and_not_crashed_on() -> None:
    with pytest.raises(ValueError, match=r"nested too deeply|no valid JSON"):
        read_value("hf_overrides", '{"a":' + "[" * 100_000 + "}")
