"""Asks an engine of ours for its rotary tables, through the worker extension ``rope.probe``.

Guarantees an answer in every case: what cannot be read or is not understood is unverified, with
the reason, and never stops a run. Source: POST /collective_rpc of vLLM's development mode
(vllm/entrypoints/serve/dev/rpc, 0.26 and 0.32).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from recallbench.engines.openai_client import OpenAIClient
from recallbench.errors import EngineError, RequestError, RopeError
from recallbench.rope.cos_sin import TablePart, expected_table
from recallbench.rope.proof import (
    RopeClaim,
    RopeProof,
    RopeReading,
    TableError,
    TableReading,
    judge,
    unverified,
)

_PATH = "/collective_rpc"
_READ = "recallbench_rope"
_COMPARE = "recallbench_rope_error"
_Parts = tuple[TablePart, ...] | None


class _Reading(msgspec.Struct):
    """The probe's answer; the settings stand beside the tables."""

    tables: list[dict[str, Any]]


async def prove_rope(client: OpenAIClient, claim: RopeClaim) -> RopeProof:
    """Hold an engine's tables against a claim."""
    try:
        expected = claim.expected()
        reading = await _read(client, claim, expected)
    except RopeError as error:
        return unverified(f"nothing to compare with: {error}")
    except (RequestError, EngineError) as error:
        return unverified(f"the engine's worker does not tell its RoPE ({error})")
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
        return unverified(f"this version's answer to {_READ} is not understood ({error!r})")
    return judge(claim.asked, reading)


async def _read(client: OpenAIClient, claim: RopeClaim, expected: Sequence[_Parts]) -> RopeReading:
    answers = await _call(client, _READ, ())
    first = answers[0]
    described = msgspec.convert(first, _Reading).tables
    tables = [msgspec.convert(entry, TableReading) for entry in described]
    plain = expected_table(claim.plain, claim.shape)
    errors = [
        [await _compared(client, place, parts) for parts in expected]
        for place in range(len(tables))
    ]
    return RopeReading(
        tables=tuple(tables),
        against_asked=tuple(map(_nearest, errors)),
        against_plain=tuple([await _compared(client, n, plain) for n in range(len(tables))]),
        settings={
            **{key: value for key, value in first.items() if key != "tables"},
            "workers": len(answers),
            "workers_agree": all(_hashes(answer) == _hashes(first) for answer in answers),
            "all_asked_run": all(map(_is_met, zip(*errors, strict=True))),
        },
    )


async def _call(client: OpenAIClient, method: str, args: Sequence[Any]) -> list[dict[str, Any]]:
    """Every worker's answer, the first one's first."""
    told = await client.post_root(_PATH, {"method": method, "args": list(args)})
    answers = told["results"]
    if not answers or not all(isinstance(answer, dict) for answer in answers):
        raise ValueError(f"results are {answers!r}")
    return list(answers)


def _nearest(errors: Sequence[TableError | None]) -> TableError | None:
    """A table against each that was asked for, one for each type of layer: the best of them."""
    known = [error for error in errors if error is not None]
    if len(known) < len(errors) and not any(error.is_equal for error in known):
        return None
    return min(known, key=lambda error: error.beyond_rounding)


def _is_met(errors: Sequence[TableError | None]) -> bool:
    """Whether one of the tables is the one asked for; without a formula it cannot be told."""
    return any(error is None or error.is_equal for error in errors)


async def _compared(client: OpenAIClient, table: int, parts: _Parts) -> TableError | None:
    if parts is None:
        return None
    sent = [
        {
            "inv_freq": part.rotation.inv_freq,
            "magnitude": part.rotation.magnitude,
            "rows": part.rows,
        }
        for part in parts
    ]
    answers = await _call(client, _COMPARE, (table, sent))
    return msgspec.convert(answers[0], TableError)


def _hashes(answer: Mapping[str, Any]) -> set[str]:
    return {str(table["sha256"]) for table in answer["tables"]}
