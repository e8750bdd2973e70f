"""Number types on real parts: BF16, an FP8 KV cache and 4-bit weights, and what is read back."""

from __future__ import annotations

import json
import os
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from recallbench.engines.embedded_model import CACHE_VARIABLE
from support import runs
from support.program import recallbench

BROUGHT = (
    "KV cache is fp8_e4m3 although it was not asked for: the checkpoint's quantization_config "
    "brings it; kv_cache_dtype: bfloat16 would keep it in bfloat16"
)
QUANTIZED = (
    "weights are quantized (compressed-tensors) although --quantization was not given: the "
    "checkpoint's quantization_config brings it"
)


@pytest.fixture(scope="module")
def compared(quantized_home: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of all variants of ``quantization-cpu``; its folder."""
    folder = tmp_path_factory.mktemp("quantization") / "run"
    grid = ("--length=256,512", "--depths=0,1", "--trials=2")
    own = {"HOME": str(quantized_home), CACHE_VARIABLE: str(cache)}

    ended = recallbench("run", "quantization-cpu", *grid, "--out", folder, **own)

    assert ended.code == 0, ended.err
    return folder


def engines(folder: Path) -> dict[str, dict[str, Any]]:
    """What is kept of each variant's engine."""
    return {variant["name"]: variant["engine"] for variant in runs.facts(folder)["variants"]}


def test_each_variant_s_number_types_are_read_back_from_its_worker(compared: Path) -> None:
    told = {
        name: (engine["dtype"], engine["quantization"], engine["kv_cache_dtype"])
        for name, engine in engines(compared).items()
    }

    assert told == {
        "bf16": ("bfloat16", None, "bfloat16"),
        "fp8-kv": ("bfloat16", None, "fp8"),
        "w4a16": ("bfloat16", "compressed-tensors", "bfloat16"),
    }
    # The number types are not only names: in the same room twice the tokens fit.
    tokens = {name: engine["kv_cache_tokens"] for name, engine in engines(compared).items()}
    assert tokens["fp8-kv"] == pytest.approx(2 * tokens["bf16"], rel=0.01)
    assert tokens["w4a16"] == tokens["bf16"]


def test_only_what_nobody_asked_for_is_noted(compared: Path) -> None:
    notes = {name: engine["notes"] for name, engine in engines(compared).items()}

    assert notes == {"bf16": [], "fp8-kv": [], "w4a16": [QUANTIZED]}


def test_every_variant_is_asked_the_same_tokens_and_recalls(compared: Path) -> None:
    prompts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for trial in runs.trials(compared):
        prompts[trial["variant"]].append((trial["trial_id"], trial["prompt_sha256"]))

    assert len(prompts["bf16"]) == 8
    assert sorted(prompts["bf16"]) == sorted(prompts["fp8-kv"]) == sorted(prompts["w4a16"])
    recall = {row["variant"]: float(row["recall"]) for row in runs.summary(compared, "overall")}
    assert min(recall.values()) >= 0.85, recall


@pytest.mark.parametrize("variant", ["fp8-kv", "w4a16"])
def test_each_arm_is_compared_with_bf16_pair_by_pair(compared: Path, variant: str) -> None:
    ended = recallbench("compare", f"{compared}:bf16", f":{variant}", "--format", "json")

    told = json.loads(ended.out)
    assert (told["a"], told["b"]) == ("bf16", variant)
    assert told["overall"]["a"]["n"] == told["overall"]["b"]["n"] == 8
    assert told["unpaired"] == {"a": 0, "b": 0}
    # Eight pairs prove no margin of 5 points, however alike they are.
    assert told["verdict"] == "inconclusive"
    assert ended.code == 4
    costs = told["arms"]["b"]["facts"]
    assert costs["mean_first_token_s"]["n"] == 8
    assert costs["startup_s"]["value"] > 0
    for form in ("csv", "png", "svg"):
        assert (compared / f"difference-{variant}-from-bf16.{form}").exists()


def test_a_wide_margin_passes_them_and_the_gate_says_so_too(compared: Path) -> None:
    wide = recallbench("compare", f"{compared}:bf16", ":fp8-kv", "--margin=0.8")
    gate = recallbench("gate", compared, "--baseline=:bf16", "--max-drop=0.8")

    assert wide.code == 0, wide.out
    assert gate.code == 0, gate.out + gate.err


def test_an_fp8_kv_cache_that_a_checkpoint_brings_along_is_said(
    quantized_home: Path, tmp_path: Path
) -> None:
    quantized = quantized_home / ".cache" / "recallbench" / "smollm2-135m-w4a16"
    brings = tmp_path / "brings-fp8-kv"
    shutil.copytree(quantized, brings, copy_function=os.link)
    (brings / "config.json").unlink()
    config = json.loads((quantized / "config.json").read_text(encoding="utf-8"))
    # As scripts/quantize_embedded.py --kv-cache fp8 writes it; without scales vLLM takes 1.
    config["quantization_config"]["kv_cache_scheme"] = {
        "num_bits": 8,
        "type": "float",
        "strategy": "tensor",
        "symmetric": True,
        "dynamic": False,
    }
    (brings / "config.json").write_text(json.dumps(config), encoding="utf-8")
    grid = ("--length=256", "--depths=0.5", "--trials=1")

    ended = recallbench("run", "smoke", "--model", brings, *grid, "--out", tmp_path / "run")

    assert ended.code == 0, ended.err
    (engine,) = engines(tmp_path / "run").values()
    assert engine["kv_cache_dtype"] == "fp8"
    assert engine["notes"] == [QUANTIZED, BROUGHT]
    assert f"native: {BROUGHT}" in ended.err
