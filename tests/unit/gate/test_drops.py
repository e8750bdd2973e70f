"""A drop from the baseline is ruled out, proven or left open, and nothing unanswered decides it."""

from __future__ import annotations

import pytest

from recallbench.domain import TrialRecord
from recallbench.domain.layout import Haystacks
from recallbench.errors import ComparisonError
from recallbench.gate.drops import judge_drop
from recallbench.gate.length_records import LengthRecords, by_length
from recallbench.gate.terms import Terms
from recallbench.gate.verdict import Judgement, Verdict
from recallbench.stats.paired import PairedCounts
from support.records import DEPTHS, HIT, MISS, always, record, records
from support.sides import sides


def terms(*, drawn: bool = False, shared_by: Haystacks = "trial") -> Terms:
    return Terms(false_alarm=0.02, miss=0.05, is_sequential=drawn, shared_by=shared_by)


def of_length(them: tuple[TrialRecord, ...]) -> LengthRecords:
    return by_length(them, (1000,), DEPTHS)[1000]


def drop(on: Terms | None = None, max_drop: float = 0.1, **table: int) -> Judgement:
    baseline, ours = sides(**table)
    return judge_drop(of_length(ours), of_length(baseline), max_drop, on or terms())


@pytest.mark.parametrize("drawn", [False, True], ids=["fixed", "drawn"])
@pytest.mark.parametrize(
    ("table", "verdict", "what"),
    [
        ({"both": 100}, Verdict.PASS, "a drop of 0.1 is ruled out"),
        ({"neither": 100}, Verdict.PASS, "a drop of 0.1 is ruled out"),
        ({"gained": 100}, Verdict.PASS, "a drop of 0.1 is ruled out"),
        ({"lost": 100}, Verdict.FAIL, "a drop of more than 0.1 is proven"),
        ({"both": 5}, Verdict.INCONCLUSIVE, "a drop of 0.1 is neither proven nor ruled out"),
    ],
    ids=str,
)
def test_it_is_ruled_out_proven_or_neither(
    table: dict[str, int], verdict: Verdict, what: str, *, drawn: bool
) -> None:
    told = drop(terms(drawn=drawn), **table)

    assert (told.verdict, told.what) == (verdict, what)


@pytest.mark.parametrize("lost", range(0, 41, 2))
def test_a_fixed_number_of_pairs_is_tested_as_any_table_of_two_by_two(lost: int) -> None:
    table = PairedCounts(both=76 - lost, lost=lost, gained=2, neither=2)
    p_fail, p_pass = table.p_not_inferior_by(0.1), table.p_inferior_by(0.1)
    assert p_fail is not None
    assert p_pass is not None
    expected = (
        Verdict.FAIL if p_fail <= 0.02 else Verdict.PASS if p_pass <= 0.05 else Verdict.INCONCLUSIVE
    )

    told = drop(both=76 - lost, lost=lost, gained=2, neither=2)

    assert told.verdict is expected
    assert told.pairs == table


def test_a_pair_without_an_answer_is_lost_for_a_pass_and_nothing_for_a_fail() -> None:
    assert drop(both=60).verdict is Verdict.PASS
    assert drop(both=60, unanswered=8).verdict is Verdict.INCONCLUSIVE
    assert drop(unanswered=60).verdict is Verdict.INCONCLUSIVE
    assert drop(terms(shared_by="repeat"), both=400, unanswered=80).verdict is Verdict.INCONCLUSIVE
    assert drop(terms(shared_by="repeat"), both=480).verdict is Verdict.PASS


@pytest.mark.parametrize("drawn", [False, True], ids=["fixed", "drawn"])
def test_pairs_of_one_haystack_take_more_rounds(*, drawn: bool) -> None:
    """60 pairs rule out a drop of .1; of 12 haystacks they do not."""
    alone, shared = terms(drawn=drawn), terms(drawn=drawn, shared_by="repeat")

    assert drop(alone, both=60).verdict is Verdict.PASS
    assert drop(shared, both=60).verdict is Verdict.INCONCLUSIVE
    assert drop(shared, both=500).verdict is Verdict.PASS


@pytest.mark.parametrize("drawn", [False, True], ids=["fixed", "drawn"])
def test_losses_of_one_haystack_prove_less_too(*, drawn: bool) -> None:
    """Four losses of five trials each fail; where each five are one haystack they are four."""
    alone, shared = terms(drawn=drawn), terms(drawn=drawn, shared_by="repeat")

    assert drop(alone, lost=10).verdict is Verdict.FAIL
    assert drop(shared, lost=10).verdict is Verdict.INCONCLUSIVE


def test_a_judgement_holds_what_it_is_about() -> None:
    told = drop(both=10, lost=3, gained=2, neither=1, unanswered=4)

    assert (told.rule, told.length_tokens, told.demanded) == ("baseline", 1000, 0.1)
    assert told.pairs == PairedCounts(both=10, lost=3, gained=2, neither=1)
    assert told.recall is None
    assert told.unanswered == 4
    assert told.against == tuple(record(1000, DEPTHS[i % 5], i // 5).trial_id for i in (10, 11, 12))


def test_drawn_pairs_tell_how_many_were_needed() -> None:
    told, open_ = drop(terms(drawn=True), both=500), drop(terms(drawn=True), both=5)

    assert (told.lean, open_.trials_needed) == (1.0, None)
    assert told.trials_needed is not None
    assert told.trials_needed < 60
    assert open_.lean is not None
    assert 0 < open_.lean < 1


def test_a_length_that_the_baseline_was_not_asked_is_open_and_said_so() -> None:
    told = judge_drop(of_length(records(always(HIT))), of_length(()), 0.1, terms())

    assert told.verdict is Verdict.INCONCLUSIVE
    assert told.what == "the baseline was not asked at this length"


def test_a_length_that_is_not_asked_yet_is_open() -> None:
    told = judge_drop(of_length(()), of_length(records(always(HIT))), 0.1, terms(drawn=True))

    assert (told.verdict, told.lean) == (Verdict.INCONCLUSIVE, 0.0)


@pytest.mark.parametrize("drawn", [False, True], ids=["fixed", "drawn"])
def test_a_baseline_of_other_questions_is_refused(*, drawn: bool) -> None:
    ours, theirs = (record(),), (record(seed="another", outcome=MISS),)

    with pytest.raises(ComparisonError, match=r"the baseline .* and the variant .* share no trial"):
        judge_drop(of_length(ours), of_length(theirs), 0.1, terms(drawn=drawn))


def test_haystacks_of_answered_pairs_are_counted_where_pairs_share_them() -> None:
    assert drop(both=60).haystacks is None
    assert drop(terms(shared_by="repeat"), both=60).haystacks == 12
    assert drop(terms(shared_by=4), both=60).haystacks == 4
    assert drop(terms(shared_by="repeat"), unanswered=60).haystacks is None
