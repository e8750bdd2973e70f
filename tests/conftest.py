"""What all tests share: the user's state is left alone, the embedded model is built once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from recallbench.engines.embedded_model import CACHE_VARIABLE, ensure_embedded_model

# Read once, when the hub's client is first imported: no test may look for a model on the network.
os.environ["HF_HUB_OFFLINE"] = "1"
# The same examples at every run: a red test is about the change at hand. Look for new ones with
# --hypothesis-profile=default.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of the whole session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def checkpoint(cache: Path) -> Path:
    """The embedded model's checkpoint, really built from the package's GGUF."""
    return ensure_embedded_model(cache, lambda _: None)


@pytest.fixture(autouse=True)
def _own_state(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cache in the session's folder, home and working folder in the test's."""
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))
    monkeypatch.chdir(tmp_path)
