"""What all tests share: the user's state is left alone, the embedded model is built once.

Tests may run in several processes (``-n``, pytest-xdist): those share the cache and the cores.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from recallbench.engines.embedded_model import CACHE_VARIABLE, ensure_embedded_model
from support.sharing_out import ByServers

# Read once, when the hub's client is first imported: no test may look for a model on the network.
os.environ["HF_HUB_OFFLINE"] = "1"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Name of this process among several that share the tests, such as ``gw0``; empty for one alone."""
# The same examples at every run: a red test is about the change at hand. Look for new ones with
# --hypothesis-profile=default.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


def own_cores(worker: str, workers: int, cores: Sequence[int]) -> str:
    """The cores of one process among several, as vLLM's CPU build is told them.

    Left to itself every engine binds its threads to the same cores: two would share one.
    """
    number = int(worker.removeprefix("gw")) % workers
    own = cores[number::workers] or cores[number % len(cores) :][:1]
    return ",".join(map(str, own))


if WORKER:
    os.environ.setdefault(
        "VLLM_CPU_OMP_THREADS_BIND",
        own_cores(
            WORKER,
            int(os.environ["PYTEST_XDIST_WORKER_COUNT"]),
            sorted(os.sched_getaffinity(0)),
        ),
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServers:
    """Share the tests out so that what a file has started serves all its tests."""
    return ByServers(config, log)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of the whole session, of all its processes."""
    if not WORKER:
        return tmp_path_factory.mktemp("cache")
    folder = tmp_path_factory.getbasetemp().parent / "cache"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def checkpoint(cache: Path) -> Path:
    """The embedded model's checkpoint, really built from the package's GGUF."""
    return ensure_embedded_model(cache, lambda _: None)


@pytest.fixture(autouse=True)
def _own_state(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cache in the session's folder, home and working folder in the test's."""
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))
    monkeypatch.chdir(tmp_path)
