from __future__ import annotations

import pytest

from recallbench.lint.command import found_in_script, found_in_words
from recallbench.lint.found import Word

ARGUMENTS = "m/n --max-model-len 5"
STARTS = [
    "vllm serve",
    "/opt/venv/bin/vllm serve",
    "exec vllm serve",
    "nohup env A=1 B=2 vllm serve",
    "sudo -E time vllm serve",
    "CUDA_VISIBLE_DEVICES=0 vllm serve",
    "uv run --with vllm vllm serve",
    "poetry run vllm serve",
    "srun -N1 vllm serve",
    "torchrun --nproc 2 -m vllm.entrypoints.openai.api_server --model",
    "numactl -m 0 vllm serve",
    "python -m vllm.entrypoints.openai.api_server --model",
    "python3.11 -u -m vllm.entrypoints.api_server --model",
    "python3 /srv/vllm/entrypoints/openai/api_server.py --model",
    "python -m vllm.entrypoints.cli.main serve",
    "apptainer exec --nv vllm.sif vllm serve",
    "$LAUNCH vllm serve",
    "docker run --gpus all -it vllm/vllm-openai --model",
    "sudo podman run -d --rm -p 8000:8000 registry.example.com/vllm/vllm-openai:latest --model",
    "nerdctl run my/vllm --model",
    "docker run $IMAGE --model",
    "docker run --entrypoint vllm some/image serve",
    "docker run some/image vllm serve",
    "docker exec -it box vllm serve",
    "kubectl exec pod -- vllm serve",
    "vllm run-batch --model",
    "vllm bench throughput --model",
    "if x; then vllm serve",
]


@pytest.mark.parametrize("start", STARTS)
def test_vllm_is_found_whatever_stands_before_it(start: str) -> None:
    (launch,) = found_in_script(f"\n{start} {ARGUMENTS}").launches

    assert (launch.deployment.model, launch.deployment.max_model_len) == ("m/n", 5)
    assert launch.line == 2


@pytest.mark.parametrize(
    "line",
    [
        "echo vllm serve m/n",
        "grep -r 'vllm serve m/n' .",
        "sudo pkill -f 'vllm serve m/n'",
        "# vllm serve m/n",
        "vllm serve --help",
        "vllm chat --model m/n",
        "vllm bench serve --model m/n",
        "pip install vllm",
        "docker pull vllm/vllm-openai:v0.8.5",
        "docker run vllm/vllm-openai bash",
        "docker run registry.example.net/ggml-org/llama.cpp:server --model m.gguf --ctx-size 5",
        "docker run lmsysorg/sglang --model-path m/n --context-length 5",
    ],
)
def test_what_only_names_vllm_starts_none(line: str) -> None:
    assert found_in_script(line).launches == ()


@pytest.mark.parametrize(
    "line",
    [
        "sh -c 'vllm serve m/n'",
        'sudo bash -lc "cd /srv && vllm serve m/n"',
        "ssh host 'vllm serve m/n &'",
        "tmux new -d -s x 'vllm serve m/n'",
        "eval 'vllm serve m/n'",
        "docker run --entrypoint bash some/vllm -c 'vllm serve m/n'",
        "ssh host bash <<EOF\nvllm serve m/n\nEOF",
    ],
)
def test_scripts_inside_of_commands_are_read(line: str) -> None:
    assert [launch.deployment.model for launch in found_in_script(line).launches] == ["m/n"]


def test_docker_hands_on_what_it_is_told_and_nothing_else() -> None:
    script = (
        "export A=1 B=2\n"
        "docker run -e A -e C=3 --env D=4 --env=E=5 -eF=6 -e NO v/vllm:1 --model m\n"
    )

    (launch,) = found_in_script(script).launches

    assert launch.deployment.env == {"A": "1", "C": "3", "D": "4", "E": "5", "F": "6"}
    assert launch.lines["A"] == 1


def test_secrets_are_left_out() -> None:
    (launch,) = found_in_script("HF_TOKEN=hf_x VLLM_API_KEY=y A=1 vllm serve m").launches

    assert launch.deployment.env == {"A": "1"}
    assert launch.deployment.unread == ()


def test_an_option_that_became_a_command_is_told() -> None:
    found = found_in_script("vllm serve m \\ \n  --max-model-len 5\n")

    assert [(item.line, "--max-model-len" in item.why) for item in found.complaints] == [(2, True)]


def test_an_open_quote_in_a_start_is_told_and_elsewhere_not() -> None:
    assert found_in_script("vllm serve m --hf-overrides '{}\n").complaints[0].line == 1
    assert found_in_script("echo it's\n" + "\n" * 20 + "vllm serve m").complaints == ()


def test_heredocs_come_back_by_the_name_of_their_language() -> None:
    script = (
        "cat > a.yaml <<E\nvllm: 1\nE\npython - <<E\nimport vllm\nE\n"
        "kubectl apply -f - <<E\nvllm: 2\nE\ncat <<E\nhello\nE\n"
    )

    embedded = found_in_script(script).embedded

    assert [(item.name, item.line) for item in embedded] == [
        ("a.yaml", 2),
        ("script.py", 5),
        ("manifest.yaml", 8),
    ]


def test_nesting_without_end_is_no_crash() -> None:
    words = [Word(text, 1) for _ in range(3000) for text in ("docker", "run", "a")]

    assert found_in_words(words).launches == ()
