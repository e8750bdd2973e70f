"""Import weight is a promise: asking for help loads no heavy library."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "httpx", "httpx2", "matplotlib", "msgspec", "numpy", "openai", "pandas", "pydantic", "scipy",
    "tokenizers", "torch", "transformers", "vllm", "yaml",
}  # fmt: skip
LIMIT_S = 60
PROGRAM = """
import json, sys
from recallbench.__main__ import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nosuch"]])
def test_help_loads_no_heavy_library(arguments: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    code, loaded = json.loads(ended.stdout.splitlines()[-1])

    assert code == (2 if arguments == ["nosuch"] else 0)
    assert "click" in loaded
    assert HEAVY & set(loaded) == set()
