"""Scripts get every number of a verdict, and no data as null."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from recallbench.gate.verdict import Verdict
from recallbench.reports.verdict_json import verdict_value
from recallbench.stats import Proportion
from recallbench.stats.clusters import Clusters
from support.verdicts import HOSTILE, drop_at, errors, floor_at, not_asked, verdict_of

FAILED = verdict_of(
    floor_at(8000, Verdict.FAIL, against=tuple("abcdefg"), lean=-1.0, trials_needed=45),
    drop_at(16_000, Verdict.INCONCLUSIVE, against=("h",)),
    errors(Verdict.PASS),
    incomplete=2,
    notes=("no floor at 32,000 tokens",),
)


def value_of(*verdicts: Any, drawn: bool = False) -> dict[str, Any]:
    value = verdict_value(verdicts, run="results/x", drawn=drawn)
    loaded = json.loads(json.dumps(value, allow_nan=False))
    assert loaded == value
    return value


def test_the_top_says_which_run_and_what_it_comes_to() -> None:
    value = value_of(verdict_of(floor_at(8000, Verdict.PASS), variant="bf16"), FAILED, drawn=True)

    assert list(value) == ["schema", "run", "verdict", "drawn", "variants"]
    assert [value[key] for key in list(value)[:4]] == [1, "results/x", "fail", True]
    assert [each["variant"] for each in value["variants"]] == ["bf16", "fp8"]


def test_a_variant_has_its_verdict_and_what_to_do_next() -> None:
    (variant,) = value_of(FAILED)["variants"]

    judgements = variant.pop("judgements")
    assert variant == {
        "variant": "fp8",
        "verdict": "fail",
        "incomplete": 2,
        "cut_short": False,
        "notes": ["no floor at 32,000 tokens"],
        "what_helps": [],
        "replay": [
            (
                "recallbench run results/x --variant fp8 --trial a --trial b --trial c --trial d "
                "--trial e"
            )
        ],
        "replay_left_out": 2,
    }
    assert [each["rule"] for each in judgements] == ["floor", "baseline", "errors"]


def test_a_judgement_has_all_its_numbers() -> None:
    judgement = value_of(FAILED)["variants"][0]["judgements"][0]

    interval = binomtest(45, 50).proportion_ci(method="wilson")
    low, high = judgement.pop("wilson_low"), judgement.pop("wilson_high")
    assert (low, high) == pytest.approx((interval.low, interval.high))
    assert judgement == {
        "rule": "floor",
        "length_tokens": 8000,
        "verdict": "fail",
        "demanded": 0.9,
        "what": "as it was proven",
        "k": 45,
        "n": 50,
        "recall": 0.9,
        "haystacks": None,
        "pairs": None,
        "unanswered": 0,
        "lean": -1.0,
        "trials_needed": 45,
        "against": list("abcdefg"),
    }


def test_an_interval_of_shared_haystacks_stands_with_their_number() -> None:
    shared = Clusters(hits=(10, 10, 10, 10, 5), trials=(10,) * 5)
    held = replace(floor_at(8000, Verdict.INCONCLUSIVE), shared=shared, haystacks=5)

    judgement = value_of(verdict_of(held))["variants"][0]["judgements"][0]

    assert (judgement["k"], judgement["n"], judgement["haystacks"]) == (45, 50, 5)
    assert (judgement["wilson_low"], judgement["wilson_high"]) == shared.interval()
    assert shared.interval() != Proportion(k=45, n=50).interval()


def test_pairs_have_their_counts_and_their_difference() -> None:
    judgement = value_of(FAILED)["variants"][0]["judgements"][1]

    assert judgement["pairs"] == {
        "n": 50,
        "both": 45,
        "lost": 3,
        "gained": 1,
        "neither": 1,
        "difference": -0.04,
    }
    assert (judgement["k"], judgement["recall"]) == (None, None)


def test_no_data_is_null_and_not_zero() -> None:
    verdict = verdict_of(floor_at(8000, Verdict.INCONCLUSIVE, recall=(0, 0)), not_asked(64_000))

    empty, unasked = value_of(verdict)["variants"][0]["judgements"]
    assert [empty[key] for key in ("k", "n", "recall", "wilson_low")] == [0, 0, None, None]
    assert [unasked[key] for key in ("k", "n", "recall", "wilson_low")] == [None] * 4


def test_every_judgement_has_the_same_keys() -> None:
    verdict = replace(FAILED, judgements=(*FAILED.judgements, not_asked(None)))

    keys = [list(each) for each in value_of(verdict)["variants"][0]["judgements"]]
    assert keys == [keys[0]] * 4


@given(st.floats())
def test_what_is_no_number_in_json_is_null(lean: float) -> None:
    judgement = floor_at(8000, Verdict.INCONCLUSIVE, lean=lean)
    found = verdict_value([verdict_of(judgement)], run="x")["variants"][0]["judgements"][0]["lean"]

    assert json.dumps(found) not in {"NaN", "Infinity", "-Infinity"}


def test_names_stay_as_they_are() -> None:
    value = value_of(verdict_of(floor_at(8000, Verdict.PASS), variant=HOSTILE))

    assert value["variants"][0]["variant"] == HOSTILE


def test_a_run_without_a_gate_is_no_pass() -> None:
    assert value_of()["verdict"] == "inconclusive"
