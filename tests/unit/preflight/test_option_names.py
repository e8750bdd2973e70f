from __future__ import annotations

import pytest

from recallbench.preflight.option_names import is_flag, is_vllm_only, setting_of, takes_many


@pytest.mark.parametrize(
    ("option", "setting"),
    [
        ("--max-model-len", ("max_model_len", False)),
        ("--max-model", ("max_model_len", False)),
        ("--max", (None, False)),
        ("-tp", ("tensor_parallel_size", False)),
        ("--no-enforce-eager", ("enforce_eager", True)),
        ("--no-enable-prefix-caching", (None, True)),
        ("--model-loader-extra-config", (None, False)),
        ("--kv-cache-dtype-skip-layers", (None, False)),
    ],
)
def test_an_option_names_a_setting(option: str, setting: tuple[str | None, bool]) -> None:
    assert setting_of(option) == setting


def test_flags_take_no_word_and_lists_take_many() -> None:
    assert is_flag("--enable-auto-tool-choice")
    assert not is_flag("--port")
    assert takes_many("--lora-modules")


@pytest.mark.parametrize("word", ["--max_model_len=5", "--hf-overrides.a", "--max-num-seqs"])
def test_vllms_own_options_are_known(word: str) -> None:
    assert is_vllm_only(word)


@pytest.mark.parametrize(
    "word", ["--model", "--rope-scaling", "--ctx-size", "max-model-len", "-tp"]
)
def test_options_of_other_servers_are_not_taken_for_vllms(word: str) -> None:
    assert not is_vllm_only(word)
