"""A variant's RoPE as it was asked for beside the one that runs, value by value.

Guarantees that what was not read in the engine is not taken for what was asked. Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RopeLine:
    """One value of the RoPE: asked, and as it runs."""

    name: str
    """Of the value."""
    asked: str | None
    """None is not asked for."""
    runs: str | None
    """As read in the engine; None is not read."""

    @property
    def differs(self) -> bool:
        """Whether another value runs than was asked for."""
        return None not in {self.asked, self.runs} and self.asked != self.runs


def rope_lines(entry: Mapping[str, Any]) -> tuple[RopeLine, ...]:
    """Every value that was asked for or was read, the first table of cos and sin, the context.

    Args:
        entry: a variant's entry in ``run.json``.
    """
    return tuple(_lines(entry))


def _lines(entry: Mapping[str, Any]) -> Iterator[RopeLine]:
    asked = entry.get("rope_parameters") or {}
    effective = entry["rope_effective"]
    runs = effective["settings"].get("rope_parameters") or {}
    for name in dict.fromkeys((*asked, *runs)):
        yield RopeLine(name=name, asked=_said(asked.get(name)), runs=_said(runs.get(name)))
    for table in effective["tables"][:1]:
        yield RopeLine(name="class", asked=None, runs=_said(table["rotary_class"]))
        rows = f"{table['rows']:,} positions x {table['columns']:,}, {table['dtype']}"
        yield RopeLine(name="table of cos and sin", asked=None, runs=rows)
    asked_length = entry.get("max_model_len")
    runs_length = effective["settings"].get("max_model_len")
    if asked_length or runs_length:
        yield RopeLine(name="max_model_len", asked=_said(asked_length), runs=_said(runs_length))


def _said(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
