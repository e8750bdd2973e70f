"""Turns what measure_vllm.py printed for many versions into the tests' data.

    python scripts/condense_effects.py OUTPUT [OUTPUT ...]

Writes tests/unit/rope/data/vllm_effects.json, a row for each thing asked and each way it came out,
with the versions of vLLM and transformers that agree on it, and vllm_tables.json, sampled values of
each distinct cos/sin table by its checksum.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "tests" / "unit" / "rope" / "data"
ASKED = ("checkpoint", "case", "hf_overrides", "max_model_len", "env")
ROTARY = ("rotary", "rotary_full", "rotary_sliding")
SUM_CHARS = 16


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Rows of one output: a JSON list, or a row a line."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines()]


def outcome(row: dict[str, Any]) -> dict[str, Any]:
    """How one row came out, without what only one version words so."""
    if "error" in row:
        return {"stage": row["stage"], "error": row["error"]}
    rotary: dict[str, Any] = next((row[name] for name in ROTARY if name in row), {})
    kept = ("class", "base", "rows", "magnitude")
    found = {"derived": row["derived"], **{key: rotary[key] for key in kept if key in rotary}}
    sums = [table[-1][:SUM_CHARS] for table in rotary.get("tables", {}).values()]
    return {**found, "tables": sums}


def tables(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Sampled values of every table, by its checksum; of a stacked one all are of the first."""
    held: dict[str, Any] = {}
    for row in rows:
        for name in ROTARY:
            rotary = row.get(name, {})
            for count, columns, checksum in list(rotary.get("tables", {}).values())[:1]:
                values, sines = rotary.get("values"), rotary.get("sines")
                sample = {"rows": count, "columns": columns, "values": values, "sines": sines}
                held.setdefault(checksum[:SUM_CHARS], sample)
    return held


def main() -> None:
    """Condense the outputs named on the command line."""
    rows = [row for path in sys.argv[1:] for row in rows_of(Path(path))]
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        told = {key: row[key] for key in ASKED} | {"outcome": outcome(row)}
        group = groups.setdefault(json.dumps(told), {"engines": [], **told})
        group["engines"].append(f"{row['vllm']}/{row['transformers']}")
    lines = ",\n".join(json.dumps(group, separators=(",", ":")) for group in groups.values())
    (DATA / "vllm_effects.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    sums = ",\n".join(
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}"
        for key, value in sorted(tables(rows).items())
    )
    (DATA / "vllm_tables.json").write_text(f"{{\n{sums}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
