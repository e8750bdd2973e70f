"""vLLM's options by name: which setting one is, and how many words it takes.

Source: the parsers of ``vllm serve``, 0.8.5 and 0.32.0. argparse takes a beginning of an option for
the option if no other begins so.
"""

from __future__ import annotations

_SHORT = {
    "-tp": "tensor_parallel_size",
    "-pp": "pipeline_parallel_size",
    "-q": "quantization",
}
_LONG = {
    "--model": "model",
    "--hf-overrides": "hf_overrides",
    "--rope-scaling": "rope_scaling",
    "--rope-theta": "rope_theta",
    "--max-model-len": "max_model_len",
    "--dtype": "dtype",
    "--kv-cache-dtype": "kv_cache_dtype",
    "--quantization": "quantization",
    "--tensor-parallel-size": "tensor_parallel_size",
    "--pipeline-parallel-size": "pipeline_parallel_size",
    "--gpu-memory-utilization": "gpu_memory_utilization",
    "--device-memory-utilization": "gpu_memory_utilization",
    "--max-num-batched-tokens": "max_num_batched_tokens",
    "--enable-chunked-prefill": "enable_chunked_prefill",
    "--enforce-eager": "enforce_eager",
}
_SHORTEST_BEGINNING = {
    "--hf-overrides": len("--hf-over"),
    "--max-model-len": len("--max-model"),
    "--tensor-parallel-size": len("--tensor-parallel"),
    "--pipeline-parallel-size": len("--pipeline-parallel"),
    "--gpu-memory-utilization": len("--gpu-memory"),
    "--max-num-batched-tokens": len("--max-num-batched"),
    "--enable-chunked-prefill": len("--enable-chunked"),
    "--quantization": len("--quantiz"),
}
_NEGATION = "--no-"
_FLAG_BEGINNINGS = ("--no-", "--enable-", "--disable-", "--enforce-", "--trust-", "--use-")
_FLAGS = frozenset({
    "-ep", "-h", "--help", "--async-scheduling", "--fully-sharded-loras",
    "--headless", "--language-model-only", "--mm-encoder-only", "--return-tokens-as-token-ids",
    "--skip-mm-profiling", "--skip-tokenizer-init", "--tokens-only",
})  # fmt: skip
_MANY = frozenset({
    "--allowed-media-domains", "--collect-detailed-traces", "--cudagraph-capture-sizes",
    "--ignore-patterns", "--logits-processors", "--lora-modules", "--prompt-adapters",
    "--served-model-name",
})  # fmt: skip
_VLLM_ONLY = frozenset({
    "--max-model-len", "--gpu-memory-utilization", "--hf-overrides", "--max-num-batched-tokens",
    "--max-num-seqs", "--enforce-eager", "--enable-chunked-prefill",
})  # fmt: skip


def setting_of(option: str) -> tuple[str | None, bool]:
    """The deployment's field that an option with hyphens sets, and whether it says no to it."""
    negated = option.startswith(_NEGATION)
    full = _full_name("--" + option.removeprefix(_NEGATION) if negated else option)
    return _SHORT.get(full) or _LONG.get(full), negated


def is_flag(option: str) -> bool:
    """Whether the option takes no value."""
    return option in _FLAGS or option.startswith(_FLAG_BEGINNINGS)


def takes_many(option: str) -> bool:
    """Whether the option takes all words up to the next option."""
    return option in _MANY


def is_vllm_only(word: str) -> bool:
    """Whether a word is an option that, among servers of language models, vLLM alone has."""
    name = word.partition("=")[0].partition(".")[0].replace("_", "-")
    return name.startswith("--") and _full_name(name) in _VLLM_ONLY


def _full_name(option: str) -> str:
    for full, length in _SHORTEST_BEGINNING.items():
        if len(option) >= length and full.startswith(option):
            return full
    return option
