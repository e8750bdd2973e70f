"""CI systems read the report, and it is as red as the exit code."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain.gate_rules import OnInconclusive
from recallbench.gate.verdict import VariantVerdict, Verdict
from recallbench.reports.junit import junit_xml
from recallbench.stats import VariantSummary
from recallbench.stats.clusters import Clusters
from support.verdicts import HOSTILE, drop_at, errors, floor_at, verdict_of

Make = Callable[..., VariantSummary]
FAILED = verdict_of(
    floor_at(8000, Verdict.PASS),
    floor_at(16_000, Verdict.FAIL, against=tuple("abcdefg")),
    drop_at(8000, Verdict.INCONCLUSIVE),
    errors(Verdict.PASS),
    notes=("no floor at 32,000 tokens",),
)
FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parsed(
    *verdicts: VariantVerdict,
    summaries: tuple[VariantSummary, ...] = (),
    inconclusive: OnInconclusive = "inconclusive",
) -> ET.Element:
    text = junit_xml("results/x", summaries, verdicts, inconclusive=inconclusive)
    root = ET.fromstring(text.encode())  # noqa: S314 - our own text
    for element in (root, *root.iter("testsuite")):
        check_counts(element)
    return root


def check_counts(element: ET.Element) -> None:
    cases = list(element.iter("testcase"))
    assert element.get("tests") == str(len(cases))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        count = str(sum(case.find(tag) is not None for case in cases))
        assert element.get(name, count) == count
    assert ("skipped" in element.attrib) is (element.tag == "testsuite")
    ends = {"failure", "error", "skipped"}
    assert all(sum(child.tag in ends for child in case) <= 1 for case in cases)


def ends_of(root: ET.Element) -> dict[str, str]:
    return {
        str(case.get("name")): next((child.tag for child in case), "")
        for case in root.iter("testcase")
    }


def test_each_judgement_is_a_case_of_its_variants_suite() -> None:
    root = parsed(FAILED)

    (suite,) = root
    assert (root.tag, root.get("name"), suite.tag, suite.get("name")) == (
        "testsuites",
        "results/x",
        "testsuite",
        "fp8",
    )
    assert [case.get("classname") for case in suite.iter("testcase")] == ["fp8"] * 5
    assert ends_of(root) == {
        "floor at 8,000 tokens": "system-out",
        "floor at 16,000 tokens": "failure",
        "baseline at 8,000 tokens": "skipped",
        "errors": "system-out",
        "all trials answered": "",
    }


def test_a_failure_says_why_and_how_to_ask_again_in_its_text() -> None:
    (failure,) = parsed(FAILED).iter("failure")

    assert failure.attrib == {
        "message": "floor at 16,000 tokens: 45/50, as it was proven",
        "type": "floor",
    }
    assert str(failure.text).splitlines() == [
        "floor at 16,000 tokens: 45/50, as it was proven",
        "asks 5 of the 7 trials again that speak against it:",
        (
            "recallbench run results/x --variant fp8 --trial a --trial b --trial c --trial d "
            "--trial e"
        ),
    ]


@pytest.mark.parametrize(
    ("inconclusive", "tag"), [("inconclusive", "error"), ("pass", "skipped"), ("fail", "failure")]
)
def test_an_inconclusive_verdict_is_what_the_gate_takes_it_for(
    inconclusive: OnInconclusive, tag: str
) -> None:
    root = parsed(verdict_of(drop_at(8000, Verdict.INCONCLUSIVE)), inconclusive=inconclusive)

    (case, _) = root.iter("testcase")
    assert case[0].tag == tag
    assert case[0].attrib == {
        "message": "inconclusive: baseline at 8,000 tokens: 3 lost, 1 gained of 50, a drop as it "
        "was proven",
        "type": "inconclusive",
    }
    assert case[0].text == case[0].get("message")


def test_what_was_counted_stands_in_the_output_of_every_case() -> None:
    out = [str(each.text).splitlines()[0] for each in parsed(FAILED).iter("system-out")]

    assert out == [
        "45/50 recalled (90.0%, 95% interval 78.6-95.7%)",
        "45/50 recalled (90.0%, 95% interval 78.6-95.7%)",
        "3 lost, 1 gained of 50",
        "at most 2: pass",
        "no floor at 32,000 tokens",
    ]


def test_trials_without_an_answer_are_an_error_of_their_own() -> None:
    root = parsed(verdict_of(floor_at(8000, Verdict.PASS), incomplete=3))

    (error,) = root.iter("error")
    assert error.attrib == {
        "message": "3 trials errored, refused or not asked yet",
        "type": "incomplete",
    }


def test_without_a_gate_each_length_is_a_case_with_its_recall(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.0): "rrrrm", (8000, 1.0): "rrrrr", (9000, 0.0): "mmmmm"})

    root = parsed(summaries=(summary,))

    assert next((case.get("name"), case[-1].text) for case in root.iter("testcase")) == (
        "recall at 8,000 tokens",
        "9/10 recalled (90.0%, 95% interval 59.6-98.2%)",
    )
    assert ends_of(root)["recall at 9,000 tokens"] == "error", "one of its depths is still owed"


@pytest.mark.parametrize("letters", ["rrrre", "rrrro", "rrrr", "ttttt", "eeeee"])
def test_without_a_gate_what_is_not_measured_is_an_error(make_summary: Make, letters: str) -> None:
    (error,) = parsed(summaries=(make_summary({(8000, 0.5): letters}),)).iter("error")

    assert error.get("type") == "unmeasured"
    assert "trial" in str(error.text)


def test_low_recall_without_a_gate_breaks_no_rule(make_summary: Make) -> None:
    root = parsed(summaries=(make_summary({(8000, 0.5): "mmmmm"}),))

    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["1", "0", "0"]


def test_a_length_that_is_not_planned_has_no_case(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.5): "rrrrr", (9000, 0.5): ""}, asked_lengths=(8000,))

    assert list(ends_of(parsed(summaries=(summary,)))) == ["recall at 8,000 tokens"]


def test_variants_with_and_without_a_verdict_are_all_told_once(make_summary: Make) -> None:
    cells = {(8000, 0.5): "rrrrr"}
    summaries = (make_summary(cells, variant="bf16"), make_summary(cells, variant="fp8"))

    root = parsed(FAILED, verdict_of(errors(Verdict.FAIL), variant="awq"), summaries=summaries)

    assert [suite.get("name") for suite in root] == ["bf16", "fp8", "awq"]
    assert (root.get("tests"), root.get("failures")) == ("8", "2")


def test_no_two_cases_of_a_variant_have_one_name() -> None:
    names = [case.get("name") for case in parsed(FAILED).iter("testcase")]

    assert len(names) == len(set(names))


@given(st.text(), st.text(), st.text())
def test_any_text_is_xml(variant: str, run: str, trial: str) -> None:
    verdict = verdict_of(floor_at(8000, Verdict.FAIL, against=(trial,)), variant=variant)

    text = junit_xml(run, (), [verdict])

    assert not FORBIDDEN.search(text)
    ET.fromstring(text.encode())  # noqa: S314 - our own text


def test_forbidden_characters_are_spelled_and_markup_comes_back() -> None:
    (suite,) = parsed(verdict_of(errors(Verdict.PASS), variant=HOSTILE))

    assert suite.get("name") == r"[red]|x|[/red] <b>`*\x1b[31m\n\x00\ud800 数 & $y$"


def test_nothing_at_all_is_a_report_without_tests() -> None:
    assert parsed().attrib == {
        "name": "results/x",
        "tests": "0",
        "failures": "0",
        "errors": "0",
    }


def test_a_ladders_cases_are_of_multi_key_recall_and_its_intervals_say_what_they_count(
    make_summary: Make,
) -> None:
    cells = {(8000, 0.0): "rrrrm", (8000, 1.0): "rrrrm"}
    ladder = make_summary(cells, shared_by="repeat", layout="ladder")

    (case,) = parsed(summaries=(ladder,)).iter("testcase")

    assert case.get("name") == "multi-key recall at 8,000 tokens"
    assert "28.4-99.5%" in (case.findtext("system-out") or ""), "4 of 5 haystacks, exact"
    assert "that counts 5 haystacks)" in (case.findtext("system-out") or "")


def test_a_judgements_interval_says_what_it_counts() -> None:
    shared = Clusters(hits=(10, 10, 10, 10, 5), trials=(10,) * 5)
    held = replace(floor_at(8000, Verdict.PASS), shared=shared, haystacks=5)

    case = next(parsed(verdict_of(held)).iter("testcase"))

    assert "that counts 5 haystacks)" in (case.findtext("system-out") or "")
