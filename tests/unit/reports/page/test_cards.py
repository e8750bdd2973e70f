"""A card answers what is asked of a variant first, and every share on it has its trials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recallbench.gate.verdict import Verdict
from recallbench.reports.arms import arm_of
from recallbench.reports.page.cards import VariantCard, variant_card
from recallbench.stats import VariantSummary
from recallbench.stats.profile import recall_profile
from support.verdicts import floor_at, verdict_of

Make = Callable[..., VariantSummary]
CELLS = {(8000, 0.0): "rrrrr", (16_000, 0.0): "rrmbt", (32_000, 0.0): "oooee"}
ASKED = {"rope_type": "yarn", "factor": 4.0, "rope_theta": 1_000_000.0}


@pytest.fixture
def entry(run_entry: dict[str, Any]) -> dict[str, Any]:
    """A variant's entry whose RoPE was read in the engine."""
    effective = {
        "status": "mismatch",
        "reasons": ["other values"],
        "settings": {"rope_parameters": {**ASKED, "factor": 2.0}, "max_model_len": 131_072},
        "tables": [
            {
                "rotary_class": "YaRNScalingRotaryEmbedding",
                "rows": 65_536,
                "columns": 128,
                "dtype": "bfloat16",
            }
        ],
    }
    return {
        **run_entry,
        "state": "asked",
        "error": None,
        "rope_parameters": ASKED,
        "rope_effective": effective,
    }


def card_of(summary: VariantSummary, entry: dict[str, Any], **more: Any) -> VariantCard:
    terms: dict[str, Any] = {"verdict": None, "caches": (), "drawn": False, **more}
    arm = arm_of(entry, summary.variant, None)
    return variant_card(entry, summary, recall_profile(summary), arm, **terms)


def test_recall_stands_by_length_and_over_all_with_its_interval(
    make_summary: Make, entry: dict[str, Any]
) -> None:
    card = card_of(make_summary(CELLS), entry)

    told = [(line.length, line.hits, line.share, line.interval) for line in card.lines]
    assert told == [
        ("8,000", "5/5", "100%", "56.6-100%"),
        ("16,000", "2/4", "50.0%", "15.0-85.0%"),
        ("32,000", "no recall measured", "", ""),
        ("all", "7/9", "77.8%", "45.3-93.7%"),
    ]
    assert card.lines[0].bar == 100.0
    assert card.lines[1].whisker.startswith("M15.0 5H85.0")
    assert card.lines[2].bar is None
    assert card.lines[2].whisker == ""


def test_lengths_that_are_not_planned_for_a_variant_are_left_out(
    make_summary: Make, entry: dict[str, Any]
) -> None:
    one = make_summary({(8000, 0.0): "rrrrr", (16_000, 0.0): ""}, asked_lengths=(8000,))

    assert [line.length for line in card_of(one, entry).lines] == ["8,000"]


def test_failures_that_are_no_misses_stand_in_words(
    make_summary: Make, entry: dict[str, Any]
) -> None:
    told = card_of(make_summary(CELLS), entry).uncounted

    assert told == (
        "1 of 2 misses used the whole answer budget: their key may have come yet",
        "1 trial cut off before an answer: not counted; raise their budget",
        "3 trials refused by the server as too long: not counted as missed",
        "2 trials errored: not counted as missed",
    )


def test_rope_stands_as_asked_beside_what_runs(make_summary: Make, entry: dict[str, Any]) -> None:
    card = card_of(make_summary(CELLS), entry)

    assert card.rope_status == "mismatch"
    lines = {line.name: (line.asked, line.runs, line.differs) for line in card.rope_lines}
    assert lines["factor"] == ("4.0", "2.0", True)
    assert lines["rope_theta"] == ("1,000,000.0", "1,000,000.0", False)
    assert lines["class"] == (None, "YaRNScalingRotaryEmbedding", False)
    assert lines["table of cos and sin"][1] == "65,536 positions x 128, bfloat16"
    assert lines["max_model_len"] == ("131,072", "131,072", False)


def test_start_up_and_room_come_first_and_the_rest_on_demand(
    make_summary: Make, entry: dict[str, Any]
) -> None:
    card = card_of(make_summary(CELLS), entry)

    assert dict(card.facts) == {
        "start-up, s": "62",
        "KV cache, tokens": "400,000",
        "requests of full length at once": "3.0",
    }
    assert dict(card.more_facts)["checkpoint"] == "Qwen/Qwen3-8B"


def test_a_verdict_stands_with_what_decided_it(make_summary: Make, entry: dict[str, Any]) -> None:
    verdict = verdict_of(
        floor_at(8000, Verdict.PASS), floor_at(16_000, Verdict.FAIL, recall=(2, 4)), incomplete=5
    )

    card = card_of(make_summary(CELLS), entry, verdict=verdict)

    assert card.verdict == "fail"
    assert card.reasons == (
        "floor at 16,000 tokens: 2/4, as it was proven",
        "incomplete: 5 trials errored, refused or not asked yet",
    )


def test_how_far_recall_reaches_is_told_first_and_what_the_cache_gave_with_the_rest(
    make_summary: Make, entry: dict[str, Any]
) -> None:
    card = card_of(make_summary(CELLS), entry, caches=("prefix cache: shared",))

    assert card.reach
    assert card.reach.startswith("recall of at least 0.95 proven at no length")
    assert "prefix cache: shared" in card.notes
    assert card_of(make_summary({(8000, 0.0): "eeeee"}), entry).reach is None


def test_an_unfinished_variant_says_why(make_summary: Make, entry: dict[str, Any]) -> None:
    card = card_of(make_summary(CELLS), {**entry, "state": "failed", "error": "no memory"})

    assert (card.state, card.error) == ("failed", "no memory")
