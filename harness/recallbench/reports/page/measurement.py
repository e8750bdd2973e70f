"""How a run was measured: command, time, host, versions, grid and prompts, a label and a text each.

Guarantees that what an older recallbench did not keep is left out. Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recallbench.reports.notation import counted, written_depth, written_length


def measurement(facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The facts of a run that are not of one variant.

    Args:
        facts: ``run.json``.
    """
    return tuple((label, text) for label, text in _told(facts) if text)


def _told(facts: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    suite, prompts, grid = facts["suite"], facts["prompts"], facts["grid"]
    yield "command", facts.get("command")
    yield "begun", facts.get("created_at")
    yield "suite", _joined(suite.get("suite"), suite.get("description"))
    yield "suite digest", (facts.get("suite_digest") or "")[:12]
    yield "lengths, tokens", ", ".join(map(written_length, grid["lengths"]))
    yield "depths", ", ".join(map(written_depth, grid["depths"]))
    yield "trials in each cell", f"{grid['trials']:,}"
    yield "layout", prompts.get("layout")
    yield "haystack", _haystack(prompts)
    yield "seed", _said(suite.get("seed"))
    yield "tokenizer", prompts.get("tokenizer")
    yield "question", prompts.get("question")
    yield from _host(facts.get("host") or {})
    yield "recallbench", facts.get("recallbench")


def _host(host: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    yield "GPU", "; ".join(host.get("gpus") or ())
    yield "processor", _joined(host.get("processor"), _cores(host.get("cores")))
    yield "system", host.get("system")
    versions = {"python": host.get("python"), **(host.get("versions") or {})}
    yield "versions", _joined(*(f"{name} {text}" for name, text in versions.items() if text))


def _haystack(prompts: Mapping[str, Any]) -> str | None:
    tokens = prompts.get("haystack_tokens")
    size = counted(tokens, "token") if isinstance(tokens, int) else None
    return _joined(prompts.get("haystack"), size)


def _cores(number: int | None) -> str | None:
    return None if number is None else counted(number, "core")


def _said(value: object) -> str | None:
    return None if value is None else str(value)


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
