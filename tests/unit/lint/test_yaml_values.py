from __future__ import annotations

import pytest

from recallbench.lint.found import Word, texts
from recallbench.lint.yaml_tree import Branch, read_documents
from recallbench.lint.yaml_values import (
    environment_of,
    expanded,
    image_of,
    interpolated,
    model_of,
    option_words,
    plain_value,
    words_of,
)


def branch(text: str) -> Branch:
    (tree,) = read_documents(text)
    assert isinstance(tree, Branch)
    return tree


@pytest.mark.parametrize(
    "text",
    [
        "env: {A: 1, B: x}",
        "env: [A=1, B=x]",
        "env: [{name: A, value: 1}, {name: B, value: x}]",
        "env: {A: {value: 1, description: d}, B: x}",
    ],
)
def test_variables_are_written_in_four_ways(text: str) -> None:
    found = environment_of(branch(text).get("env"))

    assert {name: word.text for name, word in found.items()} == {"A": "1", "B": "x"}


def test_a_variable_from_elsewhere_is_not_known() -> None:
    found = environment_of(branch("env: [{name: A, valueFrom: {x: y}}]").get("env"))

    assert found == {"A": Word("${A}", 1)}


@pytest.mark.parametrize(
    "text",
    [
        "image: a/b:1",
        "image: {repository: a/b, tag: '1'}",
        "{repository: a/b, tag: 1}",
    ],
)
def test_an_image_is_written_in_three_ways(text: str) -> None:
    assert image_of(branch(text)) == Word("a/b:1", 1)


@pytest.mark.parametrize(
    "text",
    [
        "model: m/n",
        "modelURL: m/n",
        "model: {name: m/n}",
        "model_loading_config: {model_id: q, model_source: m/n}",
    ],
)
def test_a_model_is_written_in_many_ways(text: str) -> None:
    assert model_of(branch(text)) == Word("m/n", 1)


def test_options_in_any_spelling_become_words() -> None:
    text = (
        "maxModelLen: 5\nmax-num-seqs: 6\nenforce_eager: true\nenableChunkedPrefill: false\n"
        "hf_overrides: {a: 1.5}\ndtype:\nempty: ''\nextraArgs: [--x, y]\nnested: {a: 1}\n"
    )

    assert texts(option_words(branch(text))) == [
        "--max-model-len=5",
        "--max-num-seqs=6",
        "--enforce-eager",
        "--no-enable-chunked-prefill",
        '--hf-overrides={"a": 1.5}',
        "--dtype",
        "--empty",
        "--x",
        "y",
    ]


def test_compose_fills_in_defaults_and_leaves_the_rest_unknown() -> None:
    word = interpolated(Word("${A:-1} ${B-2} $C ${D} $$E $${F:-3} ${G:?no}", 1))

    assert word.text == "1 2 ${{ C }} ${{ D }} $E ${F:-3} ${{ G }}"


def test_kubernetes_fills_in_what_the_container_has() -> None:
    assert expanded(Word("$(A) $(B)", 1), {"A": Word("1", 1)}).text == "1 $(B)"


def test_words_are_a_text_or_a_list() -> None:
    assert texts(words_of(branch("a: --x 'y z'").get("a"))) == ["--x", "y z"]
    assert texts(words_of(branch("a: [--x, 'y z']").get("a"))) == ["--x", "y z"]
    assert words_of(branch("a: {b: c}").get("a")) == []


def test_plain_values() -> None:
    assert plain_value(branch("a: [1, 'b', {c: 1.5}]")) == {"a": [1, "b", {"c": 1.5}]}
