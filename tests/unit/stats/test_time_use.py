"""Overlapping requests count once, and the work is split as the server's sums split one request."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.stats.time_use import Flight, first_token_share, time_use

flight = st.tuples(st.floats(0, 1e4), st.floats(0, 1e3)).map(lambda t: Flight(t[0], t[0] + t[1]))
flights = st.lists(flight, max_size=30)
TWO_APART = (Flight(0.0, 4.0), Flight(10.0, 14.0))
ONE_IN_ANOTHER = (Flight(0.0, 10.0), Flight(2.0, 4.0))
CHAIN = (Flight(0.0, 4.0), Flight(2.0, 6.0))


@pytest.mark.parametrize(
    ("asked", "share", "busy_s", "prefill_s"),
    [
        ((Flight(3.0, 7.0),), 0.5, 4.0, 2.0),
        (TWO_APART, 0.25, 8.0, 2.0),
        (ONE_IN_ANOTHER, 0.1, 10.0, 1.2),
        (ONE_IN_ANOTHER, 0.5, 10.0, 5.0),
        ((*ONE_IN_ANOTHER, Flight(5.0, 6.0)), 0.5, 10.0, 5.5),
        (CHAIN, 0.5, 6.0, 4.0),
        (CHAIN, 0.75, 6.0, 5.0),
        (CHAIN, 1.0, 6.0, 6.0),
        (CHAIN, 0.0, 6.0, 0.0),
    ],
)
def test_an_instant_with_a_request_before_its_first_token_is_prefill(
    asked: tuple[Flight, ...], share: float, busy_s: float, prefill_s: float
) -> None:
    use = time_use(asked, share)

    assert use.busy_s == pytest.approx(busy_s)
    assert use.prefill_s == pytest.approx(prefill_s)
    assert use.decode_s == pytest.approx(busy_s - prefill_s)


@given(flights, st.floats(0, 1))
def test_prefill_and_decode_are_together_the_time_at_work(
    asked: list[Flight], share: float
) -> None:
    use = time_use(asked, share)

    assert use.prefill_s is not None
    assert use.decode_s is not None
    assert use.prefill_s >= 0
    assert use.decode_s >= 0
    assert use.prefill_s + use.decode_s == pytest.approx(use.busy_s)


@given(flights)
def test_the_time_at_work_is_no_longer_than_from_first_to_last_nor_than_all_requests(
    asked: list[Flight],
) -> None:
    busy_s = time_use(asked, None).busy_s

    assert busy_s <= sum(done - sent for sent, done in asked) + 1e-6
    if asked:
        assert busy_s <= max(f.done_s for f in asked) - min(f.sent_s for f in asked) + 1e-6
        assert busy_s >= max(done - sent for sent, done in asked) - 1e-6


@given(flights, st.floats(0, 1), st.randoms(use_true_random=False))
def test_the_order_of_the_requests_is_of_no_account(
    asked: list[Flight], share: float, random: Random
) -> None:
    mixed = list(asked)
    random.shuffle(mixed)

    assert time_use(mixed, share) == time_use(asked, share)


def test_without_a_share_only_the_time_at_work_is_known() -> None:
    use = time_use(CHAIN, None)

    assert (use.busy_s, use.prefill_s, use.decode_s) == (6.0, None, None)


@pytest.mark.parametrize("share", [None, 0.5])
def test_without_requests_nothing_took_any_time_and_that_is_known(share: float | None) -> None:
    use = time_use((), share)

    assert (use.busy_s, use.prefill_s, use.decode_s) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="allowed are 0 to 1 and None"):
        time_use(CHAIN, share)


def test_a_request_that_ends_before_it_is_sent_is_refused() -> None:
    with pytest.raises(ValueError, match=r"done at 1\.0 s and sent at 2\.0 s"):
        time_use([Flight(2.0, 1.0)], 0.5)


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        ({"first_token_s": 6.0, "first_tokens": 4, "whole_s": 8.0, "requests": 4}, 0.75),
        # Two were given up after their first token.
        ({"first_token_s": 6.0, "first_tokens": 6, "whole_s": 8.0, "requests": 4}, 0.5),
        ({"first_token_s": 9.0, "first_tokens": 4, "whole_s": 8.0, "requests": 4}, 1.0),
        ({"first_token_s": None, "first_tokens": 4, "whole_s": 8.0, "requests": 4}, None),
        ({"first_token_s": 6.0, "first_tokens": 4, "requests": 4}, None),
        ({"first_token_s": 6.0, "first_tokens": 0, "whole_s": 8.0, "requests": 4}, None),
        ({"first_token_s": 6.0, "first_tokens": 4, "whole_s": 8.0, "requests": 0}, None),
        ({"first_token_s": 0.0, "first_tokens": 4, "whole_s": 0.0, "requests": 4}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_share_is_the_mean_first_token_over_the_mean_request(
    counts: dict[str, float | None] | None, share: float | None
) -> None:
    assert first_token_share(counts) == share
