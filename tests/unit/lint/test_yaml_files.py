from __future__ import annotations

import pytest

from recallbench.lint.yaml_files import read_yaml


@pytest.mark.parametrize(
    "text",
    [
        "image: vllm/vllm-openai\ncommand: --model m/n --max-model-len 5",
        "image: vllm/vllm-openai\ncommand: [--model, m/n, --max-model-len, '5']",
        "image: vllm/vllm-openai\nargs: [--model=m/n, --max-model-len=5]",
        "image: any/image\nargs: [--model=m/n, --max-model-len=5]",
        "image: x\ncommand: [vllm, serve]\nargs: [m/n, --max-model-len=5]",
        "image: x\ncommand: [sh, -c, vllm serve m/n --max-model-len 5]",
        "image: x\ncommand: [sh]\nargs: [-c, 'vllm serve m/n --max-model-len 5']",
        "build: .\nentrypoint: vllm serve\ncommand: m/n --max-model-len 5",
        "steps: [{run: vllm serve m/n --max-model-len 5}]",
        "script:\n- export M=m/n\n- vllm serve $M --max-model-len 5",
        "tasks:\n- ansible.builtin.shell: vllm serve m/n --max-model-len 5",
        "jobs: {a: {steps: [{run: {command: vllm serve m/n --max-model-len 5}}]}}",
        "vllm: {model: m/n, maxModelLen: 5}",
        "model: m/n\nmax-model-len: 5\ngpu-memory-utilization: 0.9",
        "model: m/n\nvllm:\n  extraArgs: [--max-model-len, 5]",
        "model: {name: m/n}\nvllmArgs: --max-model-len 5",
        '{"containers": [{"command": ["vllm", "serve", "m/n", "--max-model-len", "5"]}]}',
    ],
)
def test_an_engine_is_found_in_any_shape(text: str) -> None:
    (launch,) = read_yaml(text).launches

    assert (launch.deployment.model, launch.deployment.max_model_len) == ("m/n", 5)


@pytest.mark.parametrize(
    "text",
    [
        "image: vllm/vllm-openai",
        "image: nginx\nargs: [--model=m]",
        "run: echo vllm serve m/n",
        "description: run vllm serve m/n --max-model-len 5",
        "properties: {maxModelLen: {type: integer, description: of vllm}, dtype: {type: string}}",
        "# vllm\nvariants: [{name: a, model: m, max_model_len: 5, rope: native}]",
        "model: m\nmax_model_len: 5",
        "- vllm\n- 5",
        "vllm",
        "",
    ],
)
def test_what_is_no_engine_yields_nothing(text: str) -> None:
    found = read_yaml(text)

    assert (found.launches, found.complaints) == ((), ())


def test_variables_hold_for_what_stands_below_them() -> None:
    text = (
        "env: {A: 1, B: 1}\njobs:\n  x:\n    env: {B: 2}\n    steps:\n"
        "    - run: vllm serve m\n      env: {C: 3}\n    - run: vllm serve n\n"
    )

    environments = [launch.deployment.env for launch in read_yaml(text).launches]

    assert environments == [{"A": "1", "B": "2", "C": "3"}, {"A": "1", "B": "2"}]


def test_the_image_a_script_runs_in_tells_the_version() -> None:
    (launch,) = read_yaml("image: vllm/vllm-openai:v0.9.0\nscript: [vllm serve m]").launches

    assert launch.deployment.vllm_version == "0.9.0"


def test_lines_of_a_script_in_a_list_are_their_own() -> None:
    text = "script:\n- a\n\n- |\n  b\n  vllm serve m\n- vllm serve n"

    assert [launch.line for launch in read_yaml(text).launches] == [6, 7]


def test_what_an_anchor_repeats_is_found_once() -> None:
    text = "a: &a {run: vllm serve m}\nb: *a\n"

    assert len(read_yaml(text).launches) == 1


def test_files_in_a_config_map_come_back() -> None:
    (item,) = read_yaml("data:\n  start.sh: |\n    vllm serve m\n").embedded

    assert (item.name, item.text, item.line) == ("start.sh", "vllm serve m\n", 3)


def test_what_is_no_yaml_is_told_only_if_it_seems_to_hold_vllm() -> None:
    assert [item.line for item in read_yaml("vllm: [\n").complaints] == [2]
    assert read_yaml("max_model_len: [").complaints == ()


def test_kserves_names_for_the_model_are_known() -> None:
    (launch,) = read_yaml("args: [--model_id=m/n, --max_model_len=5]").launches

    assert launch.deployment.model == "m/n"


def test_a_billion_laughs_are_no_joke() -> None:
    rows = [
        "a0: &a0 [vllm]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)),
    ]

    assert read_yaml("\n".join(rows)).launches == ()
