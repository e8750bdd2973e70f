"""What a user reads when something is wrong, and the exit codes that CI depends on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recallbench.__main__ import run

HEAVY = ("torch", "vllm", "transformers", "pandas", "matplotlib", "scipy", "openai", "pydantic")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], ["no model given", "recallbench run smoke", "--endpoint"]),
        (["run", "smok"], ["suite smok", "did you mean 'smoke'", "yarn-smollm2"]),
        (["run", "--resume", "nowhere"], ["nowhere", "no run here", "run.json"]),
        (["report", "nowhere"], ["nowhere", "no run here"]),
        (["plan", "smoke", "--length", "eight"], ["'eight' is no token count"]),
        (["plan", "smoke", "--depths", "50"], ["50 is no depth", "0 is first"]),
        (["plan", "smoke", "--trials", "0"], ["trials", "x>=1"]),
        (["plan", "smoke", "--variant", "yarn"], ["--variant yarn", "native"]),
        (["plan", "smoke", "--haystack", "poems"], ["poems", "prose"]),
        (["plan", "smoke", "--no-such"], ["No such option"]),
        (["pln"], ["No such command"]),
        (["run", "smoke", "--endpoint", "localhost:8000"], ["endpoint.url", "localhost:8000"]),
        (["plan", "--model", "no/such/folder"], ["no/such/folder", "hub"]),
        (["plan", "yarn-smollm2", "--endpoint", "http://x/v1"], ["one serving configuration"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_input_exits_with_2_and_says_what_to_do(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2

    told = capsys.readouterr().err
    assert [word for word in words if word not in told] == []
    assert "Traceback" not in told


@pytest.mark.usefixtures("checkpoint")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--length", "100"], ["length 100", "take", "ask for", "or more"]),
        (["--length", "9000"], ["9,000", "8,192", "--factor"]),
        (["--haystack", "files:missing.txt"], ["missing.txt", "cannot be read"]),
        (["--haystack", "http://127.0.0.1:9/x"], ["127.0.0.1:9", "cannot be fetched", "files:"]),
        (["--engine-arg=--port=8000"], ["--port", "free port"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_impossible_plan_exits_with_2_and_the_numbers(
    arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", "smoke", *arguments]) == 2

    told = capsys.readouterr().err
    assert [word for word in words if word not in told] == []


def test_an_endpoint_that_is_not_there_exits_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", "smoke", "--endpoint", "http://127.0.0.1:9/v1"]) == 3

    assert "no connection" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_help_loads_no_heavy_library() -> None:
    program = (
        "import sys; from recallbench.__main__ import run; run(['--help']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert told.stdout.splitlines()[-1] == "[]"
    assert "Exit codes:" in told.stdout
