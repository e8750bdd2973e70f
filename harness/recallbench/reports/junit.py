r"""A run as JUnit XML, as GitLab, Jenkins and reporters on GitHub show it.

Guarantees that a report is red where the command's exit code is not 0, that no two test cases of a
variant have one name (GitLab keeps the first only), and that every text is XML 1.0: what it
forbids is spelled, as in ``\x1b``.

A variant is a test suite. Held against a gate, it has a case for each judgement and one for trials
without an answer; what was left open because another rule failed is skipped, as a run stops there.
Without a gate it has one for each length, which is an error where trials have no answer. Times are
left out: requests overlap, so that their sum is no duration.

Source: the xUnit schema of Jenkins' plugin, junit-10.xsd; GitLab's documentation of unit test
reports, which reads the text of failure, error and skipped, and neither message nor type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal
from xml.etree import ElementTree as ET

from recallbench.domain.gate_rules import OnInconclusive
from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict
from recallbench.reports.judgement_words import (
    written_count,
    written_demand,
    written_judgement,
    written_place,
    written_reason,
)
from recallbench.reports.measure_words import recall_name
from recallbench.reports.notation import (
    counted,
    printable,
    written_hits,
    written_interval,
    written_length,
    written_share,
)
from recallbench.reports.remarks import remarks
from recallbench.reports.replay import replay
from recallbench.reports.verdict_advice import written_incomplete
from recallbench.stats import Interval, Proportion, VariantSummary

_Outcome = Literal["failure", "error", "skipped"]
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# An inconclusive verdict exits with 4: neither a green report nor a failure, which is a proof.
_INCONCLUSIVE: dict[OnInconclusive, _Outcome] = {
    "inconclusive": "error",
    "pass": "skipped",
    "fail": "failure",
}


def junit_xml(
    run: str,
    summaries: Sequence[VariantSummary],
    verdicts: Sequence[VariantVerdict],
    *,
    inconclusive: OnInconclusive = "inconclusive",
) -> str:
    """The whole report.

    Args:
        run: folder of the run.
        summaries: one for each variant.
        verdicts: of those variants that were held against a gate.
        inconclusive: what the gate takes an inconclusive verdict for: an error of its own, a
            skipped test where it is let through, or a failure.
    """
    root = ET.Element("testsuites", name=printable(run))
    judged = {verdict.variant: verdict for verdict in verdicts if verdict.judgements}
    summarized = {summary.variant: summary for summary in summaries}
    for variant in {**summarized, **judged}:
        suite = ET.SubElement(root, "testsuite", name=printable(variant))
        if variant in judged:
            _add_judgements(suite, judged[variant], run, inconclusive)
        else:
            _add_lengths(suite, summarized[variant])
        _count(suite)
    _count(root)
    ET.indent(root)
    return f"{_HEAD}{ET.tostring(root, encoding='unicode')}\n"


def _add_judgements(
    suite: ET.Element, verdict: VariantVerdict, run: str, inconclusive: OnInconclusive
) -> None:
    for judgement in verdict.judgements:
        case = _case(suite, verdict.variant, written_place(judgement))
        told = written_judgement(judgement)
        if judgement.verdict is Verdict.FAIL:
            _end(case, "failure", judgement.rule, told, *_again(verdict.variant, judgement, run))
        elif judgement.verdict is Verdict.INCONCLUSIVE and verdict.verdict is Verdict.FAIL:
            _end(case, "skipped", "inconclusive", f"settled by another fail: {told}")
        elif judgement.verdict is Verdict.INCONCLUSIVE:
            _end(case, _INCONCLUSIVE[inconclusive], "inconclusive", f"inconclusive: {told}")
        _write(case, "system-out", *_told(judgement))
    case = _case(suite, verdict.variant, "all trials answered")
    if verdict.incomplete:
        _end(case, "error", "incomplete", written_incomplete(verdict.incomplete))
    if verdict.notes:
        _write(suite, "system-out", *verdict.notes)


def _again(variant: str, judgement: Judgement, run: str) -> Iterator[str]:
    found = replay(variant, [judgement], run)
    if found:
        yield f"{found.said}:"
        yield found.command


def _told(judgement: Judgement) -> Iterator[str]:
    count = written_count(judgement)
    if judgement.recall is not None:
        yield _recall(judgement.recall, judgement.interval, judgement.haystacks)
    elif count:
        yield count
    yield f"{written_demand(judgement)}: {judgement.verdict.value}"
    yield written_reason(judgement)


def _add_lengths(suite: ET.Element, summary: VariantSummary) -> None:
    for line in summary.lengths:
        if line.length_tokens is None or not line.is_planned:
            continue
        name = f"{recall_name(summary.layout)} at {written_length(line.length_tokens)} tokens"
        case = _case(suite, summary.variant, name)
        sentences, told = remarks(line), _recall(line.recall, line.interval(), line.haystacks)
        if not line.recall.n or line.errored or line.overflow or line.owed:
            _end(case, "error", "unmeasured", "; ".join((told, *sentences)))
        _write(case, "system-out", told, *sentences)


def _recall(recall: Proportion, interval: Interval | None, haystacks: int | None) -> str:
    if recall.value is None or interval is None:
        return "no recall measured"
    share, between = written_share(recall.value), written_interval(interval)
    counting = f" that counts {counted(haystacks, 'haystack')}" if haystacks else ""
    return f"{written_hits(recall)} recalled ({share}, 95% interval {between}{counting})"


def _case(suite: ET.Element, variant: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=printable(variant), name=name)


def _end(case: ET.Element, outcome: _Outcome, kind: str, *lines: str) -> None:
    _write(case, outcome, *lines).attrib.update(message=printable(lines[0]), type=kind)


def _write(case: ET.Element, tag: str, *lines: str) -> ET.Element:
    element = ET.SubElement(case, tag)
    # All that XML 1.0 forbids cannot be printed either.
    element.text = "\n".join(printable(line) for line in lines)
    return element


def _count(element: ET.Element) -> None:
    counts = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in counts.items():
        # The schema, which some plugins insist on, has no count of skipped for all suites.
        if name != "skipped" or element.tag == "testsuite":
            element.set(name, str(sum(1 for _ in element.iter(tag))))
