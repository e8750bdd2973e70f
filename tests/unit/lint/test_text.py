from __future__ import annotations

from recallbench.lint.text import read_text
from recallbench.preflight import Deployment


def test_a_documents_reader_runs_one_block_after_the_other() -> None:
    text = (
        "```bash\nvllm serve a\nexport A=1\n```\n"
        "```python\nos.environ['B'] = '2'\n```\n```bash\nvllm serve b\n```\n"
    )

    environments = [item.deployment.env for item in read_text(text, "a.md").invocations]

    assert environments == [{}, {"A": "1", "B": "2"}]


def test_pins_of_a_file_hold_for_its_engines() -> None:
    text = "pip install vllm==0.9.0\nvllm serve a\ndocker run vllm/vllm-openai:v0.8.5 --model b\n"

    reading = read_text(text, "a.sh")

    assert [item.deployment.vllm_version for item in reading.invocations] == ["0.9.0", "0.8.5"]
    assert reading.invocations[0].lines["vllm_version"] == 1


def test_a_file_that_pins_vllm_and_starts_nothing_yields_its_versions() -> None:
    (item,) = read_text("torch==2.4.0\nvllm==0.8.5\n", "requirements.txt").invocations

    assert item.deployment == Deployment(vllm_version="0.8.5", torch_version="2.4.0")
    assert (item.line, dict(item.lines)) == (2, {"vllm_version": 2, "torch_version": 1})


def test_a_file_that_pins_no_vllm_yields_nothing() -> None:
    assert read_text("torch==2.4.0\n", "requirements.txt").invocations == ()


def test_texts_inside_of_texts_are_read_with_their_lines() -> None:
    text = "```bash\ncat > x.yaml <<E\nimage: x\nargs:\n- --model=m\n- --max-model-len=5\nE\n```\n"

    (item,) = read_text(text, "a.md").invocations

    assert (item.line, item.line_of("max_model_len"), item.line_of("nosuch")) == (5, 6, 5)


def test_a_file_without_a_kind_is_told_by_its_first_line() -> None:
    assert read_text("#!/bin/sh\nvllm serve m\n", "x").invocations
    assert read_text("#!/usr/bin/python3\nLLM('m')\n", "x").invocations
    assert read_text("```\nvllm serve m\n```", "x").invocations
