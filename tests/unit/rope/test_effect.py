"""What is foretold of an engine is what real vLLM code did, from 0.8.5 to 0.33.

The measured rows are by scripts/measure_vllm.py: vLLM's own ModelConfig and rotary classes.
"""

from __future__ import annotations

import json
from collections import Counter
from math import cos, sin
from pathlib import Path
from typing import Any

import pytest

from recallbench.rope import parse_config
from recallbench.rope.cos_sin import TableShape, expected_table, is_by_layer
from recallbench.rope.effect import Effect, effect
from recallbench.rope.effective import Engine

DATA = Path(__file__).parent / "data"
ROWS: list[dict[str, Any]] = json.loads((DATA / "vllm_effects.json").read_text(encoding="utf-8"))
TABLES: dict[str, Any] = json.loads((DATA / "vllm_tables.json").read_text(encoding="utf-8"))
CONFIGS = {
    path.stem: parse_config(json.loads(path.read_text(encoding="utf-8")), path.stem)
    for path in (DATA / "configs").glob("*.json")
}
ASKED = [(row, engine) for row in ROWS for engine in row["engines"]]
EDGE = 4


def named(pair: tuple[dict[str, Any], str]) -> str:
    row, engine = pair
    return f"{row['checkpoint']}-{row['case']}-{engine}"


def foretold(row: dict[str, Any], engine: str) -> Effect:
    vllm, transformers = engine.split("/")
    return effect(
        row["hf_overrides"] or {},
        CONFIGS[row["checkpoint"]],
        Engine.of(vllm, int(transformers[0])),
        max_model_len=row["max_model_len"],
        allow_long="VLLM_ALLOW_LONG_MAX_MODEL_LEN" in (row["env"] or {}),
    )


def test_the_rows_are_of_many_versions() -> None:
    versions = Counter(engine.split("/")[0] for _, engine in ASKED)

    assert len(versions) >= 14
    assert min(versions.values()) >= 100


@pytest.mark.parametrize("pair", ASKED, ids=named)
def test_an_engine_does_as_foretold(pair: tuple[dict[str, Any], str]) -> None:
    row, outcome = pair[0], pair[0]["outcome"]
    told = foretold(*pair)

    assert (told.failure is not None) == ("error" in outcome), told.failure
    if "error" in outcome:
        return
    assert told.max_model_len == outcome["derived"]
    assert told.base == pytest.approx(outcome["base"])
    if "LongRoPE" in outcome["class"]:
        original = int(told.parameters["original_max_position_embeddings"])
        assert told.rows in {original, outcome["rows"] - original}
    elif outcome["class"] == "MRotaryEmbedding":
        # Up to 0.31 tables of multimodal models are 4 times as long, for positions of images.
        assert told.rows is not None
        assert outcome["rows"] in {told.rows, 4 * told.rows}, row
    else:
        assert told.rows == outcome["rows"]


def table_of(row: dict[str, Any], told: Effect) -> tuple[Any, Any] | None:
    """The recomputed and the measured table, where both are to be had."""
    measured = row["outcome"].get("tables") or []
    if not measured or is_by_layer(told.effective.parameters):
        return None
    head_dim = CONFIGS[row["checkpoint"]].head_dim
    assert head_dim is not None
    length = told.effective.lengths.get("max_position_embeddings")
    parameters = dict(told.parameters)
    if row["outcome"]["class"] == "DynamicNTKScalingRotaryEmbedding":
        # From 0.22 on the length is taken over itself where nothing says what was trained on.
        parameters.setdefault("stretch", told.rows and told.rows / (length or 1))
    expected = expected_table(
        parameters, TableShape(head_dim=head_dim, max_position_embeddings=length)
    )
    return expected, TABLES[measured[0]]


def is_comparable(row: dict[str, Any]) -> bool:
    """Dual chunks wrap positions; multimodal YaRN up to 0.31 blends by 4 times the original."""
    return row["outcome"].get("class") not in {"DualChunkRotaryEmbedding", "MRotaryEmbedding"}


@pytest.mark.parametrize("row", [row for row in ROWS if is_comparable(row)], ids=str)
def test_the_effective_parameters_give_the_engines_table(row: dict[str, Any]) -> None:
    pair = table_of(row, foretold(row, row["engines"][0]))
    if pair is None:
        return
    (first, *rest), measured = pair
    original = first.rows
    for place, values in measured["values"].items():
        position, part = int(place), first
        if original is not None and position >= original:
            position, part = position - original, rest[0]
        turned = [position * each for each in part.rotation.inv_freq]
        expected = [*_cos(turned[:EDGE], part), *_sin(turned[-EDGE:], part)]
        assert values == pytest.approx(expected, abs=2e-7 * position + 1e-6)


def _cos(angles: list[float], part: Any) -> list[float]:
    return [cos(angle) * part.rotation.magnitude for angle in angles]


def _sin(angles: list[float], part: Any) -> list[float]:
    return [sin(angle) * part.rotation.magnitude for angle in angles]
