"""JSON of token ids without writing the same digits twice: those of a long stock are remembered.

A prompt's list is put together from views of its stocks' digits, so that a million-token haystack
is written once however many prompts are cut from it. What is remembered goes with its stock. Knows
nothing of requests; that a stock never changes is its own promise.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec

from recallbench.domain import TokenSlice, TokenStock
from recallbench.errors import RequestError

if TYPE_CHECKING:
    import numpy as np

LONG_TOKENS = 4096
"""Stocks of so many tokens are remembered; shorter ones are written anew each time, in 0.1 ms."""
_COMMA = ord(",")

JsonPart = bytes | memoryview
"""A stretch of JSON in UTF-8; a view must not outlive the request that it is sent with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digits:
    """A stock's ids, with commas between."""

    text: memoryview
    """The digits."""
    ends: np.ndarray
    """Byte behind each token's digits. Shape (n_tokens,), uint32."""

    def between(self, start: int, end: int) -> memoryview:
        """The digits of the tokens from ``start`` up to ``end``, of which there is at least one."""
        first = int(self.ends[start - 1]) + 1 if start else 0
        return self.text[first : int(self.ends[end - 1])]


_REMEMBERED: WeakKeyDictionary[TokenStock, _Digits] = WeakKeyDictionary()


def json_of(slices: Sequence[TokenSlice]) -> list[JsonPart]:
    """The ids of slices in a row as one JSON list, in parts to be sent one behind the other."""
    parts: list[JsonPart] = []
    for piece in slices:
        if len(piece):
            parts += (b"," if parts else b"[", _digits_of(piece))
    return [*parts, b"]"] if parts else [b"[]"]


def same_ids(returned: bytes, sent: Sequence[JsonPart]) -> bool:
    """Whether a JSON list that came back holds the ids that were sent.

    Bytes are compared; only where they differ, as they do with white space, ids are read.

    Raises:
        RequestError: what came back is no list of token ids.
    """
    return _same_bytes(returned, sent) or _ids_in(returned) == _ids_in(b"".join(sent))


def count_ids(json_list: bytes) -> int:
    """How many ids a JSON list holds; RequestError if it is none."""
    return len(_ids_in(json_list))


def _digits_of(piece: TokenSlice) -> JsonPart:
    if len(piece.stock.ids) < LONG_TOKENS:
        return _written(piece.ids)
    digits = _REMEMBERED.get(piece.stock)
    if digits is None:
        digits = _REMEMBERED[piece.stock] = _digits(piece.stock.ids)
    return digits.between(piece.start, piece.end)


def _written(ids: array[int]) -> memoryview:
    """The digits of ids, without the brackets."""
    return memoryview(msgspec.json.encode(ids.tolist()))[1:-1]


def _digits(ids: array[int]) -> _Digits:
    import numpy as np  # noqa: PLC0415 - slow to load

    text = _written(ids)
    commas = np.flatnonzero(np.frombuffer(text, np.uint8) == _COMMA)
    return _Digits(text=text, ends=np.append(commas, len(text)).astype(np.uint32))


def _same_bytes(returned: bytes, sent: Sequence[JsonPart]) -> bool:
    at = 0
    for part in sent:
        if not returned.startswith(part, at):  # compares views too, and at once
            return False
        at += len(part)
    return at == len(returned)


def _ids_in(json_list: bytes) -> list[int]:
    try:
        return msgspec.json.decode(json_list, type=list[int])
    except msgspec.MsgspecError as error:
        raise RequestError(f"prompt_token_ids: not a list of token ids ({error})") from error
