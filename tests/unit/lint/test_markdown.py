from __future__ import annotations

import pytest

from recallbench.lint.markdown import read_markdown
from recallbench.lint.text import read_text


@pytest.mark.parametrize(
    "text",
    [
        "```bash\nvllm serve m/n --max-model-len 5\n```",
        "```\nvllm serve m/n --max-model-len 5\n```",
        "~~~sh\n$ vllm serve m/n --max-model-len 5\noutput isn't read\n~~~",
        "> ```bash\n> vllm serve m/n --max-model-len 5\n> ```",
        "``` {.bash}\nvllm serve m/n --max-model-len 5\n```",
        "```python\nLLM('m/n', max_model_len=5)\n```",
        "```\nllm = LLM('m/n', max_model_len=5)\n```",
        "```pycon\n>>> LLM('m/n',\n...     max_model_len=5)\n'out'\n```",
        "```yaml\nimage: x\nargs: [--model=m/n, --max-model-len=5]\n```",
        "```dockerfile\nFROM x\nCMD vllm serve m/n --max-model-len 5\n```",
        "```ini\nExecStart=vllm serve m/n --max-model-len 5\n```",
        '<syntaxhighlight lang="python">\nLLM("m/n", max_model_len=5)\n</syntaxhighlight>',
        "<pre>\nvllm serve m/n --max-model-len 5\n</pre>",
        ".. code-block:: bash\n   :caption: x\n\n   vllm serve m/n --max-model-len 5\n\nend",
        "So:\nn = {\n  'a': 5,\n}['a']\nk = 5\n\nllm = LLM(\n  'm/n', max_model_len=k)\nand on.",
        "```bash\nvllm serve m/n --max-model-len 5",
    ],
)
def test_an_engine_is_found_in_any_block(text: str) -> None:
    (invocation,) = read_text(f"Title\n\n{text}\n", "a.md").invocations

    assert (invocation.deployment.model, invocation.deployment.max_model_len) == ("m/n", 5)


@pytest.mark.parametrize(
    "text",
    [
        "Use `vllm serve m/n --max-model-len 5` for it.",
        "```json\n{'a': 'vllm serve m/n --max-model-len 5'}\n```",
        "```bash\n# vllm serve m/n --max-model-len 5\n```",
        "```bash\n--max-model-len 5\n```",
        "```console\n$ cat start.sh\nvllm serve m/n --max-model-len 5\n```",
        "A call LLM('m/n', max_model_len=5) in a sentence.",
        "llm = LLM(and this is no code",
    ],
)
def test_what_is_only_spoken_of_is_none(text: str) -> None:
    reading = read_text(text, "a.md")

    assert (reading.invocations, reading.unparsed) == ((), ())


def test_blocks_come_back_with_their_lines() -> None:
    text = "a\n```sh\nb\n```\n```py\nc\n```\n\n```yaml\nd\n```"

    assert [(item.name, item.text, item.line) for item in read_markdown(text).embedded] == [
        ("block.sh", "b", 3),
        ("block.py", "c", 6),
        ("block.yaml", "d", 10),
    ]


def test_calls_that_are_never_closed_do_not_take_forever() -> None:
    assert len(read_markdown("llm = LLM(\n" * 500).complaints) == 1
