"""Haystack text from files and from the web, read at the rim and handed on as plain text."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

from recallbench.errors import CorpusError

_CHUNK_BYTES = 1 << 16
_MOST_BYTES = 1 << 28
_SILENCE_S = 20.0
_WHOLE_S = 300.0


def read_files(paths: Iterable[str]) -> str:
    """The text of UTF-8 files, joined by blank lines.

    Raises:
        CorpusError: a file is missing, not UTF-8, or all are empty.
    """
    names = list(paths)
    text = "\n\n".join(_read(Path(name)) for name in names)
    if not text.strip():
        raise CorpusError(f"haystack files {', '.join(names)}: no text in them")
    return text


def fetch(url: str, cache: Path, *, sha256: str | None, say: Callable[[str], None]) -> str:
    """The text at an address, fetched once and then read from the cache.

    Args:
        url: http or https address of a UTF-8 text of at most 256 MiB.
        cache: folder to keep it in.
        sha256: checksum it must have; None takes what comes.
        say: told when something is fetched, and its checksum.

    Raises:
        CorpusError: it cannot be fetched, is no UTF-8 text, or has another checksum.
    """
    kept = cache / "haystacks" / hashlib.sha256(url.encode()).hexdigest()
    if not kept.exists():
        say(f"haystack: fetching {url}")
        content = _download(url)
        _check(content, sha256, url)
        kept.parent.mkdir(parents=True, exist_ok=True)
        _write(kept, content)
        say(f"haystack: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    content = kept.read_bytes()
    _check(content, sha256, f"{url} (from the cache; remove {kept} to fetch it again)")
    return _decoded(content, url)


def without_control_tokens(text: str, control_tokens: Iterable[str]) -> tuple[str, dict[str, int]]:
    """Text in which nothing reads as a control token: a space is put behind its first character.

    Returns:
        The text, and how often each control token stood in it.
    """
    found = {}
    for token in control_tokens:
        count = text.count(token) if len(token) > 1 else 0
        if count:
            found[token] = count
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text, found


def _read(path: Path) -> str:
    try:
        return _decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise CorpusError(
            f"haystack file {path}: cannot be read: {error.strerror}; name a UTF-8 text file"
        ) from error


def _decoded(content: bytes, where: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"haystack {where}: byte {error.start:,} is not UTF-8; convert the text first "
            "(iconv -t UTF-8)"
        ) from error
    return text.replace("\r\n", "\n")


def _download(url: str) -> bytes:
    deadline = time.monotonic() + _WHOLE_S
    content = bytearray()
    request = urllib.request.Request(url, headers={"User-Agent": "recallbench"})  # noqa: S310 - http(s) only, by the suite's form
    try:
        with urllib.request.urlopen(request, timeout=_SILENCE_S) as response:  # noqa: S310 - as above
            while chunk := response.read(_CHUNK_BYTES):
                content += chunk
                if len(content) > _MOST_BYTES:
                    raise CorpusError(f"haystack {url}: larger than {_MOST_BYTES >> 20} MiB")
                if time.monotonic() > deadline:
                    raise CorpusError(f"haystack {url}: not whole after {_WHOLE_S:.0f} s")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise CorpusError(
            f"haystack {url}: cannot be fetched: {reason}. Where there is no network, save the "
            "text and name it with files:"
        ) from error
    return bytes(content)


def _check(content: bytes, sha256: str | None, where: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256:
        raise CorpusError(f"haystack {where}: sha256 is {found}, the suite wants {sha256}")


def _write(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
