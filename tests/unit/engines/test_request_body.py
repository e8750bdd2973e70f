"""A body goes out in pieces of one size, as often as it is asked for, and is never joined."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.engines.request_body import PIECE_BYTES, RequestBody
from recallbench.engines.token_json import JsonPart

LONG = bytes(range(256)) * (PIECE_BYTES // 64)


async def pieces_of(body: RequestBody) -> list[bytes]:
    return [piece async for piece in body]


def pieces(parts: Sequence[JsonPart]) -> list[bytes]:
    return asyncio.run(pieces_of(RequestBody(parts)))


def some_parts() -> st.SearchStrategy[list[JsonPart]]:
    sources: st.SearchStrategy[JsonPart] = st.sampled_from([LONG, memoryview(LONG)])
    sizes = st.integers(0, len(LONG))
    return st.lists(st.builds(lambda source, size: source[:size], sources, sizes), max_size=5)


@given(some_parts())
def test_the_pieces_are_the_parts_in_order(parts: list[JsonPart]) -> None:
    whole = b"".join(parts)

    assert b"".join(pieces(parts)) == whole
    assert RequestBody(parts).length_bytes == len(whole)


@given(some_parts())
def test_all_pieces_but_the_last_are_of_one_size(parts: list[JsonPart]) -> None:
    sizes = [len(piece) for piece in pieces(parts)]

    assert all(size == PIECE_BYTES for size in sizes[:-1])
    assert all(0 < size <= PIECE_BYTES for size in sizes[-1:])


@pytest.mark.parametrize("parts", [[], [b""], [b"", memoryview(b"")]])
def test_nothing_is_no_piece(parts: list[JsonPart]) -> None:
    assert pieces(parts) == []


def test_a_body_can_be_sent_again() -> None:
    body = RequestBody([b"head", memoryview(LONG), b"tail"])

    async def twice() -> tuple[list[bytes], list[bytes]]:
        return await pieces_of(body), await pieces_of(body)

    first, second = asyncio.run(twice())

    assert first == second != []
