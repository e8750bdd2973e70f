"""What a vLLM server has counted of its own requests, read from ``/metrics`` before and after.

Guarantees that a count the server does not show is None, never 0; that several engines of one
server (data parallel) are added; and that there is no difference at all where a count went back, as
after a new start. Does not know whose requests were counted: on a server that others use too,
theirs are in it. vLLM counts nothing with ``--disable-log-stats``, nothing of a request its client
gave up before the first token, and nothing of one it refused for its length.

Source: vllm/v1/metrics/loggers.py and stats.py of vLLM 0.12 and 0.16 to 0.33, whose names are the
same but for the two that are said to be newer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite, nan

from recallbench.engines.openai_client import OpenAIClient
from recallbench.errors import EngineError, RequestError

# Braces and spaces may stand inside a label's quotes, and quotes there behind a backslash.
# Nothing is tried twice (``++``, ``*+``), so that no text takes longer than its length.
_SAMPLE = re.compile(
    r"""
        ^ (vllm:\w++) [ \t]*+
        (?: \{ (?: [^"}\n] | "(?: [^"\\\n] | \\. )*+" )*+ \} )?+ [ \t]*+
        (\S*+)
    """,
    re.MULTILINE | re.VERBOSE,
)
_PATIENCE_S = 15.0
"""A server too busy to answer within this is not waited for: its trials matter, not its counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCounts:
    """Counts since the server's start, or between two readings; None is not shown."""

    requests: int | None = None
    """Requests finished (``request_success``, all finish reasons)."""
    whole_s: float | None = None
    """Seconds from a request's arrival to its end, all waiting included; over ``requests``."""
    first_token_s: float | None = None
    """Seconds from a request's arrival to its first token, all waiting included; their sum."""
    first_tokens: int | None = None
    """Requests in ``first_token_s``."""
    queue_s: float | None = None
    """Seconds waited in the scheduler's queue, summed; those before, while the engine was in a
    step and had not seen the request yet, are in ``first_token_s`` only."""
    queued: int | None = None
    """Requests in ``queue_s``."""
    prefill_s: float | None = None
    """Seconds from first being scheduled to the first token, summed over requests: what ran at the
    same time counts once for each of them."""
    prefills: int | None = None
    """Requests in ``prefill_s``."""
    prompt_tokens: int | None = None
    """Prompt tokens of requests that got a first token, cached ones included."""
    cached_tokens: int | None = None
    """Those of them taken from the prefix cache (``prompt_tokens_cached``). Before it existed, the
    cache's hits, which count a request again each time it is looked at and does not fit yet."""
    computed_tokens: int | None = None
    """Prompt tokens of finished requests that were computed; not shown by vLLM 0.12."""
    preemptions: int | None = None
    """Times a request was put back to make room in the KV cache."""

    def since(self, before: ServerCounts) -> ServerCounts | None:
        """What came to it after ``before`` was read.

        Returns:
            The differences, None for each that either does not show; None as a whole if any count
            went back, as then the server was started anew, or another one has answered.
        """
        grown: dict[str, float | None] = {
            field.name: _grown(getattr(before, field.name), getattr(self, field.name))
            for field in fields(self)
        }
        if any(growth is not None and growth < 0 for growth in grown.values()):
            return None
        return ServerCounts(**grown)  # type: ignore[arg-type]  # counts stay whole


async def read_counts(client: OpenAIClient) -> ServerCounts | None:
    """What the server has counted until now; None where it shows nothing or does not answer."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return parse_counts(await client.get_text(f"{client.root}/metrics"))
    except (RequestError, EngineError, TimeoutError):
        return None


async def no_counts() -> ServerCounts | None:
    """For an engine that counts nothing."""
    return None


def parse_counts(text: str) -> ServerCounts | None:
    """The counts in a Prometheus text; None where it has none of them."""
    totals: dict[str, float] = {}
    for name, value in _SAMPLE.findall(text):
        totals[name] = totals.get(name, 0.0) + _number(value)
    counts = ServerCounts(
        requests=_whole(totals, "request_success_total"),
        whole_s=_total(totals, "e2e_request_latency_seconds_sum"),
        first_token_s=_total(totals, "time_to_first_token_seconds_sum"),
        first_tokens=_whole(totals, "time_to_first_token_seconds_count"),
        queue_s=_total(totals, "request_queue_time_seconds_sum"),
        queued=_whole(totals, "request_queue_time_seconds_count"),
        prefill_s=_total(totals, "request_prefill_time_seconds_sum"),
        prefills=_whole(totals, "request_prefill_time_seconds_count"),
        prompt_tokens=_whole(totals, "prompt_tokens_total"),
        cached_tokens=_whole(totals, "prompt_tokens_cached_total", "prefix_cache_hits_total"),
        computed_tokens=_whole(totals, "request_prefill_kv_computed_tokens_sum"),
        preemptions=_whole(totals, "num_preemptions_total"),
    )
    return None if counts == ServerCounts() else counts


def _total(totals: Mapping[str, float], *names: str) -> float | None:
    """The first of these that is there; one that is no number for some engine is not shown."""
    total = next((totals[f"vllm:{name}"] for name in names if f"vllm:{name}" in totals), nan)
    return total if isfinite(total) else None


def _whole(totals: Mapping[str, float], *names: str) -> int | None:
    total = _total(totals, *names)
    return None if total is None else round(total)


def _number(text: str) -> float:
    """NaN, which every sum it is in keeps, for what is no number."""
    try:
        return float(text)
    except ValueError:
        return nan


def _grown(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before
