from __future__ import annotations

import pytest

from recallbench.lint.found import Word
from recallbench.lint.image import dotted_cuda, is_vllm_server, pins_of_image


@pytest.mark.parametrize(
    ("image", "versions"),
    [
        ("vllm/vllm-openai:v0.8.5", {"vllm": "0.8.5"}),
        ("registry.example.com/vllm/vllm-openai:v0.8.5.post1", {"vllm": "0.8.5.post1"}),
        ("vllm/vllm-openai:v0.11.0-x86_64", {"vllm": "0.11.0"}),
        ("vllm/vllm-openai:v0.12.0-cu129", {"vllm": "0.12.0", "cuda": "12.9"}),
        ("vllm/vllm-openai:v0.11.1rc3", {"vllm": "0.11.1rc3"}),
        ("vllm/vllm-openai:v0.10.1.1", {"vllm": "0.10.1.1"}),
        ("mirror.local:5000/vllm-openai:v0.9.1", {"vllm": "0.9.1"}),
        ("vllm/vllm-openai:latest", {}),
        ("vllm/vllm-openai", {}),
        ("vllm/vllm-openai@sha256:00", {}),
        ("vllm/vllm-openai:nightly-0123abc", {}),
        ("lmcache/vllm-openai:v0.3.1", {}),
        ("rocm/vllm:rocm6.3.1_vllm_0.8.5_20250513", {"vllm": "0.8.5"}),
        ("registry.example.org/nvidia/vllm:25.09-py3", {}),
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", {"cuda": "12.4.1"}),
        ("pytorch/pytorch:2.4.0-cuda12.4-cudnn9-devel", {"torch": "2.4.0", "cuda": "12.4"}),
        ("python:3.11", {}),
    ],
)
def test_a_tag_tells_versions(image: str, versions: dict[str, str]) -> None:
    assert versions == {pin.package: pin.version for pin in pins_of_image(Word(image, 3))}


def test_a_server_is_known_by_its_name() -> None:
    assert is_vllm_server("vllm/vllm-openai:v1")
    assert not is_vllm_server("ollama/ollama")


def test_cuda_is_written_with_a_dot() -> None:
    assert [dotted_cuda("124"), dotted_cuda("130"), dotted_cuda("12.4.1")] == [
        "12.4", "13.0", "12.4.1",
    ]  # fmt: skip
