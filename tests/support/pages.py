"""Pages of runs on disk, for a browser: of stored runs, and of hostile ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from recallbench.artifacts.report_page import report_html
from recallbench.artifacts.run_results import read_results
from recallbench.domain import Outcome, TrialRecord
from recallbench.journal import RunFolder
from support.records import MISS, record
from support.stored_runs import stored_run

HOSTILE = {
    "script": "<script>document.title = 'taken'</script>",
    "attribute": "\"'><img src=x onerror=\"document.title = 'taken'\">",
    "end of the data": "</script><!-- <script>",
    "link": "[a](javascript:alert(1)) &lt;b&gt; &amp;",
    "template": "{{ 7 * 7 }} ${7 * 7} {% raw %}",
    "letters": "\u05e9\u05dc\u05d5\u05dd \u6570 \U0001f468\u200d\U0001f469 e\u0301",
}
"""Texts that are shown as they are."""
SPELLED = {
    "a\x00b\x1b[31m\x7f": "a\\x00b\\x1b[31m\\x7f",
    "\u202etxt.exe\u2066": "\\u202etxt.exe\\u2066",
    "half \ud800 and \udc00": "half \\ud800 and \\udc00",
    "hidden\u200b\ufeff\U000e0041": "hidden\\u200b\\ufeff\\U000e0041",
    "a\r\nb\u2028c": "a\\r\nb\\u2028c",
}
"""Texts that cannot be seen or turn others around, and how they are shown."""
LONG = "x" * 10_000
"""Longer than a page carries."""


def written_page(run: Path, path: Path) -> Path:
    """Write the page of a run."""
    path.write_text(report_html(read_results(RunFolder(run))), encoding="utf-8")
    return path


def answered(trial: TrialRecord, answer: str | None) -> TrialRecord:
    """A record with all that an answer brings, and the text around its needle."""
    return replace(
        trial,
        answer=answer,
        thought="so I thought",
        finish_reason="stop",
        prompt_tokens=trial.length_tokens,
        cached_tokens=512,
        expected_cached_tokens=528,
        completion_tokens=9,
        latency_s=1.25,
        attempts=2,
        finished_at="2026-11-20T23:35:27.085+00:00",
        needle_context=("behind the hill ", f"the key is {trial.key}", " there was rain"),
    )


def hostile_run(folder: Path, names: Sequence[str]) -> Path:
    """A run in which names, keys, answers, thoughts and errors are hostile.

    Its names would be refused in a suite; who has the folder can write them into it.
    """
    texts = [*HOSTILE.values(), *SPELLED, LONG]
    trials = [_hostile(number, text) for number, text in enumerate(texts)]
    variants = {f"v{number}": trials for number in range(len(names))}
    stored_run(folder, variants, trials=len(texts))
    for path in (folder / "run.json", folder / "trials.jsonl"):
        text = path.read_text(encoding="utf-8")
        for number, name in enumerate(names):
            text = text.replace(json.dumps(f"v{number}"), json.dumps(name))
        path.write_text(text, encoding="utf-8")
    return folder


def selected(
    records: Iterable[TrialRecord],
    *,
    variant: str | None = None,
    length: int | None = None,
    depth: float | None = None,
) -> list[TrialRecord]:
    """The records of a selection; None is any."""
    return [
        each
        for each in records
        if variant in {None, each.variant}
        and length in {None, each.length_tokens}
        and depth in {None, each.depth}
    ]


def _hostile(number: int, text: str) -> TrialRecord:
    trial = record(repeat=number, outcome=MISS)
    answer = answered(replace(trial, key=text[:64], trial_id=f"L1000-{text[:64]}"), text)
    ends = ("a" + text[:64], text[:64], text[:64] + "b")
    answer = replace(answer, thought=text, finish_reason=text[:64], needle_context=ends)
    if number % 2:
        return replace(answer, outcome=Outcome.ERRORED, error=text)
    return answer
