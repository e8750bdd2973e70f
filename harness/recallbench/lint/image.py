"""What a container image's name says: whether it serves with vLLM, and versions of the stack.

A tag is a version only where it is known to be vLLM's own: other vendors count their builds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from recallbench.lint.found import Pin, Word

_VLLM_TAG = re.compile(r"v?(\d+\.\d+\.\d+(?:\.\d+)?(?:\.post\d+|rc\d+)?)(?![\w.])")
_VLLM_IN_TAG = re.compile(r"vllm[-_]?v?(\d+\.\d+\.\d+)(?![\d.])")
_CUDA_IN_TAG = re.compile(r"(?:^|[-_])cu(?:da)?[-_]?(\d{2}\.\d(?:\.\d+)?|1[0-9]\d)(?!\d)")
_CUDA_TAG = re.compile(r"(\d{2}\.\d+(?:\.\d+)?)")
_TORCH_TAG = re.compile(r"(\d+\.\d+\.\d+)")
_SERVERS = re.compile(r"vllm-openai|vllm-cpu-release|vllm-tpu")
_OF_VLLM_PROJECT = re.compile(r"(^|/)vllm/[\w.-]+$|vllm-release-repo$|vllm-cpu-release-repo$")


def is_vllm_server(image: str) -> bool:
    """Whether the image's entry point is vLLM's server, so that its arguments are vLLM's."""
    return _SERVERS.search(_name_and_tag(image)[0]) is not None


def is_about_vllm(image: str) -> bool:
    """Whether the image may hold a vLLM at all."""
    return "vllm" in image.lower()


def pins_of_image(image: Word) -> Iterator[Pin]:
    """The versions that an image's tag names."""
    name, tag = _name_and_tag(image.text)
    base = name.rpartition("/")[2]
    vllm = _VLLM_TAG.match(tag) if _is_of_vllm(name) else _VLLM_IN_TAG.search(tag)
    if vllm:
        yield Pin(package="vllm", version=vllm[1], line=image.line)
    cuda = _CUDA_TAG.match(tag) if name.endswith("nvidia/cuda") else _CUDA_IN_TAG.search(tag)
    if cuda:
        yield Pin(package="cuda", version=dotted_cuda(cuda[1]), line=image.line)
    torch = _TORCH_TAG.match(tag) if base == "pytorch" else None
    if torch:
        yield Pin(package="torch", version=torch[1], line=image.line)


def dotted_cuda(version: str) -> str:
    """``12.4`` for ``124``; what has a dot stays as it is."""
    return version if "." in version else f"{version[:-1]}.{version[-1]}"


def _is_of_vllm(name: str) -> bool:
    is_mirror = name.endswith(("/vllm-openai", "vllm/vllm-openai")) or name == "vllm-openai"
    return bool(_OF_VLLM_PROJECT.search(name)) or (is_mirror and "lmcache" not in name)


def _name_and_tag(image: str) -> tuple[str, str]:
    plain = image.removeprefix("docker://").partition("@")[0].lower()
    name, colon, tag = plain.rpartition(":")
    # A colon before a slash belongs to the registry's port.
    return (plain, "") if not colon or "/" in tag else (name, tag)
