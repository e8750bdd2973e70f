"""Bars stand on one scale of seconds, and are labelled where there is room."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.page.line_chart import WIDTH
from recallbench.reports.page.time_bars import TimeBars, time_bars
from recallbench.reports.time_text import time_lines

TIME: dict[str, float | None] = {
    "startup_s": 40.0,
    "waited_s": 40.0,
    "asking_s": 59.0,
    "busy_s": 55.0,
    "idle_s": 4.0,
    "prefill_s": 50.0,
    "decode_s": 5.0,
    "client_s": 2.0,
    "shutdown_s": 1.0,
}


def facts(*times: dict[str, float | None] | None) -> dict[str, Any]:
    return {"variants": [{"name": f"v{number}", "time": time} for number, time in enumerate(times)]}


def bars(*times: dict[str, float | None] | None) -> TimeBars:
    told = time_bars(facts(*times))
    assert told is not None
    return told


def test_parts_are_as_wide_as_they_are_long() -> None:
    (bar,) = bars(TIME).bars

    assert [(part.kind, part.width) for part in bar.parts] == [
        ("start-up", 144.0),
        ("prefill", 180.0),
        ("decode", 18.0),
        ("idle", 14.4),
        ("shut-down", 3.6),
    ]


def test_the_longest_variant_fills_the_width_and_the_others_are_on_its_scale() -> None:
    long, short = bars(TIME, {**TIME, "prefill_s": 0.0, "decode_s": 5.0}).bars

    assert long.parts[-1].x + long.parts[-1].width == pytest.approx(WIDTH)
    assert short.parts[-1].x + short.parts[-1].width == pytest.approx(WIDTH / 2)


def test_words_are_those_of_the_line() -> None:
    held = facts(TIME, {**TIME, "waited_s": 3.0}, {**TIME, "decode_s": None})

    told = time_bars(held)

    assert told is not None
    assert [f"{bar.variant}: {bar.told}" for bar in told.bars] == list(time_lines(held))


def test_without_a_split_the_work_is_one_part() -> None:
    told = bars({**TIME, "decode_s": None})

    assert [part.kind for part in told.bars[0].parts] == [
        "start-up",
        "at-work",
        "idle",
        "shut-down",
    ]
    assert [kind.name for kind in told.legend] == ["start-up", "at work", "idle", "shut-down"]


def test_the_legend_calls_an_estimate_one_and_names_what_is_drawn_only() -> None:
    told = bars({**TIME, "idle_s": 0.0, "shutdown_s": None})

    assert [kind.name for kind in told.legend] == ["start-up", "prefill (about)", "decode (about)"]


def test_labels_are_whole_where_there_is_room_else_seconds_else_nothing() -> None:
    (bar,) = bars({**TIME, "decode_s": 15.0}).bars

    assert [part.label for part in bar.parts] == [
        "start-up 40.0",
        "prefill about 50.0",
        "15.0",
        None,
        None,
    ]


seconds = st.none() | st.floats(0, 1e5)


@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(TIME, seconds)) | st.none(), min_size=1, max_size=5
    )
)
def test_parts_follow_each_other_within_the_chart_and_labels_within_their_parts(
    times: list[dict[str, float | None] | None],
) -> None:
    told = time_bars(facts(*times))

    for bar in told.bars if told else ():
        end = 0.0
        for part in bar.parts:
            assert part.x >= end - 0.02
            assert part.label is None or part.label_width < part.width
            end = part.x + part.width
        assert end <= WIDTH + 0.02
    for tick in told.ticks if told else ():
        assert 0 <= tick.x <= WIDTH
        assert 0 < tick.text_x < WIDTH


def test_the_scale_is_in_seconds_from_zero() -> None:
    assert [(tick.text, tick.x) for tick in bars(TIME).ticks] == [
        ("0 s", 0.0),
        ("50 s", 180.0),
        ("100 s", 360.0),
    ]
    assert bars(TIME).ticks[-1].text_x < WIDTH


@pytest.mark.parametrize(
    "times", [(), (None,), ({},), (dict.fromkeys(TIME),), (dict.fromkeys(TIME, 0.0),)]
)
def test_without_any_time_there_are_no_bars(times: tuple[dict[str, float | None] | None]) -> None:
    assert time_bars(facts(*times)) is None


def test_a_run_of_an_older_recallbench_has_no_bars() -> None:
    assert time_bars({"variants": [{"name": "native"}]}) is None
