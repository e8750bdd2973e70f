from __future__ import annotations

import pytest

from recallbench.lint.python_code import read_python

MODULE = "vllm.entrypoints.openai.api_server"


@pytest.mark.parametrize(
    "code",
    [
        "run(['vllm', 'serve', 'm/n', '--max-model-len', '5'])",
        "cmd = ['vllm', 'serve', 'm/n']\ncmd += ['--max-model-len', '5']",
        "cmd = ['vllm', 'serve', 'm/n']\ncmd.append('--max-model-len')\ncmd.append(str(5))",
        "cmd = ['vllm', 'serve'] + ['m/n', '--max-model-len=5']",
        "B = ['vllm', 'serve']\nrun([*B, 'm/n', '--max-model-len=5'])",
        f"A = ['--model=m/n', '--max-model-len=5']\nrun([sys.executable, '-m', '{MODULE}', *A])",
        "os.system('vllm serve m/n --max-model-len 5')",
        "n = 5\nsubprocess.Popen(f'vllm serve m/n --max-model-len {n}', shell=True)",
        "shlex.split('A=1 vllm serve m/n --max-model-len 5')",
        "CMD = '''\nexport A=1\nvllm serve m/n \\\\\n  --max-model-len 5\n'''",
        "def f():\n    return ['vllm', 'serve', 'm/n', '--max-model-len', '5']",
    ],
)
def test_a_command_is_found(code: str) -> None:
    (launch,) = read_python(code).launches

    assert (launch.deployment.model, launch.deployment.max_model_len) == ("m/n", 5)


@pytest.mark.parametrize(
    "code",
    [
        "print('vllm serve m/n --max-model-len 5')",
        "raise ValueError('vllm serve m/n --max-model-len 5')",
        "'''vllm serve m/n --max-model-len 5'''",
        "x = 'use vllm serve m/n --max-model-len 5'",
        "x = 'vllm serve failed'",
        "parser.add_argument('--x', help='vllm serve')",
    ],
)
def test_a_message_is_no_command(code: str) -> None:
    assert read_python(code).launches == ()


def test_options_that_may_be_added_are_unread() -> None:
    code = "c = ['vllm', 'serve', 'm']\nif x:\n    c += ['--dtype', 'half']\nc.extend(more)"

    (launch,) = read_python(code).launches

    assert launch.deployment.unread == ("arguments", "dtype")


def test_the_environment_of_the_call_belongs_to_the_command() -> None:
    code = (
        "import os, subprocess\nos.environ['A'] = '1'\n"
        "c = ['vllm', 'serve', 'm']\nsubprocess.run(c, env=dict(os.environ, B='2'))\n"
        "subprocess.run(['vllm', 'serve', 'n'], env={'C': '3'})"
    )

    environments = [launch.deployment.env for launch in read_python(code).launches]

    assert environments == [{"A": "1", "B": "2"}, {"A": "1", "C": "3"}]


def test_lines_are_inside_of_the_text() -> None:
    code = "\nos.system('cd x\\nvllm serve m --dtype half')\n"

    (launch,) = read_python(code).launches

    assert (launch.line, launch.lines["dtype"]) == (2, 2)
