"""What runs and was not asked for is said, and so is what was asked for and does not run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Variant
from recallbench.engines.served_settings import NumberTypes, asked_types, differences

NOTHING = NumberTypes()
BF16 = NumberTypes(dtype="bfloat16", kv_cache_dtype="bfloat16")


def variant(*arguments: str, **keys: str) -> Variant:
    return Variant(
        name="arm",
        model="smollm2-135m",
        engine_args=arguments,
        quantization=keys.get("quantization"),
        kv_cache_dtype=keys.get("kv_cache_dtype"),
        dtype=keys.get("dtype"),
    )


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        (NOTHING, BF16),
        (NumberTypes(dtype="bfloat16"), BF16),
        (NumberTypes(dtype="half"), NumberTypes(dtype="float16", kv_cache_dtype="float16")),
        (
            NumberTypes(kv_cache_dtype="fp8"),
            NumberTypes(dtype="bfloat16", kv_cache_dtype="fp8_e4m3"),
        ),
        (
            NumberTypes(quantization="fp8"),
            NumberTypes(dtype="bfloat16", kv_cache_dtype="bfloat16", quantization="fp8"),
        ),
        (
            NumberTypes(kv_cache_dtype="fp8"),
            NumberTypes(dtype="bfloat16", kv_cache_dtype="fp8, fp8_e4m3"),
        ),
        # vLLM names the kernel it runs a method with.
        (NumberTypes(quantization="awq"), NumberTypes(dtype="float16", quantization="awq_marlin")),
        (NumberTypes(quantization="gptq"), NumberTypes(dtype="float16", quantization="auto_gptq")),
    ],
)
def test_what_runs_as_asked_is_not_spoken_of(asked: NumberTypes, served: NumberTypes) -> None:
    assert differences(asked, served) == ()


def test_an_fp8_kv_cache_that_the_checkpoint_brings_is_said() -> None:
    served = NumberTypes(dtype="bfloat16", kv_cache_dtype="fp8", quantization="compressed-tensors")

    assert differences(NOTHING, served) == (
        (
            "weights are quantized (compressed-tensors) although --quantization was not given: the "
            "checkpoint's quantization_config brings it"
        ),
        (
            "KV cache is fp8_e4m3 although it was not asked for: the checkpoint's "
            "quantization_config brings it; kv_cache_dtype: bfloat16 would keep it in bfloat16"
        ),
    )


def test_an_fp8_kv_cache_of_a_model_without_quantization_is_vllm_s_choice() -> None:
    served = NumberTypes(dtype="bfloat16", kv_cache_dtype="fp8_ds_mla")

    assert differences(NOTHING, served) == (
        "KV cache is fp8_ds_mla although it was not asked for: vLLM chose it for this model",
    )


@pytest.mark.parametrize(
    ("asked", "served", "sentence"),
    [
        (
            NumberTypes(kv_cache_dtype="fp8"),
            BF16,
            "KV cache is bfloat16 although fp8 was asked for",
        ),
        (
            NumberTypes(kv_cache_dtype="fp8"),
            NumberTypes(dtype="bfloat16", kv_cache_dtype="bfloat16, fp8"),
            "KV cache is bfloat16 and fp8_e4m3 although fp8 was asked for",
        ),
        (
            NumberTypes(kv_cache_dtype="bfloat16"),
            NumberTypes(dtype="bfloat16", kv_cache_dtype="fp8_e5m2"),
            "KV cache is fp8_e5m2 although bfloat16 was asked for",
        ),
        (
            NumberTypes(quantization="fp8"),
            BF16,
            "quantization fp8 was asked for, and none is in force",
        ),
        (
            NumberTypes(quantization="awq"),
            NumberTypes(dtype="float16", quantization="moe_wna16"),
            "quantization awq was asked for, and moe_wna16 is in force",
        ),
        (
            NumberTypes(dtype="float16"),
            BF16,
            "dtype float16 was asked for, and bfloat16 is in force",
        ),
    ],
)
def test_what_does_not_run_as_asked_is_said_once(
    asked: NumberTypes, served: NumberTypes, sentence: str
) -> None:
    assert differences(asked, served) == (sentence,)


@given(st.builds(NumberTypes, quantization=st.none() | st.just("fp8"), dtype=st.just("half")))
def test_of_what_was_not_read_back_nothing_is_said(asked: NumberTypes) -> None:
    assert differences(asked, NOTHING) == ()


def test_a_kv_cache_that_is_not_told_apart_is_not_spoken_of() -> None:
    assert differences(NOTHING, NumberTypes(dtype="bfloat16", kv_cache_dtype="auto")) == ()
    assert differences(NOTHING, NumberTypes(dtype="bfloat16")) == ()


@pytest.mark.parametrize(
    ("asked", "types"),
    [
        (variant(), NOTHING),
        (variant(kv_cache_dtype="fp8"), NumberTypes(kv_cache_dtype="fp8")),
        (variant(kv_cache_dtype="auto", dtype="auto"), NOTHING),
        (variant("--kv-cache-dtype=fp8"), NumberTypes(kv_cache_dtype="fp8")),
        (
            variant("--kv_cache_dtype", "fp8", "-q", "awq"),
            NumberTypes(quantization="awq", kv_cache_dtype="fp8"),
        ),
        # Of an option given twice vLLM takes the last, and the variant's own arguments are last.
        (variant("--dtype=half", dtype="bfloat16"), NumberTypes(dtype="half")),
        (variant("--dtype=half", "--dtype", "float32"), NumberTypes(dtype="float32")),
        (variant("--kv-cache-dtype=auto", kv_cache_dtype="fp8"), NOTHING),
        (variant("--kv-cache-dtype"), NOTHING),
    ],
)
def test_the_last_of_keys_and_arguments_is_what_is_asked(
    asked: Variant, types: NumberTypes
) -> None:
    assert asked_types(asked) == types
