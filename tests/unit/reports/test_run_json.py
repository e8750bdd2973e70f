"""A run's recall as plain values: every key always there, and None where there are no data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields

import pytest
from statsmodels.stats.proportion import proportion_confint

from recallbench.reports.run_json import SCHEMA, run_value
from recallbench.stats import VariantSummary
from recallbench.stats.cache_use import CacheFinding, CacheUse
from recallbench.stats.profile import recall_profile

Make = Callable[..., VariantSummary]
LINE = {
    "length_tokens",
    "k",
    "n",
    "recall",
    "wilson_low",
    "wilson_high",
    "haystacks",
    "truncated",
    "overflow",
    "errored",
    "owed",
}


def told(*summaries: VariantSummary, drawn: bool = False) -> dict[str, object]:
    profiles = tuple(recall_profile(each) for each in reversed(summaries))
    return run_value("results/run", summaries, profiles, drawn=drawn)


def variant_of(value: dict[str, object]) -> dict[str, object]:
    variants = value["variants"]
    assert isinstance(variants, list)
    return variants[0]  # type: ignore[no-any-return]  # JSON


@pytest.fixture
def summary(make_summary: Make) -> VariantSummary:
    """Two lengths, with all that may become of a trial."""
    cells = {(n, d): "rrrrrrrrrr" for n in (1000, 2000) for d in (0.0, 0.5, 1.0)}
    return make_summary({**cells, (2000, 0.5): CELL}, trials=12)


CELL = "rrmmmtoe"
"""2 recalled, 3 missed, and one each truncated, refused and errored; the rest of 12 is owed."""


def test_the_top_says_what_it_is_of(summary: VariantSummary) -> None:
    value = told(summary)

    assert {key: value[key] for key in ("schema", "run", "drawn")} == {
        "schema": SCHEMA,
        "run": "results/run",
        "drawn": False,
    }


def test_each_line_has_its_counts_and_wilsons_interval(summary: VariantSummary) -> None:
    variant = variant_of(told(summary))
    lengths = variant["lengths"]
    assert isinstance(lengths, list)
    assert [line["length_tokens"] for line in lengths] == [1000, 2000]
    at_2000 = lengths[1]

    assert set(at_2000) == LINE
    assert (at_2000["k"], at_2000["n"]) == (22, 25)
    assert at_2000["recall"] == pytest.approx(22 / 25)
    low, high = proportion_confint(22, 25, method="wilson")
    assert (at_2000["wilson_low"], at_2000["wilson_high"]) == pytest.approx((low, high))
    assert [at_2000[key] for key in ("truncated", "overflow", "errored", "owed")] == [1, 1, 1, 8]


def test_overall_is_a_line_without_a_length(summary: VariantSummary) -> None:
    overall = variant_of(told(summary))["overall"]

    assert isinstance(overall, dict)
    assert set(overall) == LINE
    assert overall["length_tokens"] is None
    assert (overall["k"], overall["n"]) == (52, 55)


def test_variants_keep_their_order_and_have_their_own_profile(make_summary: Make) -> None:
    good = make_summary({(1000, 0.0): "r" * 60}, variant="good", trials=60)
    bad = make_summary({(1000, 0.0): "m" * 60}, variant="bad", trials=60)

    variants = told(good, bad)["variants"]

    assert isinstance(variants, list)
    assert [(v["variant"], v["effective_length"]["proven"]) for v in variants] == [
        ("good", 1000),
        ("bad", None),
    ]


def test_nothing_is_proven_of_a_length_where_trials_were_drawn(make_summary: Make) -> None:
    one = make_summary({(1000, 0.0): "r" * 60}, trials=60)

    fixed, drawn = variant_of(told(one)), variant_of(told(one, drawn=True))

    for key in ("effective_length", "relative_effective_length"):
        before, after = fixed[key], drawn[key]
        assert isinstance(before, dict)
        assert isinstance(after, dict)
        assert set(before) == {"asked", "confidence", "proven", "seen"}
        assert after["proven"] is None
        assert after["seen"] == before["seen"]


def test_a_variant_without_records_has_none_and_never_a_number(make_summary: Make) -> None:
    variant = variant_of(told(make_summary({(1000, 0.0): ""}, trials=3)))

    overall = variant["overall"]
    assert isinstance(overall, dict)
    assert (overall["k"], overall["n"], overall["owed"]) == (0, 0, 3)
    assert [overall[key] for key in ("recall", "wilson_low", "wilson_high")] == [None] * 3
    assert variant["recall_area"] is None
    assert variant["depth_bias"] is None


def test_the_curve_and_the_depths_stand_in_it(summary: VariantSummary) -> None:
    variant, profile = variant_of(told(summary)), recall_profile(summary)

    assert profile.area is not None
    assert profile.depth_bias is not None
    low, high = profile.area.interval
    area = {"value": profile.area.value, "low": low, "high": high, "n": profile.area.n}
    assert variant["recall_area"] == area
    bias = variant["depth_bias"]
    assert isinstance(bias, dict)
    assert set(bias) == {"spread", "slope", "p", "n", "haystacks"}
    assert bias["spread"] == profile.depth_bias.spread


def test_a_ladder_is_told_with_its_other_needles_and_its_haystacks(make_summary: Make) -> None:
    cells = {(length, depth): "rrrrr" for length in (1000, 2000) for depth in (0.0, 1.0)}
    ladder = variant_of(told(make_summary(cells, shared_by="repeat", layout="ladder")))
    single = variant_of(told(make_summary(cells)))

    assert (ladder["layout"], single["layout"]) == ("ladder", "single")
    assert ladder["distractors"] == {"fewest": 1, "most": 3}
    for variant, haystacks in ((ladder, 5), (single, None)):
        overall = variant["overall"]
        assert isinstance(overall, dict)
        assert overall["haystacks"] == haystacks
        low = {5: 0.478176, None: 0.838875}[haystacks]
        assert overall["wilson_low"] == pytest.approx(low, abs=1e-6)
    assert variant_of(told(make_summary({(1000, 0.0): ""})))["distractors"] is None


def test_the_prefix_cache_is_told_where_there_was_an_answer(summary: VariantSummary) -> None:
    use = CacheUse(
        n=55,
        prompt_tokens=90_000,
        expected_tokens=None,
        reported_tokens=0,
        compared=0,
        short=0,
        short_tokens=0,
        warmer=0,
        finding=CacheFinding.NOT_EXPECTED,
    )
    value = run_value(
        "run", [summary], [recall_profile(summary)], drawn=False, caches={"base": use}
    )

    cache = variant_of(json.loads(json.dumps(value)))["prefix_cache"]
    assert isinstance(cache, dict)
    assert set(cache) == {each.name for each in fields(CacheUse)}
    assert (cache["finding"], cache["expected_tokens"], cache["n"]) == ("not expected", None, 55)
    assert variant_of(told(summary))["prefix_cache"] is None


def test_all_of_it_is_json(summary: VariantSummary) -> None:
    value = told(summary)

    assert json.loads(json.dumps(value, allow_nan=False)) == value
