"""Summaries of long documents, offline. Not: LLM(model="from/the-docstring")."""

import argparse
import os

os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")

from vllm import LLM

NATIVE = 32_768
FACTOR = 4.0
ROPE = dict(
    rope_type="yarn",
    factor=FACTOR,
    original_max_position_embeddings=NATIVE,
    rope_theta=1_000_000,
)


def engine(arguments: argparse.Namespace) -> LLM:
    target = int(NATIVE * FACTOR)
    return LLM(
        "Qwen/Qwen3-8B",
        hf_overrides={"rope_parameters": ROPE, "max_position_embeddings": target},
        max_model_len=target,
        tensor_parallel_size=arguments.gpus,
        gpu_memory_utilization=0.9,
    )
