from __future__ import annotations

from recallbench.lint.systemd import read_unit


def test_a_unit_starts_with_its_variables_wherever_they_stand() -> None:
    text = (
        "[Service]\nExecStart=-/usr/bin/env vllm serve $M \\\n  # a comment\n  --max-model-len=5\n"
        "Environment='M=a/b' \"N=c d\"\nEnvironment=O=%h\n"
    )

    (launch,) = read_unit(text).launches

    assert launch.deployment.model == "a/b"
    assert launch.deployment.env == {"M": "a/b", "N": "c d"}
    assert launch.deployment.unread == ("O",)
    assert (launch.line, launch.lines["max_model_len"], launch.lines["N"]) == (2, 4, 5)


def test_a_shell_in_a_unit_is_read() -> None:
    (launch,) = read_unit("ExecStart=/bin/bash -c 'exec vllm serve m/n > log'").launches

    assert launch.deployment.model == "m/n"


def test_a_comment_is_no_entry() -> None:
    assert read_unit("#ExecStart=vllm serve m/n\n; ExecStart=vllm serve m/n").launches == ()


def test_a_quadlets_container_keeps_vllms_first_option() -> None:
    (launch,) = read_unit("[Container]\nImage=vllm/vllm-openai:v0.9.0\nExec=--model m/n").launches

    assert (launch.deployment.model, launch.deployment.vllm_version) == ("m/n", "0.9.0")
