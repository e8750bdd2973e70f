"""The terminal shows each judgement, what decided the verdict and what would help."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from recallbench.gate.verdict import VariantVerdict, Verdict
from recallbench.reports.verdict_text import print_verdicts
from support.verdicts import HOSTILE, drop_at, errors, floor_at, verdict_of

FAILED = verdict_of(
    floor_at(8000, Verdict.PASS),
    floor_at(16_000, Verdict.FAIL, recall=(30, 50), against=("a", "b")),
    drop_at(8000, Verdict.INCONCLUSIVE),
    errors(Verdict.PASS),
    incomplete=2,
    notes=("no floor at 32,000 tokens",),
)


def printed(
    *verdicts: VariantVerdict, width: int = 80, encoding: str = "utf-8", run: str | None = None
) -> list[str]:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    print_verdicts(verdicts, Console(file=stream, width=width), run)
    stream.flush()
    return [line.rstrip() for line in raw.getvalue().decode(encoding).splitlines()]


def test_a_wide_console_has_the_reasons_in_the_table() -> None:
    assert printed(FAILED, width=120, run="results/x") == [
        "rule      length                     k/n  demanded     verdict       why",
        "─" * 108,
        "floor      8,000                   45/50  floor 0.9    pass          as it was proven",
        "floor     16,000                   30/50  floor 0.9    fail          as it was proven",
        (
            "baseline   8,000  3 lost, 1 gained of 50  drop < 0.05  inconclusive  a drop as it was "
            "proven"
        ),
        (
            "errors         -                       -  at most 2    pass          1 errored or "
            "refused, at most 2 allowed"
        ),
        "",
        "fp8: FAIL",
        "  decided by: floor at 16,000 tokens",
        "  incomplete: 2 trials errored, refused or not asked yet",
        "  note: no floor at 32,000 tokens",
        "  asks 2 trials again, all that speak against it:",
        "  recallbench run results/x --variant fp8 --trial a --trial b",
        "",
    ]


def test_a_console_of_80_columns_has_the_deciding_reasons_below() -> None:
    lines = printed(FAILED)

    assert lines[0] == "rule      length                     k/n  demanded     verdict"
    assert lines[7:9] == [
        "fp8: FAIL",
        "  decided by: floor at 16,000 tokens: 30/50, as it was proven",
    ]


def test_without_a_run_there_is_no_command() -> None:
    assert not any("recallbench run" in line for line in printed(FAILED))


def test_a_pass_is_said_of_all_judgements() -> None:
    lines = printed(verdict_of(floor_at(8000, Verdict.PASS), errors(Verdict.PASS)))

    assert lines[-3:] == ["fp8: PASS", "  decided by: all 2 judgements", ""]


def test_an_inconclusive_verdict_says_what_would_help() -> None:
    lines = printed(verdict_of(floor_at(8000, Verdict.INCONCLUSIVE)), width=200)

    assert lines[-4:] == [
        "fp8: INCONCLUSIVE",
        "  decided by: floor at 8,000 tokens",
        (
            "  what helps: more trials (raise --trials, or set until: decided in the gate); where "
            "recall is near what is demanded it takes very many"
        ),
        "",
    ]


def test_a_variant_without_judgements_has_no_table() -> None:
    assert printed(verdict_of()) == [
        "fp8: INCONCLUSIVE",
        "  what helps: a rule: the gate holds this variant against none",
        "",
    ]


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_no_number_is_shortened_and_only_commands_are_wider_than_the_console(width: int) -> None:
    lines = printed(FAILED, width=width, run="results/x")

    assert "…" not in "".join(lines)
    assert [line for line in lines if len(line) > width] == (
        ["  recallbench run results/x --variant fp8 --trial a --trial b"] if width < 61 else []
    )


def test_names_are_neither_markup_nor_control_sequences() -> None:
    hostile = verdict_of(floor_at(8000, Verdict.FAIL, against=(HOSTILE,)), variant=HOSTILE)

    text = "\n".join(printed(hostile, run=HOSTILE))

    assert text.count(r"[red]|x|[/red] <b>`*\x1b[31m\n\x00\ud800 数 & $y$") == 4
    assert "\x1b" not in text


def test_ascii_consoles_get_ascii() -> None:
    lines = printed(verdict_of(floor_at(8000, Verdict.PASS), variant="数"), encoding="ascii")

    assert r"\u6570: PASS" in lines


def test_every_variant_has_its_verdict() -> None:
    passed = verdict_of(floor_at(8000, Verdict.PASS), variant="bf16")

    lines = printed(passed, FAILED)

    assert [line for line in lines if ": " in line and not line.startswith(" ")] == [
        "bf16: PASS",
        "fp8: FAIL",
    ]
