"""Real servers, started once for the whole session: vLLM, and transformers' own."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from recallbench.domain import Variant
from recallbench.engines.embedded_model import CACHE_VARIABLE
from recallbench.engines.opened import LocalStart, vllm_command
from recallbench.engines.vllm_process import ServerFacts, VllmServer

CONTEXT = 2048
ROOT = Path(__file__).parents[2]
QUANTIZER = Path(sys.prefix, "quantize", "bin", "python")
"""The Python that has llm-compressor, made by ``scripts/environment quantize``."""


@pytest.fixture(scope="session")
def vllm(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerFacts]:
    """vLLM's server on the embedded model, as recallbench itself starts it."""
    start = LocalStart(
        variant=Variant(name="native", model="smollm2-135m", engine_args=("--enforce-eager",)),
        model_path=str(checkpoint),
        hf_overrides=None,
        max_model_len=CONTEXT,
        kv_cache_gib=1,
        log_path=tmp_path_factory.mktemp("vllm") / "server.log",
        start_timeout_s=600,
        request_timeout_s=600,
    )
    with asyncio.Runner() as runner:
        server = runner.run(
            VllmServer.start(
                vllm_command(start), start.log_path, on_progress=lambda _: None, timeout_s=600
            )
        )
        yield server.facts
        runner.run(server.stop())


@pytest.fixture(scope="session")
def transformers_server(checkpoint: Path) -> Iterator[str]:
    """``transformers serve``, a server program that is not vLLM's; its base URL."""
    program = Path(sys.executable).with_name("transformers")
    process = subprocess.Popen(
        [program, "serve", "--host", "127.0.0.1", "--port", "0", "--device", "cpu", checkpoint],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"},
    )
    assert process.stderr
    for line in process.stderr:
        found = re.search(r"running on (http://\S+)", line)
        if found:
            break
    else:
        raise AssertionError("transformers serve did not come up")
    yield f"{found[1]}/v1"
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture(scope="session")
def quantized_home(checkpoint: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the 4-bit checkpoint where the shipped suites look for it."""
    assert QUANTIZER.exists(), f"{QUANTIZER} is missing: run scripts/environment quantize"
    assert checkpoint.parent == cache
    home = tmp_path_factory.mktemp("home")
    made = subprocess.run(
        [
            QUANTIZER,
            ROOT / "scripts" / "quantize_embedded.py",
            home / ".cache" / "recallbench" / "smollm2-135m-w4a16",
        ],
        env={**os.environ, CACHE_VARIABLE: str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return home
