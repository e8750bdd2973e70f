from __future__ import annotations

import pytest

from recallbench.lint.keyword_settings import (
    Unknown,
    are_engine_settings,
    is_unknown,
    read_settings,
    snake_case,
)


@pytest.mark.parametrize(
    "name", ["maxModelLen", "max-model-len", "--max-model-len", "max_model_len", "MaxModelLen"]
)
def test_all_spellings_are_one_name(name: str) -> None:
    assert snake_case(name) == "max_model_len"


def test_typed_values_are_read_as_engine_args_take_them() -> None:
    read = read_settings({
        "model": "m",
        "max_model_len": "131072",
        "tensor_parallel_size": "four",
        "gpu_memory_utilization": 1,
        "rope_theta": 10**6,
        "hf_overrides": '{"a": 1}',
        "enforce_eager": "true",
        "enable_chunked_prefill": 1,
        "dtype": None,
        "seed": 5,
    })  # fmt: skip

    assert read.settings == {
        "model": "m",
        "max_model_len": 131072,
        "gpu_memory_utilization": 1.0,
        "rope_theta": 1e6,
        "enforce_eager": True,
    }
    assert sorted(read.malformed) == [
        "enable_chunked_prefill", "hf_overrides", "tensor_parallel_size",
    ]  # fmt: skip


def test_what_is_not_known_is_unread_however_deep() -> None:
    read = read_settings(
        {"hf_overrides": {"a": [Unknown()]}, "dtype": "{dtype}", "arguments": Unknown()}
    )

    assert read.unread == ("arguments", "dtype", "hf_overrides")


def test_a_value_with_too_many_pieces_is_not_known() -> None:
    value: list[object] = []
    for _ in range(60):
        value = [value, value]

    assert is_unknown(value)


def test_one_key_will_do_where_vllm_is_spoken_of() -> None:
    assert are_engine_settings(["maxModelLen"], is_sure=True)
    assert not are_engine_settings(["maxModelLen"], is_sure=False)
    assert are_engine_settings(["maxModelLen", "max-num-seqs"], is_sure=False)
    assert are_engine_settings(["hf-overrides"], is_sure=False)
    assert not are_engine_settings(["model", "dtype"], is_sure=True)
