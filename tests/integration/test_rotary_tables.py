"""The recomputed cos/sin tables are those of the installed vLLM's own rotary classes."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / "support" / "vllm_rotary.py"
LIMIT_S = 300
HEAD = 64
LENGTH = 8192
THETA = {"rope_theta": 100_000.0}
YARN = {**THETA, "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8192}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 2048,
}
LONGROPE = {
    **THETA,
    "rope_type": "longrope",
    "short_factor": [1.0 + n / 100 for n in range(HEAD // 2)],
    "long_factor": [1.0 + n for n in range(HEAD // 2)],
    "original_max_position_embeddings": 4096,
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "default": {**THETA, "rope_type": "default"},
    "partial": {**THETA, "rope_type": "default", "partial_rotary_factor": 0.5},
    "linear": {**THETA, "rope_type": "linear", "factor": 4.0},
    "ntk": {**THETA, "rope_type": "ntk", "factor": 4.0},
    "ntk mixed": {**THETA, "rope_type": "ntk", "factor": 4.0, "mixed_b": 0.6},
    "dynamic alpha": {**THETA, "rope_type": "dynamic", "alpha": 8.0},
    "dynamic": {**THETA, "rope_type": "dynamic", "factor": 4.0, "max_trained_positions": 2048},
    "yarn": YARN,
    "yarn 2": {**YARN, "factor": 2.0},
    "yarn betas": {**YARN, "beta_fast": 16, "beta_slow": 2},
    "yarn untruncated": {**YARN, "truncate": False},
    "yarn attention_factor": {**YARN, "attention_factor": 1.3},
    "yarn mscale": {**YARN, "mscale": 0.7, "mscale_all_dim": 0.5},
    "yarn mscale alone": {**YARN, "mscale": 0.7},
    "yarn short original": {**YARN, "original_max_position_embeddings": 2048},
    "deepseek yarn": {**YARN, "rope_type": "deepseek_yarn", "mscale": 0.7, "mscale_all_dim": 1.0},
    "llama3": LLAMA3,
    "llama3 unblended": {**LLAMA3, "high_freq_factor": 1.0},
    "longrope": LONGROPE,
    "longrope mscale": {**LONGROPE, "short_mscale": 1.1, "long_mscale": 1.2},
    "mrope": {**THETA, "rope_type": "default", "mrope_section": [8, 12, 12]},
}
MROPE_YARN = {**YARN, "mrope_section": [8, 12, 12]}
SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    **{name: (held, held) for name, held in PARAMETERS.items()},
    "mrope yarn, blended by 4 times the original": (
        {**MROPE_YARN, "original_max_position_embeddings": 4 * 8192},
        MROPE_YARN,
    ),
}
WRONG: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another base": (YARN, {**YARN, "rope_theta": 10_000.0}),
    "a base that is nearly right": (YARN, {**YARN, "rope_theta": 101_000.0}),
    "no scaling": (YARN, PARAMETERS["default"]),
    "another factor": (YARN, {**YARN, "factor": 4.1}),
    "another original": (YARN, {**YARN, "original_max_position_embeddings": 2048}),
    "another magnitude": (YARN, {**YARN, "attention_factor": 1.17}),
    "other betas": (YARN, {**YARN, "beta_fast": 24}),
    "dynamic that does nothing": (
        {**THETA, "rope_type": "dynamic", "factor": 4.0},
        {**THETA, "rope_type": "dynamic", "factor": 4.0},
    ),
    "linear for yarn": (YARN, PARAMETERS["linear"]),
    "mrope yarn, not blended by the original": (MROPE_YARN, MROPE_YARN),
    "longrope's other factors": (LONGROPE, {**LONGROPE, "long_factor": [1.0] * (HEAD // 2)}),
    "longrope's other short factors": (LONGROPE, {**LONGROPE, "short_factor": [2.0] * 32}),
}
DTYPES = ("bfloat16", "float32")


def case(asked: dict[str, Any], runs: dict[str, Any], dtype: str) -> dict[str, Any]:
    return {"asked": asked, "runs": runs, "dtype": dtype, "head_dim": HEAD, "length": LENGTH}


@cache
def readings() -> dict[tuple[str, str], dict[str, Any]]:
    """Of all cases at once, as importing vLLM is what takes time."""
    pairs = {**SAME, **WRONG}
    keys = [(name, dtype) for name in pairs for dtype in DTYPES]
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", str(SCRIPT)],
        input=json.dumps([case(*pairs[name], dtype) for name, dtype in keys]),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(zip(keys, json.loads(ended.stdout.splitlines()[-1]), strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SAME)
def test_a_table_is_the_recomputed_one(name: str, dtype: str) -> None:
    reading = readings()[name, dtype]

    assert reading["error"]["first_row"] is None, reading
    assert reading["error"]["rows"] == reading["rows"]
    assert reading["dtype"] == dtype
    assert reading["uses"] == 2


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", WRONG)
def test_another_table_is_told_apart(name: str, dtype: str) -> None:
    assert readings()[name, dtype]["error"]["first_row"] is not None


def test_the_class_and_its_numbers_are_read() -> None:
    yarn = readings()["yarn", "bfloat16"]

    assert yarn["rotary_class"] == "YaRNScalingRotaryEmbedding"
    assert yarn["base"] == 100_000.0
    assert yarn["scaling_factor"] == 4.0
    assert yarn["magnitude"] == pytest.approx(1.1386294)
    assert (yarn["rows"], yarn["columns"]) == (32768, 64)


def test_equal_tables_have_equal_hashes_and_others_other_ones() -> None:
    held = readings()
    default = held["default", "bfloat16"]["sha256"]

    assert held["no scaling", "bfloat16"]["sha256"] == default
    assert held["dynamic that does nothing", "bfloat16"]["sha256"] == default
    assert held["yarn", "bfloat16"]["sha256"] != held["yarn 2", "bfloat16"]["sha256"]
