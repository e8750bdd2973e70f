"""The command line goes over the suite, and what cannot go together is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recallbench.errors import SuiteError
from recallbench.suite import Options, SuiteFile, suite_with

TWO = """
suite: two
model: m
variants: [{name: a, lengths: [8]}, {name: b}]
grid: {lengths: [8, 9]}
"""


@pytest.fixture
def two(tmp_path: Path) -> str:
    (tmp_path / "two.yaml").write_text(TWO, encoding="utf-8")
    return str(tmp_path / "two.yaml")


def names(suite: SuiteFile) -> list[str]:
    return [variant.name for variant in suite.variants]


def test_a_bare_model_gets_the_default_grid_and_one_variant() -> None:
    suite = suite_with(Options(model="Qwen/Qwen3-8B", factor=4))

    assert suite.suite == "recall"
    assert suite.model == "Qwen/Qwen3-8B"
    assert suite.grid.lengths is None
    assert suite.grid.depths == [0, 0.25, 0.5, 0.75, 1]
    assert suite.grid.trials == 5
    assert names(suite) == ["yarn4"]
    assert suite.variants[0].rope == 4.0


def test_each_option_goes_over_the_suites_key(two: str) -> None:
    suite = suite_with(
        Options(
            suite=two,
            model="other",
            tokenizer="t",
            lengths=(300, 200, 300),
            depths=(1.0, 0.0),
            trials=7,
            seed=9,
            haystack="noise",
            concurrency=3,
            engine_args=("--enforce-eager",),
        )
    )

    assert (suite.model, suite.tokenizer, suite.seed) == ("other", "t", 9)
    assert (suite.grid.lengths, suite.grid.depths) == ([200, 300], [0.0, 1.0])
    assert suite.grid.trials == 7
    assert suite.prompt.haystack == "noise"
    assert suite.engine.concurrency == 3
    assert suite.engine.args == ["--enforce-eager"]
    assert [variant.lengths for variant in suite.variants] == [None, None]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("files:a.txt,b.txt", {"files": ["a.txt", "b.txt"]}),
        ("https://h/x.txt", {"url": "https://h/x.txt", "sha256": None}),
        ("url:https://h/x.txt", {"url": "https://h/x.txt", "sha256": None}),
        ("prose", "prose"),
    ],
)
def test_a_haystack_is_named_in_one_word(text: str, kept: Any) -> None:
    suite = suite_with(Options(model="m", haystack=text))

    assert suite.model_dump(mode="json")["prompt"]["haystack"] == kept


def test_variants_are_chosen_by_name(two: str) -> None:
    assert names(suite_with(Options(suite=two, variants=("b",)))) == ["b"]


def test_a_factor_stretches_the_chosen_variant_and_keeps_the_rest_of_it(two: str) -> None:
    suite = suite_with(Options(suite=two, variants=("a",), factor=2.5))

    assert names(suite) == ["yarn2.5"]
    assert suite.variants[0].rope == 2.5
    assert suite.variants[0].lengths == [8]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"suite": None}, "no model given"),
        ({"factor": 4.0}, r"several \(a, b\)"),
        ({"hf_overrides": "{}"}, r"--hf-overrides set the RoPE of one variant.*\(a, b\)"),
        ({"variants": ("a",), "factor": 4.0, "hf_overrides": "{}"}, "both set the RoPE; give one"),
        ({"variants": ("c",)}, "--variant c: the suite has a, b"),
        ({"endpoint": "http://h/v1"}, r"one serving configuration.*a, b"),
        ({"haystack": "poems"}, "poems"),
    ],
)
def test_what_cannot_be_is_refused(two: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SuiteError, match=words):
        suite_with(Options(**{"suite": two, **options}))


def test_overrides_of_ones_own_replace_the_chosen_variants_rope(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "suite: s\nmodel: m\nvariants: [{name: a, rope: 4, max_model_len: 9}, {name: b}]\n",
        encoding="utf-8",
    )
    overrides = '{"rope_parameters": {"rope_type": "yarn", "factor": 4}}'

    suite = suite_with(Options(suite=str(path), variants=("a",), hf_overrides=overrides))

    (variant,) = suite.variants
    assert (variant.name, variant.rope, variant.max_model_len) == ("overrides", "native", 9)
    assert variant.hf_overrides == {"rope_parameters": {"rope_type": "yarn", "factor": 4}}


def test_a_factor_replaces_overrides_that_the_suite_has(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "suite: s\nmodel: m\nvariants: [{name: a, hf_overrides: {rope_theta: 1.0}}]\n",
        encoding="utf-8",
    )

    (variant,) = suite_with(Options(suite=str(path), factor=2)).variants

    assert (variant.name, variant.rope, variant.hf_overrides) == ("yarn2", 2.0, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{rope_theta: 1}", r"--hf-overrides: '\{rope_theta: 1\}' is not JSON .*mind the quotes"),
        ('{"rope_theta": 1', r"is not JSON \(Expecting .* line 1 column 17"),
        ("", "is not JSON"),
        ("[1]", r"--hf-overrides: '\[1\]' is no JSON object; such as"),
        ("4", "is no JSON object"),
        ("null", "is no JSON object"),
    ],
)
def test_overrides_that_are_no_json_object_are_refused_with_what_was_typed(
    text: str, words: str
) -> None:
    with pytest.raises(SuiteError, match=words):
        suite_with(Options(model="m", hf_overrides=text))


def test_what_is_allowed_is_added_to_every_variants_own_once(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "suite: s\nmodel: m\nvariants: [{name: a, allow: [theta-lost]}, {name: b}]\n",
        encoding="utf-8",
    )

    suite = suite_with(Options(suite=str(path), allow=("rope-mismatch", "theta-lost")))

    assert [variant.allow for variant in suite.variants] == [
        ["theta-lost", "rope-mismatch"],
        ["rope-mismatch", "theta-lost"],
    ]
    kept = suite_with(Options(suite=str(path)))
    assert [variant.allow for variant in kept.variants] == [["theta-lost"], []]


def test_an_endpoint_needs_no_model_and_keeps_the_suites_settings_of_it(tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    path.write_text("suite: e\nendpoint: {url: 'http://a/v1', api: chat}\n", encoding="utf-8")

    suite = suite_with(Options(suite=str(path), endpoint="http://b/v1"))

    assert suite.endpoint is not None
    assert (suite.endpoint.url, suite.endpoint.api) == ("http://b/v1", "chat")
    assert suite_with(Options(endpoint="http://b/v1")).model is None


def test_named_trials_are_asked_alone_and_without_a_gate(tmp_path: Path) -> None:
    """A few chosen trials must not be taken for a verdict."""
    path = tmp_path / "s.yaml"
    path.write_text("suite: s\nmodel: m\ngate: {floor: 0.9}\n", encoding="utf-8")
    names = ("L100-D0-R0-0123456789", "L100-D1-R3-0123456789")

    chosen = suite_with(Options(suite=str(path), trial_names=names))
    whole = suite_with(Options(suite=str(path)))

    assert (chosen.grid.only, chosen.gate) == (list(names), None)
    assert whole.grid.only is None
    assert whole.gate is not None


def test_the_shipped_gate_wants_a_model_or_a_server() -> None:
    with pytest.raises(SuiteError, match="no model given"):
        suite_with(Options(suite="gate"))

    assert suite_with(Options(suite="gate", model="m")).gate is not None
    assert suite_with(Options(suite="gate", endpoint="http://h/v1")).gate is not None


def test_the_baseline_cannot_be_left_out_of_the_chosen_variants(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "suite: s\nmodel: m\nvariants: [{name: bf16}, {name: fp8}]\n"
        "gate: {baseline: {variant: bf16}}\n",
        encoding="utf-8",
    )

    assert names(suite_with(Options(suite=str(path), variants=("bf16",)))) == ["bf16"]
    with pytest.raises(SuiteError, match=r"gate\.baseline\.variant: got 'bf16'.*fp8"):
        suite_with(Options(suite=str(path), variants=("fp8",)))
