"""What a suite may hold, beyond the shape of its keys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.errors import SuiteError
from recallbench.suite import parse_suite

KEYS = st.sampled_from(
    ["suite", "grid", "prompt", "haystack", "variants", "name", "rope", "engine", "env", "lengths"]
) | st.text(max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def told(**keys: Any) -> str:
    with pytest.raises(SuiteError) as caught:
        parse_suite({"suite": "s", **keys}, "mine.yaml")
    return str(caught.value)


@settings(deadline=None)
@given(st.dictionaries(KEYS | st.integers(), VALUES, max_size=6))
def test_whatever_a_file_holds_it_is_a_suite_or_a_suite_error(content: dict[str, Any]) -> None:
    message = "mine.yaml: "
    try:
        parse_suite({"suite": "s", **content}, "mine.yaml")
    except SuiteError as error:
        message = str(error)

    assert message.startswith("mine.yaml: ")


@pytest.mark.parametrize(
    ("kind", "characters"),
    [
        ("digits", "0123456789"),
        ("letters", "abcdefghijklmnopqrstuvwxyz"),
        ("alphanumeric", "abcdefghijklmnopqrstuvwxyz0123456789"),
        ("hex", "0123456789abcdef"),
    ],
)
def test_an_alphabet_has_a_name(kind: str, characters: str) -> None:
    suite = parse_suite({"suite": "s", "prompt": {"key": {"kind": kind}}}, "test")

    assert suite.prompt.key.characters == characters


@pytest.mark.parametrize("alphabet", ["00", "aaaa", "a b", "a\t"])
def test_an_alphabet_without_a_choice_or_with_white_space_is_refused(alphabet: str) -> None:
    key = {"kind": "custom", "alphabet": alphabet}

    assert "two different characters, and no white space" in told(prompt={"key": key})


@pytest.mark.parametrize(
    "key", ["Haystack", "dict", "float", "x[0]", "[files]", "[key]", "list", "suite.name"]
)
def test_an_unknown_key_is_named_whatever_it_is_called(key: str) -> None:
    assert told(**{key: 1}).startswith("mine.yaml: ")
    assert "unknown key" in told(**{key: 1})


@pytest.mark.parametrize(
    ("haystack", "words"),
    [
        ({"fils": ["a"]}, "prompt.haystack.fils: unknown key (did you mean 'files'?)"),
        (
            {"url": "http://h/x", "sha": "0"},
            "prompt.haystack.sha: unknown key (did you mean 'sha256'?); allowed here: sha256, url",
        ),
        ({"url": "http://h/x", "sha256": "0"}, "prompt.haystack.sha256: got '0'"),
        ({"files": []}, "prompt.haystack.files: got []"),
        (["a.txt"], "prompt.haystack: got ['a.txt']; allowed are noise, prose, files: [PATH, ...]"),
        (True, "prompt.haystack: got True; allowed are noise"),
    ],
)
def test_only_the_haystack_that_was_meant_is_spoken_of(haystack: Any, words: str) -> None:
    message = told(prompt={"haystack": haystack})

    assert words in message
    assert len(message.splitlines()) == 1 + ("fils" in words)


@pytest.mark.parametrize(
    ("rope", "words"),
    [
        ("yarn", "got 'yarn'; allowed are native, a YaRN factor of 1 or more, and RoPE parameters"),
        (True, "got True; allowed are native"),
        (None, "got None; allowed are native"),
        (0.5, "got 0.5; Input should be greater than or equal to 1"),
        (float("nan"), "got nan"),
        (float("inf"), "got inf"),
        ({1: 2}, "variants.0.rope.1: got 1; Keys should be strings|valid string"),
    ],
)
def test_a_rope_that_is_none_is_told_of_in_one_line(rope: Any, words: str) -> None:
    message = told(variants=[{"name": "v", "rope": rope}])

    assert any(part in message for part in words.split("|"))
    assert message.startswith("mine.yaml: variants.0.rope")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("rope", [4, 1.0, {"rope_type": "yarn"}, {}])
@pytest.mark.parametrize("overrides", [{}, {"rope_theta": 1.0}])
def test_a_rope_and_overrides_of_ones_own_are_not_both_taken(rope: Any, overrides: Any) -> None:
    variant = {"name": "v", "rope": rope, "hf_overrides": overrides}

    assert told(variants=[variant]).endswith(
        "rope and hf_overrides both set the RoPE; give one of them"
    )


@pytest.mark.parametrize("rope", [{}, {"rope": "native"}])
def test_overrides_of_ones_own_go_with_the_checkpoints_rope(rope: dict[str, Any]) -> None:
    held = {"rope_parameters": {"factor": 4}, "anything": [None, True]}
    suite = parse_suite(
        {"suite": "s", "variants": [{"name": "v", "hf_overrides": held, **rope}]}, "test"
    )

    assert suite.variants[0].hf_overrides == held


@pytest.mark.parametrize("overrides", ["{}", [], 4])
def test_overrides_that_are_no_mapping_are_refused(overrides: Any) -> None:
    assert "variants.0.hf_overrides: got" in told(
        variants=[{"name": "v", "hf_overrides": overrides}]
    )


def test_nothing_is_allowed_unless_it_is_said() -> None:
    suite = parse_suite(
        {"suite": "s", "variants": [{"name": "a"}, {"name": "b", "allow": ["theta-lost"]}]}, "test"
    )

    assert [variant.allow for variant in suite.variants] == [[], ["theta-lost"]]
    assert "variants.0.allow: got 'all'" in told(variants=[{"name": "v", "allow": "all"}])


def test_a_mistake_of_the_whole_suite_does_not_print_the_whole_suite() -> None:
    assert told(variants=[{"name": "a"}, {"name": "a"}]) == (
        "mine.yaml: variants: the name 'a' stands twice"
    )


def test_drawing_needs_haystacks_that_are_new() -> None:
    gate = {"floor": 0.9, "until": "decided"}

    said = told(prompt={"haystacks": 3}, gate=gate)

    assert "prompt.haystacks: got 3; with gate.until: decided" in said
    assert "allowed are trial and repeat" in said
    for haystacks in ("trial", "repeat"):
        suite = parse_suite({"suite": "s", "prompt": {"haystacks": haystacks}, "gate": gate}, "F")
        assert suite.prompt.haystacks == haystacks
    fixed = parse_suite({"suite": "s", "prompt": {"haystacks": 3}, "gate": {"floor": 0.9}}, "F")
    assert fixed.prompt.haystacks == 3
