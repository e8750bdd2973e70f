"""A reader of a history learns what changed, and nothing that was merely not known."""

from __future__ import annotations

from typing import Any

from recallbench.reports.page.setting_changes import changes, recipe_of, settings_of

FACTS: dict[str, Any] = {
    "recallbench": "0.2.0",
    "host": {"gpus": ["NVIDIA H200"]},
    "suite": {"seed": 1, "prompt": {"haystack": "prose"}, "answer": {"max_tokens": 16}},
    "prompts": {"tokenizer_fingerprint": "a" * 64, "haystack_sha256": "b" * 64},
}


def test_what_is_the_same_is_no_change() -> None:
    assert changes([{"vLLM": "0.26.0"}, {"vLLM": "0.26.0"}]) == ((), ())


def test_a_change_has_both_values_and_its_run() -> None:
    held = [{"vLLM": "0.26.0", "dtype": "bfloat16"}, {"vLLM": "0.32.0", "dtype": "bfloat16"}]

    assert changes(held) == ((), ("vLLM 0.26.0 -> 0.32.0",))


def test_a_run_that_knows_nothing_does_not_hide_a_change() -> None:
    held = [{"vLLM": "0.26.0"}, {}, {"vLLM": "0.32.0"}]

    assert changes(held) == ((), (), ("vLLM 0.26.0 -> 0.32.0",))


def test_what_is_known_for_the_first_time_is_no_change() -> None:
    assert changes([{}, {"vLLM": "0.32.0"}]) == ((), ())


def test_a_change_and_its_way_back_are_two() -> None:
    held = [{"seed": "1"}, {"seed": "2"}, {"seed": "1"}]

    assert changes(held) == ((), ("seed 1 -> 2",), ("seed 2 -> 1",))


def test_a_long_text_is_named_and_not_shown() -> None:
    held = [{"prompt.question": "a" * 100}, {"prompt.question": "b"}]

    assert changes(held)[1] == ("another prompt.question",)


def test_rope_parameters_are_told_where_the_name_of_the_rope_does_not_tell_them() -> None:
    four = {"RoPE": "yarn x4", "RoPE parameters": "factor 4.0"}
    odd = {"RoPE": "yarn x4", "RoPE parameters": "beta_fast 64, factor 4.0"}
    two = {"RoPE": "yarn x2", "RoPE parameters": "factor 2.0"}

    assert changes([four, odd])[1] == ("RoPE parameters factor 4.0 -> beta_fast 64, factor 4.0",)
    assert changes([four, two])[1] == ("RoPE yarn x4 -> yarn x2",)


def test_settings_have_what_was_asked_and_what_runs(run_entry: dict[str, Any]) -> None:
    run_entry |= {"engine_args": ["--enforce-eager"], "rope_parameters": {"factor": 4.0}}
    run_entry["engine"]["kind"] = "vllm"

    settings = settings_of(run_entry, FACTS)

    assert settings["vLLM"] == "0.12.0"
    assert settings["RoPE"] == "yarn x4, proved"
    assert settings["RoPE parameters"] == "factor 4.0"
    assert settings["KV cache dtype"] == "auto asked, bfloat16 runs"
    assert settings["engine arguments"] == "--enforce-eager"
    assert settings["GPU"] == "NVIDIA H200"
    assert settings["recallbench"] == "0.2.0"
    assert "attention" not in settings


def test_a_verdict_by_other_rules_is_told(run_entry: dict[str, Any]) -> None:
    held = [
        settings_of(run_entry, FACTS | {"suite": {"gate": {"floor": floor, "baseline": None}}})
        for floor in (0.8, 0.9)
    ]

    assert changes(held)[1] == ("gate.floor 0.8 -> 0.9",)


def test_an_engine_that_did_not_come_up_has_no_settings(run_entry: dict[str, Any]) -> None:
    run_entry["engine"] = None

    assert settings_of(run_entry, FACTS) == {}


def test_no_quantization_is_known_of_an_own_engine_and_not_of_an_endpoint(
    run_entry: dict[str, Any],
) -> None:
    run_entry["quantization"] = run_entry["engine"]["quantization"] = None

    assert "quantization" not in settings_of(run_entry, FACTS)
    run_entry["engine"]["kind"] = "vllm"
    assert settings_of(run_entry, FACTS)["quantization"] == "none"


def test_a_recipe_has_the_seed_the_prompt_and_what_it_was_made_of() -> None:
    assert recipe_of(FACTS) == {
        "seed": "1",
        "prompt.haystack": "prose",
        "answer.max_tokens": "16",
        "tokenizer": "a" * 64,
        "haystack": "b" * 64,
    }
