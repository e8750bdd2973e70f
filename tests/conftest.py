"""What all tests share: the user's state is left alone, the embedded model is built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from recallbench.engines.embedded_model import CACHE_VARIABLE, ensure_embedded_model


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
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
