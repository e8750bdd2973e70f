"""The first sentence of the page says whether to ship, and never more than is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from recallbench.gate.verdict import Verdict
from recallbench.reports.page.headline import Headline, headline
from recallbench.stats import VariantSummary
from support.verdicts import floor_at, verdict_of

Make = Callable[..., VariantSummary]
GOOD = {(8000, 0.0): "rrrrr", (16_000, 0.0): "rrrrr"}
BAD = {(8000, 0.0): "rrmmm", (16_000, 0.0): "mmmmm"}
PASSED = verdict_of(floor_at(8000, Verdict.PASS), floor_at(16_000, Verdict.PASS))
FAILED = verdict_of(
    floor_at(8000, Verdict.FAIL, recall=(2, 5)), floor_at(16_000, Verdict.FAIL, recall=(0, 5))
)


def test_a_pass_names_the_variants_and_what_they_were_held_against(make_summary: Make) -> None:
    told = headline("r", [make_summary(GOOD)], [PASSED], {"v": "proved"})

    assert told.word == "PASS"
    assert told.reason == f"{PASSED.variant}: all 2 judgements hold (floor 0.9)"
    assert told.rope == "RoPE proved in the engine"
    assert told.missing is None
    assert told.command is None


def test_a_fail_gives_the_first_reason_and_counts_the_others(make_summary: Make) -> None:
    told = headline("r", [make_summary(BAD)], [PASSED, FAILED], {"v": "proved"})

    assert told.word == "FAIL"
    assert told.reason == (
        f"{FAILED.variant}, floor at 8,000 tokens: 2/5, as it was proven (and 1 more judgement)"
    )


def test_a_pass_with_missing_trials_is_incomplete_and_a_fail_stays_a_fail(
    make_summary: Make,
) -> None:
    summary = make_summary({**GOOD, (16_000, 0.0): "rrrre"})

    word = headline("r", [summary], [replace(PASSED, incomplete=1)], {}).word
    assert word == "INCOMPLETE"
    assert headline("r", [summary], [replace(FAILED, incomplete=1)], {}).word == "FAIL"


def test_trials_without_an_answer_are_counted_apart(make_summary: Make) -> None:
    told = headline("r", [make_summary({(8000, 0.0): "rroem"}, trials=6)], [], {"v": "proved"})

    assert told.missing == "3 trials errored, refused or not asked yet"


def ungated(*summaries: VariantSummary, ropes: dict[str, str] | None = None) -> Headline:
    return headline("results/a b", summaries, [], ropes or {"base": "proved"})


def test_without_rules_nothing_says_whether_to_ship_and_a_command_would(
    make_summary: Make,
) -> None:
    told = ungated(make_summary(GOOD))

    assert told.word == "NO GATE"
    assert told.reason == (
        "base: recall 10/10 (100%, 95% interval 72.2-100%); no rules were given, so nothing says "
        "whether this may be shipped"
    )
    assert told.command == "recallbench gate 'results/a b' --floor 0.95"


def test_recalls_of_several_variants_are_never_added_up(make_summary: Make) -> None:
    told = ungated(
        make_summary(GOOD, variant="a"),
        make_summary(BAD, variant="b"),
        make_summary({(8000, 0.0): "rrrrm"}, variant="c"),
    )

    assert told.reason.startswith("a: recall 10/10 (100%, ")
    assert " and b: recall 2/10 (20.0%, " in told.reason
    assert "; 1 more variant below; no rules" in told.reason


def test_a_run_without_an_answer_has_no_recall(make_summary: Make) -> None:
    assert ungated(make_summary({(8000, 0.0): "eeeee"})).reason == "no recall measured"


def test_what_is_not_proved_is_named(make_summary: Make) -> None:
    def rope(**statuses: str) -> str:
        return ungated(make_summary(GOOD), ropes=statuses).rope

    assert rope(a="proved", b="proved") == "RoPE proved in both variants"
    assert rope(a="proved", b="proved", c="proved") == "RoPE proved in all 3 variants"
    assert rope(a="proved", b="mismatch", c="unverified") == (
        "RoPE MISMATCH in b; RoPE unverified in c; proved in 1 other"
    )
