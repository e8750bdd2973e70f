"""Reads what a run left in its folder."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any


def trials(folder: Path) -> list[dict[str, Any]]:
    """The journal's whole lines."""
    lines = (folder / "trials.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def outcomes(folder: Path) -> dict[str, int]:
    """How often each outcome stands in the journal."""
    return dict(Counter(trial["outcome"] for trial in trials(folder)))


def summary(folder: Path, scope: str) -> list[dict[str, str]]:
    """Rows of ``summary.csv`` of one scope."""
    with (folder / "summary.csv").open(newline="", encoding="utf-8") as stream:
        return [row for row in csv.DictReader(stream) if row["scope"] == scope]


def facts(folder: Path) -> dict[str, Any]:
    """``run.json``."""
    content: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return content
