from __future__ import annotations

import pytest

from recallbench.lint.found import Pin, Word
from recallbench.lint.pins import agreed, pins_of_command, pins_of_requirement


@pytest.mark.parametrize(
    ("requirement", "versions"),
    [
        ("vllm==0.8.5", {"vllm": "0.8.5"}),
        ('"vllm==0.8.5"', {"vllm": "0.8.5"}),
        ("vllm[audio] == 0.8.5 ; python_version < '3.13'", {"vllm": "0.8.5"}),
        ("torch==2.4.0+cu124", {"torch": "2.4.0", "cuda": "12.4"}),
        ("torch==2.6.0+cpu", {"torch": "2.6.0+cpu"}),
        ("pytorch-cuda=12.4", {"cuda": "12.4"}),
        ("pytorch=2.4.0=py3.11_cuda12", {"torch": "2.4.0"}),
        ("https://h.example/vllm-0.6.3.post1+cu118-cp38-abi3-linux.whl",
         {"vllm": "0.6.3.post1", "cuda": "11.8"}),
        ("vllm>=0.8.5", {}),
        ("vllm~=0.8.5", {}),
        ("vllm==0.8.*", {}),
        ("vllm==$V", {}),
        ("vllm-flash-attn==2.6.0", {}),
        ("torchvision==0.19.0", {}),
    ],
)  # fmt: skip
def test_only_exact_versions_are_pins(requirement: str, versions: dict[str, str]) -> None:
    assert versions == {
        pin.package: pin.version for pin in pins_of_requirement(Word(requirement, 1))
    }


def pins(command: str) -> dict[str, str]:
    words = [Word(word, 1) for word in command.split()]
    return {pin.package: pin.version for pin in pins_of_command(words)}


def test_commands_that_install_pin() -> None:
    assert pins("uv pip install vllm==0.9.0 --torch-backend=cu128") == {
        "vllm": "0.9.0",
        "cuda": "12.8",
    }
    assert pins("python -m pip install torch==2.7.0 -i https://h.example/cu126") == {
        "torch": "2.7.0",
        "cuda": "12.6",
    }
    assert pins("uv run --with vllm==0.9.0 vllm serve m") == {"vllm": "0.9.0"}


def test_commands_that_do_not_install_pin_nothing() -> None:
    assert pins("echo vllm==0.9.0") == {}
    assert pins("pip download vllm==0.9.0") == {}


def test_a_package_pinned_to_two_versions_is_pinned_to_none() -> None:
    given = [
        Pin(package="vllm", version="0.8.5", line=1),
        Pin(package="cuda", version="12.4", line=2),
        Pin(package="vllm", version="0.9.0", line=3),
        Pin(package="cuda", version="12.4.1", line=4),
    ]

    assert agreed(given) == {"cuda": given[1]}
