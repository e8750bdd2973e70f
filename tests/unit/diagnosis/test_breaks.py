"""A break is a step from near full to near none, named by the limit in its gap."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from recallbench.diagnosis.breaks import suspect_breaks
from recallbench.diagnosis.case import Case
from recallbench.diagnosis.exact import Stratum, fewer_hits
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.stats import Proportion

Written = Callable[..., Case]
GOOD, BAD = "r" * 19 + "m", "m" * 19 + "r"
AT_32K = {(8000, 0.5): GOOD, (32000, 0.5): GOOD, (64000, 0.5): BAD, (128000, 0.5): BAD}


def told(case: Case) -> Diagnosis | None:
    (suspicion,) = suspect_breaks(case)
    return suspicion.diagnosis if suspicion.p_value < 0.001 else None


def found(case: Case) -> Diagnosis:
    diagnosis = told(case)
    assert diagnosis is not None
    return diagnosis


def test_past_the_trained_length_the_scaling_is_not_in_effect(written: Written) -> None:
    diagnosis = found(written(AT_32K))

    assert diagnosis.pattern is Pattern.BREAKS_AT_NATIVE_LENGTH
    assert diagnosis.what == (
        "Recall is 38/40 (95.0%, 95% interval 83.5-98.6%) at 8,000 to 32,000 tokens and 2/40 "
        "(5.0%, 95% interval 1.4-16.5%) at 64,000 to 128,000 tokens. The model was trained on "
        "32,768 tokens."
    )
    assert diagnosis.why == (
        "the scaling that was asked for is not in effect: that the engine runs it is not proved"
    )
    assert diagnosis.next_command.startswith("recallbench check --model org/model --hf-overrides")


def test_a_scaling_that_is_proved_is_not_said_to_be_lost(written: Written) -> None:
    diagnosis = found(written(AT_32K, rope_proof="proved"))

    assert diagnosis.why.startswith("the scaling that was asked for is proved to run: the model")
    assert diagnosis.next_command == "recallbench run long --variant base --length=32768,48000"


def test_a_mismatch_that_was_seen_is_said(written: Written) -> None:
    assert "seen to run another RoPE" in found(written(AT_32K, rope_proof="mismatch")).why


def test_without_scaling_the_factor_that_is_needed_is_given(written: Written) -> None:
    diagnosis = found(written(AT_32K, rope_is_scaled=False, hf_overrides=None))

    assert diagnosis.why.startswith("no RoPE scaling was asked for")
    assert diagnosis.next_command == "recallbench run long --variant base --factor=4"


def test_the_engines_table_comes_before_the_trained_length(written: Written) -> None:
    diagnosis = found(written(AT_32K, cos_sin_rows=40960))

    assert diagnosis.pattern is Pattern.PAST_POSITION_TABLE
    assert diagnosis.what.endswith("The engine's cos/sin table has 40,960 rows.")
    assert diagnosis.why.startswith("the table has 40,960 rows and longer prompts read past")


def test_a_table_as_short_as_the_trained_length_shows_that_nothing_is_scaled(
    written: Written,
) -> None:
    diagnosis = found(written(AT_32K, cos_sin_rows=32768))

    assert diagnosis.pattern is Pattern.PAST_POSITION_TABLE
    assert "the scaling that was asked for is not in effect" in diagnosis.why


def test_garbage_past_a_table_is_evidence_and_no_pattern_beside_it(written: Written) -> None:
    cells = {**AT_32K, (64000, 0.5): "z" * 15 + "m" * 5, (128000, 0.5): "g" * 20}

    (suspicion,) = suspect_breaks(written(cells, cos_sin_rows=40960))

    assert suspicion.diagnosis is not None
    assert suspicion.diagnosis.evidence[2:] == (
        "15/40 misses there are token 0 over and over, such as '" + "!" * 40 + "'",
        "20/40 misses there are one piece of text over and over, such as '" + " aut" * 10 + "'",
    )
    assert suspicion.silences >= {Pattern.TOKEN_ZERO_ANSWERS, Pattern.REPEATED_ANSWERS}


@pytest.mark.parametrize("limits", [{"native": None, "rows": None}, {"native": 8000, "rows": 8192}])
def test_a_break_where_no_limit_is_known_is_told_by_its_place(
    written: Written, limits: Mapping[str, int | None]
) -> None:
    case = written(AT_32K, native_length_tokens=limits["native"], cos_sin_rows=limits["rows"])
    diagnosis = found(case)

    assert diagnosis.pattern is Pattern.BREAKS_AT_A_LENGTH
    assert "between 32,000 and 64,000 tokens" in diagnosis.why
    assert diagnosis.next_command == "recallbench run long --variant base --length=32000,48000"


@pytest.mark.parametrize(("limit", "is_native"), [(31999, False), (32000, True), (63999, True)])
def test_a_prompt_as_long_as_the_limit_fits(
    written: Written, *, limit: int, is_native: bool
) -> None:
    pattern = found(written(AT_32K, native_length_tokens=limit)).pattern

    assert (pattern is Pattern.BREAKS_AT_NATIVE_LENGTH) == is_native


def test_half_of_the_recall_at_one_length_is_a_decline_and_no_break(written: Written) -> None:
    assert told(written({**AT_32K, (64000, 0.5): "r" * 10 + "m" * 10})) is None
    assert told(written({**AT_32K, (32000, 0.5): "r" * 12 + "m" * 8})) is None


def test_one_length_that_is_half_way_on_its_side_is_no_part_of_a_break(written: Written) -> None:
    uneven = "r" * 13 + "m" * 7

    assert told(written({**AT_32K, (8000, 0.5): uneven, (32000, 0.5): "r" * 20})) is None


def test_a_fall_in_several_steps_is_no_break(written: Written) -> None:
    cells = {**AT_32K, (32000, 0.5): "r" * 15 + "m" * 5, (64000, 0.5): "r" * 6 + "m" * 14}

    assert told(written(cells)) is None


def test_every_place_that_was_looked_at_counts(written: Written) -> None:
    (suspicion,) = suspect_breaks(written({**AT_32K, (64000, 0.5): "mm", (128000, 0.5): "mm"}))
    sides = Stratum(suspect=Proportion(k=0, n=4), other=Proportion(k=38, n=40))

    assert suspicion.p_value == pytest.approx(3 * fewer_hits([sides]))


def test_recall_that_rises_or_stays_is_no_break(written: Written) -> None:
    assert told(written(dict(zip(AT_32K, reversed(AT_32K.values()), strict=True)))) is None
    assert told(written(dict.fromkeys(AT_32K, GOOD))) is None
    assert told(written(dict.fromkeys(AT_32K, BAD))) is None


def test_refused_and_failed_trials_make_no_break(written: Written) -> None:
    case = written({**AT_32K, (64000, 0.5): "o" * 20, (128000, 0.5): "e" * 20})

    assert told(case) is None


def test_one_length_has_no_place_for_a_break(written: Written) -> None:
    assert suspect_breaks(written({(8000, 0.5): BAD})) == ()
    assert suspect_breaks(written({(8000, 0.5): "e"})) == ()
