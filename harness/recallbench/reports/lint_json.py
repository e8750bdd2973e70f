"""Problems in deployment files as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

from recallbench.lint.problems import Linted
from recallbench.reports.findings_table import finding_value

SCHEMA = 1
"""Raised when a key changes its meaning."""


def lint_json(linted: Linted) -> str:
    """Problems, what was read, and what could not be."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "problems": [
                {"path": each.path, "line": each.line, **finding_value(each.finding)}
                for each in linted.problems
            ],
            "files": list(linted.scan.files),
            "skipped": [asdict(each) for each in linted.scan.skipped],
            "unparsed": [asdict(each) for each in linted.scan.unparsed],
            "assumed_vllm_version": linted.assumed_version,
            "models_unknown": list(linted.unknown),
        },
        indent=2,
    )
