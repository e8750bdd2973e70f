"""Corpora kept on disk, so that a haystack is tokenized once for each tokenizer and length.

What comes from a file equals what ``tokenize_haystack`` would give. A file is named after all that
its tokens follow from, and begins with a SHA-256 of its content; the text itself is never read from
it but made again (a twentieth of the work), and its SHA-256 must be the file's. A file of more
tokens does not serve for fewer: tokens at the end of a shorter text are not those of a longer one.
Knows nothing of changes in this package's own code between releases: ``_FORMAT`` tells them.

The folder holds the 20 corpora used last, 2 GB at most; older ones are deleted as new ones come.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from recallbench.domain import Encoding, Tokenizer
from recallbench.prompts.corpus import Corpus, first_text, tokenize_haystack
from recallbench.prompts.haystack import Haystack

_FORMAT = 1
"""To be raised when files are laid out anew or the same haystack is to become another corpus."""
_MAKERS = ("recallbench", "tokenizers")
_DIGEST_BYTES = 32
_PUBLIC = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheLimits:
    """How much the folder may hold."""

    files: int = 20
    """Corpora."""
    size_bytes: int = 2 * 10**9
    """All of them together; a corpus of a million tokens takes 13 MB."""


CACHE_LIMITS = CacheLimits()
"""Room for every suite that somebody works on at a time."""


class _UnfitError(Exception):
    """A file that is not the corpus its name promises."""


def cached_corpus(
    haystack: Haystack,
    tokenizer: Tokenizer,
    tokens: int,
    *,
    fingerprint: str,
    cache: Path,
    say: Callable[[str], None],
    limits: CacheLimits = CACHE_LIMITS,
) -> Corpus:
    """What ``tokenize_haystack`` gives, read from the cache where it is there, else put there.

    Args:
        haystack: where the text comes from.
        tokenizer: reads it, where it has to be read.
        tokens: how many the corpus has at least.
        fingerprint: tells the tokenizer from all that read any text differently.
        cache: folder of all caches; corpora lie in a folder of their own in it.
        say: told of a file that is not what it should be, and of a folder that takes no file.
        limits: of the folder.

    Raises:
        CorpusError: the text gives no tokens.
    """
    key = _key(haystack, tokens, fingerprint)
    path = cache / "corpora" / key
    try:
        return _read(path, key, haystack)
    except OSError:
        pass  # most often it is not there yet; what is wrong with the folder shows when writing
    except _UnfitError as error:
        say(f"haystack cache: {path}: {error}; the haystack is tokenized again")
    corpus = tokenize_haystack(haystack, tokenizer, tokens)
    try:
        _write(path, _content(key, corpus))
    except OSError as error:
        say(f"haystack cache: {path.parent}: cannot be written: {error.strerror}")
    else:
        _tidy(path.parent, limits)
    return corpus


def _key(haystack: Haystack, tokens: int, fingerprint: str) -> str:
    """Names all that a corpus follows from; a haystack's first block stands for its seed or text.

    Files hold numbers as this machine keeps them, so its byte order belongs to the name.
    """
    first = next(haystack.blocks())
    parts = (
        str(_FORMAT),
        *(f"{maker} {version(maker)}" for maker in _MAKERS),
        sys.byteorder,
        fingerprint,
        str(tokens),
        haystack.name,
        str(haystack.pass_chars),
        hashlib.sha256(first.encode()).hexdigest(),
    )
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _content(key: str, corpus: Corpus) -> list[bytes]:
    """A digest of all behind it, a line of facts, and the numbers, 4 bytes each."""
    encoding = corpus.encoding
    numbers = (
        encoding.ids,
        encoding.starts,
        encoding.ends,
        corpus.sentence_ends,
        corpus.sentence_starts,
    )
    facts = {
        "key": key,
        "characters": len(corpus.text),
        "text_sha256": corpus.sha256,
        "lengths": [len(row) for row in numbers],
    }
    parts = [f"{json.dumps(facts)}\n".encode(), *(row.tobytes() for row in numbers)]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return [digest.digest(), *parts]


def _read(path: Path, key: str, haystack: Haystack) -> Corpus:
    content = memoryview(path.read_bytes())
    if hashlib.sha256(content[_DIGEST_BYTES:]).digest() != content[:_DIGEST_BYTES]:
        raise _UnfitError("damaged, or no corpus")
    line_end = bytes(content[: 1 << 12]).index(b"\n", _DIGEST_BYTES)
    facts = json.loads(bytes(content[_DIGEST_BYTES:line_end]))
    if facts["key"] != key:
        raise _UnfitError("another corpus under this name")
    text = first_text(haystack, facts["characters"])
    if hashlib.sha256(text.encode()).hexdigest() != facts["text_sha256"]:
        raise _UnfitError(f"of another text than the haystack {haystack.name} has now")
    ids, starts, ends, sentence_ends, sentence_starts = _rows(
        content[line_end + 1 :], facts["lengths"]
    )
    with suppress(OSError):
        os.utime(path)  # used last
    return Corpus(
        name=haystack.name,
        text=text,
        encoding=Encoding(ids=ids, starts=starts, ends=ends),
        sentence_ends=sentence_ends,
        sentence_starts=sentence_starts,
        repeated=haystack.repeats_within(len(text)),
    )


def _rows(content: memoryview, lengths: Iterable[int]) -> list[array[int]]:
    rows, begin = [], 0
    for length in lengths:
        row = array("I")
        end = begin + length * row.itemsize
        row.frombytes(content[begin:end])
        rows.append(row)
        begin = end
    return rows


def _write(path: Path, content: Iterable[bytes]) -> None:
    """Under its name a file is whole; nobody else sees it before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.writelines(content)
            file.close()
            unfinished.chmod(_PUBLIC)
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


def _tidy(folder: Path, limits: CacheLimits) -> None:
    """Delete what has been unused for longest and is too much, dead writers' leftovers included."""
    with suppress(OSError):  # another process tidies too, or owns the files
        used = [(path.stat().st_mtime_ns, path.stat().st_size, path) for path in folder.iterdir()]
        held_bytes = 0
        for place, (_, size_bytes, path) in enumerate(sorted(used, reverse=True)):
            held_bytes += size_bytes
            if place and (place >= limits.files or held_bytes > limits.size_bytes):
                path.unlink()
