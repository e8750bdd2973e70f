"""Haystack text from files and from the web, read at the rim and handed on as plain text."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from recallbench.errors import CorpusError

_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """How much and how long a server may send."""

    silence_s: float = 20.0
    """Longest wait for the next bytes."""
    whole_s: float = 300.0
    """Longest time for all of it."""
    most_bytes: int = 1 << 28
    """Largest text."""


FETCH_LIMITS = FetchLimits()
"""For a text of a book's size on a slow line."""


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


def fetch(
    url: str,
    cache: Path,
    *,
    sha256: str | None,
    say: Callable[[str], None],
    limits: FetchLimits = FETCH_LIMITS,
) -> str:
    """The text at an address, fetched once and then read from the cache.

    Args:
        url: http or https address of a UTF-8 text.
        cache: folder to keep it in.
        sha256: checksum it must have; None takes what comes.
        say: told when something is fetched, and its checksum.
        limits: beyond them fetching is given up.

    Raises:
        CorpusError: it cannot be fetched, is no UTF-8 text, or has another checksum.
    """
    kept = cache / "haystacks" / hashlib.sha256(url.encode()).hexdigest()
    if not kept.exists():
        say(f"haystack: fetching {url}")
        content = _download(url, limits)
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


def _download(url: str, limits: FetchLimits) -> bytes:
    deadline = time.monotonic() + limits.whole_s
    content = bytearray()
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "recallbench"})  # noqa: S310 - http(s) only, by the suite's form
        with urllib.request.urlopen(request, timeout=limits.silence_s) as response:  # noqa: S310 - as above
            promised = int(response.headers["Content-Length"] or 0)
            while chunk := response.read1(_CHUNK_BYTES):  # what has come, however little
                content += chunk
                if len(content) > limits.most_bytes:
                    raise CorpusError(f"haystack {url}: larger than {limits.most_bytes:,} bytes")
                if time.monotonic() > deadline:
                    raise CorpusError(f"haystack {url}: not whole after {limits.whole_s:g} s")
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise CorpusError(
            f"haystack {url}: cannot be fetched: {reason}. Where there is no network, save the "
            "text and name it with files:"
        ) from error
    if len(content) < promised:
        raise CorpusError(
            f"haystack {url}: the connection broke after {len(content):,} of {promised:,} bytes; "
            "try again"
        )
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
