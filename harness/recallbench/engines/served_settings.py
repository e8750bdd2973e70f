"""What a variant asked of number types, held against what its engine says it runs.

Guarantees a sentence for each setting that differs from what was asked, and for each that nobody
asked for: a checkpoint's ``quantization_config`` may bring an FP8 KV cache along, without a word in
the command line. Knows nothing of how good a number type is, and says nothing of what was not read
back. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recallbench.domain import Variant

# vLLM's own second names: STR_DTYPE_TO_TORCH_DTYPE in vllm/utils/torch_utils.py and _STR_DTYPE in
# vllm/config/model.py, 0.26 and 0.32.
_SAME = {"fp8": "fp8_e4m3", "half": "float16", "float": "float32"}
_LEFT_OPEN = "auto"
# What stands around a method's name where vLLM runs it with a kernel of its choice: awq_marlin in
# 0.26, auto_awq in 0.32.
_KERNEL_WORDS = ("auto_", "_marlin")
_OPTIONS = (("--quantization", "-q"), ("--kv-cache-dtype",), ("--dtype",))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTypes:
    """How an engine keeps its numbers, in vLLM's words; asked for or read back."""

    quantization: str | None = None
    """Method of the weights; None is none asked for, or none in force."""
    kv_cache_dtype: str | None = None
    """Number type of the KV cache; of unlike layers all of them, with commas between."""
    dtype: str | None = None
    """Number type of activations and of weights that are not quantized."""


def asked_types(variant: Variant) -> NumberTypes:
    """What a variant asks for; its ``engine_args`` win over its keys, the last one over all.

    ``auto`` asks for nothing.
    """
    own = (variant.quantization, variant.kv_cache_dtype, variant.dtype)
    typed = (_typed(variant.engine_args, options) for options in _OPTIONS)
    asked = (last or first for first, last in zip(own, typed, strict=True))
    weights, kv_cache, dtype = (None if word == _LEFT_OPEN else word for word in asked)
    return NumberTypes(quantization=weights, kv_cache_dtype=kv_cache, dtype=dtype)


def differences(asked: NumberTypes, served: NumberTypes) -> tuple[str, ...]:
    """Sentences for what is served and was not asked for, or was asked for and is not served.

    Args:
        asked: of ``asked_types``.
        served: as read back in the worker; without a ``dtype`` nothing was read, and nothing is
            said.
    """
    if served.dtype is None:
        return ()
    return (*_of_weights(asked, served), *_of_kv_cache(asked, served), *_of_dtype(asked, served))


def _of_weights(asked: NumberTypes, served: NumberTypes) -> Iterator[str]:
    wanted, found = asked.quantization, served.quantization
    if wanted is None and found is not None:
        yield (
            f"weights are quantized ({found}) although --quantization was not given: the "
            "checkpoint's quantization_config brings it"
        )
    elif wanted is not None and (found is None or _method(wanted) != _method(found)):
        yield f"quantization {wanted} was asked for, and {found or 'none'} is in force"


def _of_kv_cache(asked: NumberTypes, served: NumberTypes) -> Iterator[str]:
    told = (served.kv_cache_dtype or _LEFT_OPEN).split(", ")
    found = sorted({_one_name(name) for name in told})
    if _LEFT_OPEN in found:
        return
    kept = " and ".join(found)
    wanted = _one_name(asked.kv_cache_dtype or served.dtype or "")
    if found == [wanted]:
        return
    if asked.kv_cache_dtype is not None:
        yield f"KV cache is {kept} although {asked.kv_cache_dtype} was asked for"
    elif served.quantization is not None:
        yield (
            f"KV cache is {kept} although it was not asked for: the checkpoint's "
            f"quantization_config brings it; kv_cache_dtype: {wanted} would keep it in {wanted}"
        )
    else:
        yield f"KV cache is {kept} although it was not asked for: vLLM chose it for this model"


def _of_dtype(asked: NumberTypes, served: NumberTypes) -> Iterator[str]:
    wanted, found = asked.dtype, served.dtype
    if wanted and found and _one_name(wanted) != _one_name(found):
        yield f"dtype {wanted} was asked for, and {found} is in force"


def _one_name(dtype: str) -> str:
    return _SAME.get(dtype, dtype)


def _method(quantization: str) -> str:
    for word in _KERNEL_WORDS:
        quantization = quantization.replace(word, "")
    return quantization


def _typed(arguments: Sequence[str], options: Sequence[str]) -> str | None:
    """The last value that the user's arguments give one of the options."""
    value = None
    for place, argument in enumerate(arguments):
        given, equals, joined = argument.partition("=")
        if given.replace("_", "-") in options:
            value = joined if equals else next(iter(arguments[place + 1 : place + 2]), None)
    return value
