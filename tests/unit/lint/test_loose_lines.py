from __future__ import annotations

import pytest

from recallbench.lint.loose_lines import found_in_loose_lines


@pytest.mark.parametrize(
    "text",
    [
        "vllm serve m/n --max-model-len 5",
        "$ vllm serve m/n \\\n--max-model-len 5",
        "(venv) $ vllm serve m/n --max-model-len 5",
        "me@host:~$ vllm serve m/n --max-model-len 5",
        "A=1 sudo vllm serve m/n --max-model-len 5",
        "python -m vllm.entrypoints.openai.api_server --model m/n --max-model-len 5",
        "docker run --gpus all vllm/vllm-openai --model m/n --max-model-len 5",
        "export M=m/n\nand then\nvllm serve $M --max-model-len 5",
        "args:\n  - --model\n  - m/n\n  - --max-model-len\n  - 5\n",
        '  - "--model=m/n"\n  # why\n  - "--max-model-len=5"\n',
    ],
)
def test_a_command_on_lines_of_its_own_is_found(text: str) -> None:
    (launch,) = found_in_loose_lines(f"It's said:\n\n{text}\n\nand so on.").launches

    assert (launch.deployment.model, launch.deployment.max_model_len) == ("m/n", 5)


@pytest.mark.parametrize(
    "text",
    [
        "vllm serve is the command with --max-model-len as its option",
        "vllm serve m/n is what we run",
        "Use vllm serve m/n --max-model-len 5",
        "# vllm serve m/n --max-model-len 5",
        "The option --max-model-len 5 of vllm",
        "- --help\n- --version",
    ],
)
def test_a_sentence_is_none(text: str) -> None:
    assert found_in_loose_lines(text).launches == ()


def test_requirements_are_pins() -> None:
    assert [(pin.version, pin.line) for pin in found_in_loose_lines("so:\nvllm==0.8.5\n").pins] == [
        ("0.8.5", 2)
    ]
