"""Exact versions of vLLM, torch and CUDA that requirements and installing commands ask for.

Guarantees: a range is no pin; a local version such as ``+cu124`` names CUDA and is
cut off, another one such as ``+cpu`` stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from recallbench.lint.found import Pin, Word, texts
from recallbench.lint.image import dotted_cuda

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*(?P<operator>={1,3}|@)\s*(?P<rest>[^;,#\s]+)\s*"
    r"(?:[;#].*)?"
)
_VERSION = re.compile(
    r"v?(\d+\.\d+(?:\.\d+)*(?:\.?(?:post|rc|dev|a|b)\d+)*)(?:\+(?P<local>[\w.]+))?"
)
_WHEEL = re.compile(r"(?:^|/)(vllm|torch)-(\d[\w.+%]*?)-cp3\d")
_CUDA_INDEX = re.compile(r"(?:^|[/=+-])cu(1[0-9]\d)(?!\d)")
_PACKAGES: Mapping[str, str] = {
    "vllm": "vllm",
    "torch": "torch",
    "pytorch": "torch",
    "pytorch-cuda": "cuda",
    "cuda-version": "cuda",
    "cudatoolkit": "cuda",
    "cuda-toolkit": "cuda",
}
_INSTALLERS = frozenset({"pip", "pip3", "uv", "conda", "mamba", "micromamba", "poetry", "pdm"})
_INSTALL_VERBS = frozenset({"install", "add", "create"})
_INDEX_OPTIONS = ("--index-url", "--extra-index-url", "-i", "--find-links", "-f", "--torch-backend")


def pins_of_requirement(word: Word) -> Iterator[Pin]:
    """The pins that one requirement, address of a wheel or conda match asks for."""
    wheel = _WHEEL.search(word.text)
    if wheel:
        yield from _pins(wheel[1], wheel[2].replace("%2B", "+"), word.line)
        return
    match = _REQUIREMENT.fullmatch(word.text.strip().strip("\"'"))
    package = _PACKAGES.get(match["name"].lower()) if match else None
    if match and package:
        # conda's ``name=1.2=build``
        version = match["rest"].partition("=")[0] if match["operator"] == "=" else match["rest"]
        yield from _pins(package, version, word.line)


def pins_of_command(words: Sequence[Word]) -> Iterator[Pin]:
    """The pins of a command that installs, or runs with, packages."""
    plain = texts(words)
    programs = [text.rpartition("/")[2] for text in plain]
    installs = bool(_INSTALLERS & set(programs)) and bool(_INSTALL_VERBS & set(plain))
    for index, word in enumerate(words):
        before = plain[index - 1] if index else ""
        if installs or before == "--with" or word.text.startswith("--with="):
            requirement = Word(word.text.removeprefix("--with="), word.line)
            yield from pins_of_requirement(requirement)
        if installs and (before in _INDEX_OPTIONS or word.text.startswith(_INDEX_OPTIONS)):
            yield from pins_of_index(word)


def pins_of_index(word: Word) -> Iterator[Pin]:
    """CUDA's version in the address of a package index."""
    match = _CUDA_INDEX.search(word.text)
    if match:
        yield Pin(package="cuda", version=dotted_cuda(match[1]), line=word.line)


def agreed(pins: Iterable[Pin]) -> dict[str, Pin]:
    """The first pin of each package that is pinned to one version only."""
    first: dict[str, Pin] = {}
    disputed: set[str] = set()
    for pin in pins:
        known = first.setdefault(pin.package, pin)
        # 12.4 and 12.4.1 say the same.
        longer, shorter = sorted((known.version, pin.version), key=len, reverse=True)
        if longer != shorter and not longer.startswith(shorter + "."):
            disputed.add(pin.package)
    return {package: pin for package, pin in first.items() if package not in disputed}


def _pins(package: str, text: str, line: int) -> Iterator[Pin]:
    match = _VERSION.fullmatch(text)
    if match is None:
        return
    local = match["local"] or ""
    cuda = re.fullmatch(r"cu(1\d\d)", local)
    # A build such as +cpu is another one than the index's, so that it is kept.
    kept = f"{match[1]}+{local}" if local and not cuda else match[1]
    yield Pin(package=package, version=kept, line=line)
    if cuda and package != "cuda":
        yield Pin(package="cuda", version=dotted_cuda(cuda[1]), line=line)
