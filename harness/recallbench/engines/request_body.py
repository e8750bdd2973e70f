"""The body of a request in parts: sent piece by piece, never joined as a whole.

Iterating it begins anew each time, so that the same prompt can be asked again. Knows its length
beforehand: servers of the OpenAI form need not take bodies of unknown length.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from recallbench.engines.token_json import JsonPart

PIECE_BYTES = 1 << 17
"""What is handed to the connection at once: so much of a body is copied while it is sent."""


class RequestBody:
    """An asynchronous stream of bytes that can be run through more than once."""

    def __init__(self, parts: Sequence[JsonPart]) -> None:
        """``parts`` are sent one behind the other."""
        self._parts = tuple(parts)
        self.length_bytes = sum(map(len, self._parts))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """All of it, in pieces of PIECE_BYTES; only the last may be shorter."""
        for piece in self._pieces():
            yield piece

    def _pieces(self) -> Iterator[bytes]:
        held: list[JsonPart] = []
        room = PIECE_BYTES
        for part in self._parts:
            at = 0
            while at < len(part):
                taken = part[at : at + room]
                held.append(taken)
                at += len(taken)
                room -= len(taken)
                if not room:
                    yield b"".join(held)
                    held, room = [], PIECE_BYTES
        if held:
            yield b"".join(held)
