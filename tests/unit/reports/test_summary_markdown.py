"""The page of a run says in words what a reader of a CI job must know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recallbench.diagnosis import Diagnosis, Pattern
from recallbench.gate.verdict import Verdict
from recallbench.reports.profile_text import DRAWN_REMARK
from recallbench.reports.summary_markdown import SummaryPage, summary_markdown
from recallbench.stats import VariantSummary
from recallbench.stats.profile import recall_profile
from support.verdicts import HOSTILE, drop_at, floor_at, verdict_of

Make = Callable[..., VariantSummary]
CELLS = {
    (8000, 0.0): "rrrrr",
    (8000, 1.0): "rrrrr",
    (16_000, 0.0): "mmmmm",
    (16_000, 1.0): "rrrre",
}
FAILED = verdict_of(
    floor_at(8000, Verdict.PASS),
    floor_at(16_000, Verdict.FAIL, recall=(4, 9), against=("a", "b")),
    drop_at(16_000, Verdict.INCONCLUSIVE),
    incomplete=1,
    notes=("no floor at 32,000 tokens",),
)
FALL = Diagnosis(
    pattern=Pattern.MISSES_SHALLOW,
    what="Misses stand at depth 0%",
    why="the window slides",
    next_command="recallbench run x --depths 0",
)


def page_of(summary: VariantSummary, **more: Any) -> str:
    return summary_markdown(SummaryPage(run="results/x", summaries=(summary,), **more))


def test_a_failed_variant_is_told_whole(make_summary: Make) -> None:
    text = page_of(
        make_summary(CELLS, variant="fp8"),
        verdicts=(FAILED,),
        ropes={"fp8": "proved"},
        diagnoses={"fp8": (FALL,)},
    )

    assert text == (
        "# recallbench: results/x\n\n"
        "| variant | verdict | RoPE | k/n | recall | Wilson 95% |\n"
        "| :-- | --: | --: | --: | --: | --: |\n"
        "| fp8 | FAIL | proved | 14/19 | 73.7% | 51.2-88.2% |\n\n"
        "## fp8\n\n"
        "**FAIL**\n\n"
        "- floor at 16,000 tokens: 4/9, as it was proven\n"
        "- incomplete: 1 trial errored, refused or not asked yet\n"
        "- note: no floor at 32,000 tokens\n\n"
        "| length | k/n | recall | Wilson 95% | verdict |\n"
        "| :-- | --: | --: | --: | --: |\n"
        "| 8,000 | 10/10 | 100% | 72.2-100% | pass |\n"
        "| 16,000 | 4/9 | 44.4% | 18.9-73.3% | fail |\n\n"
        "- warning: 1 trial errored: not counted as missed\n\n"
        "**misses-shallow**: Misses stand at depth 0%\n\n"
        "Likely cause: the window slides. Next:\n\n"
        "```shell\nrecallbench run x --depths 0\n```\n\n"
        "This asks 2 trials again, all that speak against it:\n\n"
        "```shell\nrecallbench run results/x --variant fp8 --trial a --trial b\n```\n\n"
        "<details><summary>Cells by depth</summary>\n\n"
        "| depth | 8,000 | 16,000 |\n"
        "| :-- | --: | --: |\n"
        "| 0% | 5/5 | 0/5 |\n"
        "| 100% | 5/5 | 4/4 1 err |\n\n"
        "</details>\n"
    )


def test_without_a_gate_and_a_proof_their_columns_are_left_out(make_summary: Make) -> None:
    text = page_of(make_summary({(8000, 0.5): "rrrrr"}))

    assert "| base | no gate | 5/5 | 100% | 56.6-100% |" in text
    assert "| length | k/n | recall | Wilson 95% |\n" in text
    assert "details" not in text, "one depth needs no table"


def test_the_profile_is_told_with_its_proofs(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.5): "r" * 60}, trials=60)

    text = page_of(summary, profiles=(recall_profile(summary),))

    assert "- recall of at least 0.95 proven up to 8,000 tokens (95%, one-sided; 60/60" in text
    assert DRAWN_REMARK not in text


def test_drawn_trials_are_said_to_be_drawn_and_prove_no_length(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.5): "r" * 60}, trials=60)

    text = page_of(summary, profiles=(recall_profile(summary),), is_drawn=True)

    assert text.count(f"Note: {DRAWN_REMARK}.") == 1
    assert "- recall of at least 0.95 seen up to 8,000 tokens" in text
    assert "proven up to" not in text


def test_an_inconclusive_verdict_says_what_would_help(make_summary: Make) -> None:
    text = page_of(
        make_summary(CELLS, variant="fp8"),
        verdicts=(verdict_of(floor_at(8000, Verdict.INCONCLUSIVE)),),
    )

    assert "**INCONCLUSIVE**\n\n- floor at 8,000 tokens: 45/50, as it was proven\n" in text
    assert "- what helps: more trials (raise --trials" in text


def test_a_pass_is_short(make_summary: Make) -> None:
    text = page_of(
        make_summary(CELLS, variant="fp8"), verdicts=(verdict_of(floor_at(8000, Verdict.PASS)),)
    )

    assert "**PASS**\n\n| length" in text
    assert "| 16,000 | 4/9 | 44.4% | 18.9-73.3% | - |" in text, "no rule is for this length"


def test_what_was_not_asked_has_words_and_no_share(make_summary: Make) -> None:
    summary = make_summary(
        {(8000, 0.5): "rrrrr", (9000, 0.5): "", (9500, 0.5): "ee"}, asked_lengths=(8000, 9500)
    )

    text = page_of(summary)

    assert "| 9,000 | not asked | - | - |" in text
    assert "| 9,500 | 2 err 3 owed | - | - |" in text


def test_names_are_no_markup(make_summary: Make) -> None:
    summary = make_summary(CELLS, variant=HOSTILE)
    failed = verdict_of(floor_at(8000, Verdict.FAIL, against=(HOSTILE,)), variant=HOSTILE)

    text = summary_markdown(
        SummaryPage(run=HOSTILE, summaries=(summary,), verdicts=(failed,), ropes={HOSTILE: HOSTILE})
    )

    outside = text.split("```")[0]
    assert "<b>" not in outside
    assert text.splitlines()[0] == (
        r"# recallbench: \[red\]\|x\|\[/red\] &lt;b&gt;\`\*\\x1b\[31m\\n\\x00\\ud800 数 &amp; \$y\$"
    )
    assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}


def test_every_variant_has_its_line_and_its_part(make_summary: Make) -> None:
    summaries = tuple(make_summary(CELLS, variant=name) for name in ("bf16", "fp8"))

    text = summary_markdown(SummaryPage(run="x", summaries=summaries, verdicts=(FAILED,)))

    assert "| bf16 | no gate |" in text
    assert "| fp8 | FAIL |" in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## bf16", "## fp8"]


SHARED = {(length, depth): "rrrrm" for length in (8000, 16_000) for depth in (0.0, 1.0)}


def test_a_page_says_once_what_its_intervals_count(make_summary: Make) -> None:
    summaries = tuple(make_summary(SHARED, variant=v, shared_by="repeat") for v in ("a", "b"))

    text = summary_markdown(SummaryPage(run="x", summaries=summaries))

    assert text.count("Note: intervals count the 5 haystacks that the trials share.") == 1
    assert "Wilson" not in text
    assert text.count("| 28.4-99.5% |") == 2 + 4, "4 of 5 haystacks, exact"
    assert "haystack" not in page_of(make_summary(SHARED))


def test_a_ladder_is_multi_key_recall_in_every_head(make_summary: Make) -> None:
    text = page_of(make_summary(SHARED, shared_by="repeat", layout="ladder"))

    assert "## base: multi-key recall\n\nMulti-key recall: 1 to 3 other needles in each" in text
    assert text.count("| k/n | multi-key recall | 95% interval |") == 2
    assert "| recall |" not in text


def test_the_prefix_cache_has_its_sentence(make_summary: Make) -> None:
    lines = ("prefix cache: cold, none", "warning: prefix cache: 16 tokens")

    text = page_of(make_summary(SHARED), caches={"base": lines})

    assert "- prefix cache: cold, none\n- warning: prefix cache: 16 tokens" in text
