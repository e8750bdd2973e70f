from __future__ import annotations

from recallbench.lint.engine_start import (
    are_server_arguments,
    launch_of_words,
    with_pins,
    with_variables,
)
from recallbench.lint.found import Launch, Pin, Word
from recallbench.preflight import Deployment


def words(*texts: str) -> list[Word]:
    return [Word(text, line) for line, text in enumerate(texts, start=10)]


def test_settings_keep_the_lines_of_their_options() -> None:
    launch = launch_of_words(
        words("m", "--max-model-len", "5"),
        line=9,
        environment={"A": Word("1", 2), "B": Word("$B", 3)},
        image=Word("vllm/vllm-openai:v0.9.0", 4),
    )

    assert launch == Launch(
        line=9,
        deployment=Deployment(
            model="m", max_model_len=5, env={"A": "1"}, unread=("B",), vllm_version="0.9.0"
        ),
        lines={"A": 2, "B": 3, "model": 10, "max_model_len": 11, "vllm_version": 4},
    )


def test_help_and_nothing_start_no_engine() -> None:
    assert launch_of_words(words("m", "--help=all"), line=1, environment={}) is None
    assert launch_of_words(words("--port", "1"), line=1, environment={}) is None


def test_an_engines_own_version_and_variables_win() -> None:
    launch = Launch(line=1, deployment=Deployment(vllm_version="0.9.0", env={"A": "1"}))
    pins = {
        "vllm": Pin(package="vllm", version="0.8.5", line=5),
        "torch": Pin(package="torch", version="2.4.0", line=6),
    }

    pinned = with_pins(with_variables(launch, {"A": Word("2", 7), "B": Word("3", 8)}), pins)

    assert pinned.deployment == Deployment(
        vllm_version="0.9.0", torch_version="2.4.0", env={"A": "1", "B": "3"}
    )
    assert pinned.lines == {"torch_version": 6, "B": 8}


def test_server_arguments_are_known_by_vllms_own_options() -> None:
    assert are_server_arguments(words("--model", "m", "--max_model_len=5"))
    assert not are_server_arguments(words("--model", "m", "--port", "1"))
