"""What a user reads when a suite is wrong: file, key, what was got, what is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recallbench.errors import SuiteError
from recallbench.suite import SuiteFile, differing_keys, load_suite, parse_suite
from recallbench.suite.loading import shipped_suites
from recallbench.suite.schema import FilesHaystack
from support.stored_runs import stored_run

OF_ANY_MODEL = {"gate", "ladder"}
"""Shipped suites that take their model from the command line."""


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("suite: s\nmodle: m\n", ["modle: unknown key", "did you mean 'model'", "variants"]),
        (
            "suite: s\ngrid: {lenghts: [8]}\n",
            ["grid.lenghts: unknown key", "'lengths'", "depths, lengths, only, trials"],
        ),
        (
            "suite: s\nvariants: [{name: a, ropes: 4}]\n",
            ["variants.0.ropes: unknown key", "'rope'"],
        ),
        ("model: m\n", ["suite: this key is required"]),
        ("suite: 'a/b'\n", ["suite: got 'a/b'"]),
        ("suite: s\ngrid: {lengths: []}\n", ["grid.lengths", "[]"]),
        ("suite: s\ngrid: {lengths: [0]}\n", ["grid.lengths.0: got 0", "greater than"]),
        ("suite: s\ngrid: {lengths: [8, 8]}\n", ["grid.lengths", "stands here twice"]),
        ("suite: s\ngrid: {lengths: ['8k']}\n", ["grid.lengths.0: got '8k'", "integer"]),
        ("suite: s\ngrid: {depths: [50]}\n", ["grid.depths.0: got 50", "less than or equal to 1"]),
        ("suite: s\ngrid: {trials: 0}\n", ["grid.trials: got 0"]),
        ("suite: s\nprompt: {needle: 'The key.'}\n", ["prompt.needle", "{key}"]),
        ("suite: s\nprompt: {question: '{key}?'}\n", ["prompt.question", "given away"]),
        ("suite: s\nprompt: {haystack: poems}\n", ["prompt.haystack: got 'poems'", "noise, prose"]),
        ("suite: s\nprompt: {haystack: {url: ftp://x}}\n", ["prompt.haystack.url", "ftp://x"]),
        ("suite: s\nprompt: {key: {alphabet: ab}}\n", ["prompt.key", "kind: custom"]),
        ("suite: s\nprompt: {key: {length: 3}}\n", ["prompt.key.length: got 3"]),
        ("suite: s\nprompt: {thinking: maybe}\n", ["prompt.thinking: got 'maybe'", "'off'"]),
        ("suite: s\nendpoint: {url: 'http://me:pw@host/v1'}\n", ["endpoint.url"]),
        ("suite: s\nvariants: [{name: a}, {name: a}]\n", ["'a' stands twice"]),
        (
            "suite: s\ngrid: {lengths: [8]}\nvariants: [{name: a, lengths: [9]}]\n",
            ["a has the length 9", "[8]"],
        ),
        ("suite: s\nsuite: t\n", ["'suite' stands twice", "line 2"]),
        ("suite: [\n", ["cannot be read as YAML"]),
        ("suite: 2024-13-45\n", ["cannot be read as YAML", "month"]),
        ("suite: !!python/name:os.system\n", ["cannot be read as YAML", "constructor"]),
        ("? [a]\n: b\n", ["cannot be read as YAML", "unhashable"]),
        (
            "suite: s\nvariants: [{name: a, rope: yarn}]\n",
            ["variants.0.rope: got 'yarn'", "factor"],
        ),
        ("suite: s\nHaystack: noise\n", ["Haystack: unknown key"]),
        ("- suite\n", ["a mapping of keys", "list"]),
        ("", ["a mapping of keys", "NoneType"]),
    ],
)
def test_a_wrong_suite_is_told_of_with_file_and_key(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(SuiteError) as caught:
        load_suite(path)

    told = str(caught.value)
    assert told.startswith(path)
    assert [word for word in words if word not in told] == []


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "suite: s\nmodle: m\ngrid: {trials: 0, lengths: [-1]}\n")

    with pytest.raises(SuiteError) as caught:
        load_suite(path)

    assert len(str(caught.value).splitlines()) == 3


def test_a_suite_that_is_no_utf8_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"suite: \xff\n")

    with pytest.raises(SuiteError, match="cannot be read"):
        load_suite(str(tmp_path / "mine.yaml"))


@pytest.mark.parametrize("name", sorted(shipped_suites()))
def test_each_shipped_suite_is_sound_and_named_as_its_file(name: str) -> None:
    suite = load_suite(name)

    assert suite.suite == name
    assert suite.model or name in OF_ANY_MODEL
    assert suite.description


def test_the_shipped_gate_is_drawn_until_its_floors_are_settled() -> None:
    gate = load_suite("gate").gate

    assert gate is not None
    assert gate.floor == {32000: 0.99, 64000: 0.93, 128000: 0.85}
    assert gate.until == "decided"


def test_a_suite_of_the_working_folder_goes_before_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "smoke").write_text("suite: own\nmodel: m\n", encoding="utf-8")

    assert load_suite("smoke").suite == "own"


def test_haystack_files_are_meant_from_the_suites_folder(tmp_path: Path) -> None:
    path = written(tmp_path, "suite: s\nprompt: {haystack: {files: [a.txt, /b.txt]}}\n")

    haystack = load_suite(path).prompt.haystack

    assert isinstance(haystack, FilesHaystack)
    assert haystack.files == [str(tmp_path.resolve() / "a.txt"), "/b.txt"]


@pytest.mark.parametrize(("word", "thinking"), [("on", "on"), ("off", "off"), ("'on'", "on")])
def test_yamls_own_booleans_are_the_words_that_stand_there(
    tmp_path: Path, word: str, thinking: str
) -> None:
    suite = load_suite(written(tmp_path, f"suite: s\nprompt: {{thinking: {word}}}\n"))

    assert suite.prompt.thinking == thinking


def test_parts_of_a_suite_may_be_merged_as_yaml_does_it(tmp_path: Path) -> None:
    text = "suite: s\nvariants:\n- &a {name: a, rope: 4}\n- {<<: *a, name: b}\n"

    suite = load_suite(written(tmp_path, text))

    assert [(variant.name, variant.rope) for variant in suite.variants] == [("a", 4.0), ("b", 4.0)]


def test_a_name_that_is_nearly_a_shipped_suites_is_asked_about() -> None:
    with pytest.raises(
        SuiteError, match=r"suite smok: no such file.*did you mean 'smoke'.*shipped"
    ):
        load_suite("smok")


def test_numbers_may_be_written_without_a_point() -> None:
    suite = parse_suite(
        {"suite": "s", "grid": {"depths": [0, 1]}, "variants": [{"name": "a", "rope": 4}]}, "x"
    )

    assert suite.grid.depths == [0.0, 1.0]
    assert suite.variants[0].rope == 4.0


@pytest.mark.parametrize(
    "content",
    [
        {"suite": "s"},
        {"suite": "s", "variants": [{"name": "a", "rope": {"rope_type": "linear", "factor": 2}}]},
        {"suite": "s", "prompt": {"haystack": {"url": "https://h/x", "sha256": "0" * 64}}},
        {"suite": "s", "prompt": {"key": {"kind": "custom", "alphabet": "ab"}}},
        {"suite": "s", "endpoint": {"url": "http://h:1/v1"}},
    ],
)
def test_what_is_kept_of_a_suite_is_the_same_suite(content: dict[str, Any]) -> None:
    suite = parse_suite(content, "x")

    assert parse_suite(suite.model_dump(mode="json"), "run.json") == suite


def test_differing_keys_are_named_with_both_values() -> None:
    def dumped(**changes: Any) -> dict[str, Any]:
        variants = [{"name": "a"}, {"name": "b", **changes.pop("b", {})}]
        form = SuiteFile.model_validate({"suite": "s", "variants": variants, **changes})
        return form.model_dump(mode="json")

    assert differing_keys(dumped(), dumped()) == []
    assert differing_keys(
        dumped(seed=1, b={"rope": 2.0}, grid={"lengths": [8]}),
        dumped(seed=2, b={"rope": 4.0}, grid={"lengths": [8, 9]}),
    ) == [
        "grid.lengths: [8] in the run, [8, 9] now",
        "seed: 1 in the run, 2 now",
        "variants[b].rope: 2.0 in the run, 4.0 now",
    ]


def test_a_runs_folder_is_named_for_its_suite(tmp_path: Path) -> None:
    folder = stored_run(tmp_path / "run", {"v": []}, gate={"floor": {1000: 0.9}})

    suite = load_suite(str(folder))

    assert suite.suite == "stored"
    assert suite.gate is not None
    assert suite.gate.floor == {1000: 0.9}


def test_paths_in_a_runs_suite_are_whole_already(tmp_path: Path) -> None:
    folder = stored_run(tmp_path / "run", {"v": []}, gate={"baseline": {"run": "/old/run"}})

    gate = load_suite(str(folder)).gate

    assert gate is not None
    assert gate.baseline is not None
    assert gate.baseline.run == "/old/run"


def test_a_folder_without_a_run_is_no_suite(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no such file, and no shipped suite"):
        load_suite(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ("{}", "a mapping of keys; got NoneType"),
        ("[1]", "a mapping of keys; got list"),
    ],
)
def test_a_damaged_run_is_told_of(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")

    with pytest.raises(SuiteError, match=rf"run\.json: .*{words}"):
        load_suite(str(tmp_path))


@pytest.mark.parametrize(("run", "kept"), [("../old", "{beside}/old"), ("/abs/old", "/abs/old")])
def test_a_baselines_folder_is_meant_from_the_suites_folder(
    tmp_path: Path, run: str, kept: str
) -> None:
    suites = tmp_path / "suites"
    suites.mkdir()
    path = written(suites, f"suite: s\ngate: {{floor: 0.9, baseline: {{run: {run}}}}}\n")

    gate = load_suite(path).gate

    assert gate is not None
    assert gate.baseline is not None
    assert gate.baseline.run == kept.format(beside=tmp_path.resolve())
    assert gate.floor == 0.9
