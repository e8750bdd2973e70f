"""Each known cause: told from the words it comes in, where no real log of it is at hand."""

from __future__ import annotations

import re

import pytest

from recallbench.engines.start_causes import RULES


def explain(text: str) -> str:
    return next(told for rule in RULES if (told := rule.explain(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RuntimeError: operator torchvision::nms does not exist", "pip uninstall torchvision"),
        ("ImportError: libcuda.so.1: cannot open shared object file: No such file", "no GPU"),
        ("RuntimeError: Failed to infer device type, please set", "no GPU"),
        ("RuntimeError: No CUDA GPUs are available", "no GPU"),
        ("AssertionError: Torch not compiled with CUDA enabled", "do not fit each other"),
        ("ModuleNotFoundError: No module named 'vllm._C'", "do not fit each other"),
        (
            "ImportError: x/vllm/_C.abi3.so: undefined symbol: _ZN3c104cuda9",
            "do not fit each other",
        ),
        ("RuntimeError: Failed to find C compiler. Please specify via CC", "--enforce-eager"),
        ("OSError: [Errno 28] No space left on device: '/x'", "disk is full"),
        ("vllm serve: error: unrecognized arguments: --no", "refuses its command line"),
        (
            (
                "ValueError: Quantization method specified in the model config (awq) does not "
                "match the quantization method specified in the `quantization` argument (fp8)."
            ),
            "quantized with awq, the variant asks for fp8",
        ),
        (
            "ValueError: gguf quantization is currently not supported in cpu.",
            "no quantization gguf",
        ),
        (
            (
                "ValueError: The quantization method modelopt is not supported for the current "
                "GPU. Minimum capability: 89. Current capability: 80."
            ),
            "modelopt needs a GPU of compute capability 89, this one has 80",
        ),
        ("NotImplementedError: FP8 KV cache on CPU requires x86 with AVX-512 or AMX.", "AVX-512"),
        (
            (
                "ValueError: Bfloat16 is only supported on GPUs with compute capability of at "
                "least 8.0. Your Tesla T4 GPU has compute capability 7.5."
            ),
            "dtype to half",
        ),
        ("ValueError: torch.bfloat16 is not supported for quantization method gptq.", "gptq"),
        (
            (
                "ValueError: To serve at least one request with the models's max seq len (131072), "
                "(18.00 GiB KV cache is needed, which is larger than the available KV cache memory "
                "(11.50 GiB). Based on the available memory, the estimated maximum model length is "
                "83728. Try increasing `gpu_memory_utilization`"
            ),
            "131072 tokens; 83728 would fit",
        ),
        (
            (
                "ValueError: To serve at least one request with the models's max seq len (131072), "
                "(18.00 GiB KV cache is needed, which is larger than the available KV cache memory "
                "(0.10 GiB). Try increasing `gpu_memory_utilization`"
            ),
            "needs 18.00 GiB of KV cache and there is 0.10 GiB",
        ),
        (
            (
                "ValueError: The model's max seq len (32768) is larger than the maximum number of "
                "tokens that can be stored in KV cache (14816). Try increasing"
            ),
            "32768 tokens; 14816 would fit",
        ),
        (
            (
                "ValueError: Free memory on device (12.5/139.8 GiB) on startup is less than "
                "desired GPU memory utilization (0.92, 128.6 GiB)."
            ),
            "12.5 of 139.8 GiB are free",
        ),
        (
            "ValueError: Free memory on device cuda:0 (12.5/139.8 GiB) on startup is less than",
            "12.5 of 139.8 GiB are free",
        ),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.16 GiB.", "too small"),
        (
            "ValueError: World size (8) is larger than the number of available GPUs (2) in this",
            "over 8 GPUs and there are 2",
        ),
        ("OSError: You are trying to access a gated repo.", "gated on the hub"),
        (
            (
                "OSError: nobody/nothing is not a local folder and is not a valid model identifier "
                "listed on the hub"
            ),
            "nobody/nothing is neither a folder here nor a model on the hub",
        ),
        (
            "OSError: /m/x does not appear to have a file named config.json. See",
            "has no config.json",
        ),
        ("consider setting `trust_remote_code=True` in LLM", "--trust-remote-code"),
        (
            "ValueError: Model architectures ['Mystery'] are not supported for now.",
            "architecture ['Mystery']",
        ),
    ],
)
def test_a_cause_is_told_from_its_words(text: str, expected: str) -> None:
    assert expected in explain(text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.pattern[:30])
def test_each_rule_can_be_put_into_words(rule: object) -> None:
    """Every brace of the text has a group in the pattern, and no group goes unused."""
    assert isinstance(rule, type(RULES[0]))
    named = set(re.compile(rule.pattern).groupindex)

    assert set(re.findall(r"\{(\w+)\}", rule.says)) == named
