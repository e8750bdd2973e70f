from __future__ import annotations

import pytest

from recallbench.lint.python_code import read_python


@pytest.mark.parametrize(
    "code",
    [
        "from vllm import LLM\nLLM('m/n', max_model_len=5)",
        "import vllm\nllm = vllm.LLM(model='m/n', max_model_len=5)",
        "LLM(model='m/n', max_model_len=5)",
        "from vllm import AsyncEngineArgs\nAsyncEngineArgs('m/n', max_model_len=5)",
        "from vllm import EngineArgs as E, LLM\nclass A:\n    x = LLM('m/n', max_model_len=5)",
        "async def f():\n    return LLM('m/n', **{'max_model_len': 5})",
        "kw = dict(max_model_len=5)\nLLM('m/n', **kw)",
        "LLMConfig(model_loading_config=dict(model_id='m/n'), engine_kwargs={'max_model_len': 5})",
        "VLLM(model='m/n', vllm_kwargs={'max_model_len': 5})",
        "!pip install vllm\nLLM('m/n', max_model_len=5)",
    ],
)
def test_an_engine_is_found(code: str) -> None:
    (launch,) = read_python(code).launches

    assert (launch.deployment.model, launch.deployment.max_model_len) == ("m/n", 5)


@pytest.mark.parametrize(
    "code",
    [
        "from litellm import LLM\nLLM('m/n', max_model_len=5)",
        "import sglang\nsglang.LLM('m/n')",
        "class LLM: pass\nLLM('m/n')",
        "'''LLM(model='m/n')'''",
        "# LLM('m/n')",
        "def f(x: 'LLM') -> LLM: ...",
        "LLM()",
        "VLLM(model='m/n')",
        "print(",
    ],
)
def test_what_is_no_engine_of_vllm_is_none(code: str) -> None:
    found = read_python(code)

    assert (found.launches, found.complaints) == ((), ())


def test_what_is_made_at_run_time_is_unread_and_what_is_wrong_malformed() -> None:
    code = "LLM(args.m, max_model_len=n, hf_overrides=lambda c: c, dtype=1, **more)"

    (launch,) = read_python(code).launches

    assert launch.deployment.unread == ("arguments", "hf_overrides", "max_model_len", "model")
    assert list(launch.deployment.malformed) == ["dtype"]


def test_settings_that_are_written_out_elsewhere_keep_their_lines() -> None:
    code = "KW = {\n  'dtype': 'half',\n  'max_model_len': 5,\n}\nLLM(\n  'm',\n  **KW,\n)"

    (launch,) = read_python(code).launches

    assert dict(launch.lines) == {"dtype": 2, "max_model_len": 3, "model": 6}
    assert launch.line == 5


def test_code_that_is_no_python_is_told_if_it_seems_to_start_vllm() -> None:
    (complaint,) = read_python("x = 1\nprint 'a'\nLLM('m')").complaints

    assert complaint.line == 2


def test_requirements_in_code_are_pins() -> None:
    code = "image.pip_install(\n  'vllm==0.9.0',\n  'torch>=2')"

    assert [(pin.version, pin.line) for pin in read_python(code).pins] == [("0.9.0", 2)]
