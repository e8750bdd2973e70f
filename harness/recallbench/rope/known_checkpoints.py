"""The published configs of models that people serve, for where neither hub nor folder is at hand.

``known_checkpoints.json`` holds a family each: its source, the keys that its models share and each
model's own; ``outer`` is the ``model_type`` around a ``text_config``. Only what could be held
against a published copy of the config stands there: wrong knowledge would raise false alarms. A
family whose KV cache is not layers x heads x head size has no head count, so that no KV size is
derived from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from recallbench.rope.checkpoint import CheckpointConfig, parse_config

# fmt: off
_QUANTIZED = frozenset({
    "4bit", "8bit", "awq", "bf16", "bnb", "fp16", "fp4", "fp8", "gptq", "int4", "int8", "mxfp4",
    "nf4", "nvfp4", "quantized.w4a16", "quantized.w8a16", "quantized.w8a8", "w4a16", "w8a16",
    "w8a8",
})
# These say something only beside one of the words above: a fine-tune may end in them, too.
_QUANTIZED_HOW = frozenset({
    "asym", "block", "channel", "dynamic", "g128", "int8mix", "kv", "marlin", "pertensor",
    "static", "sym", "tensor", "unsloth",
})
# fmt: on
_HUB_CACHE = "models--"
_QWEN3 = (
    "Qwen3 was trained on 32,768 tokens: its 40,960 positions are 32,768 for answers and 8,192 for "
    "prompts (model card)"
)
_QWEN25_1M = (
    "Qwen2.5-1M was trained on 262,144 tokens: the rest of its 1,010,000 positions is for dual "
    "chunk attention (arXiv 2501.15383)"
)
# By model_type and max_position_embeddings, which together name the family.
_TRAINED_LENGTHS = {
    ("qwen3", 40960): (32768, _QWEN3),
    ("qwen3_moe", 40960): (32768, _QWEN3),
    ("qwen2", 1010000): (262144, _QWEN25_1M),
}


def known_checkpoint(name: str) -> CheckpointConfig | None:
    """The published config of a model, by its hub id or a folder of the same name.

    The last part of the name counts, in any case, with or without the words that say how weights
    are quantized (``Qwen3-8B-FP8``, ``Meta-Llama-3.1-8B-Instruct-quantized.w8a8``). The KV size is
    left out where the name says that the KV cache is quantized, or nvidia made it: theirs are.
    """
    published = _last_part(name).lower()
    stem, how = _split_quantization(published)
    for candidate in (published, stem):
        raw = _published().get(candidate.removeprefix("meta-"))
        if raw is not None:
            config = parse_config(raw, name)
            unsure = "kv" in how or (how and "nvidia" in name.lower().split("/"))
            return replace(config, kv_bytes_per_token=None) if unsure else config
    return None


def trained_length(config: CheckpointConfig) -> tuple[int, str] | None:
    """The length in tokens that a model was trained on and how that is known.

    None where nothing says that it is other than the config's own. Sources: the Qwen3 model cards
    and the Qwen2.5-1M report.
    """
    length = config.max_position_embeddings
    return None if length is None else _TRAINED_LENGTHS.get((config.model_type, length))


def _last_part(name: str) -> str:
    """``Qwen3-8B`` of ``Qwen/Qwen3-8B``, ``/models/Qwen3-8B/`` and the hub's cache folders."""
    parts = [part for part in name.replace("\\", "/").split("/") if part]
    cached = [part for part in parts if part.startswith(_HUB_CACHE)]
    return cached[-1].rpartition("--")[2] if cached else next(reversed(parts), "")


def _split_quantization(name: str) -> tuple[str, tuple[str, ...]]:
    """A name without the words on quantization at its end, and those words; name in lower case."""
    words = name.split("-")
    kept = len(words)
    while kept > 1 and words[kept - 1] in _QUANTIZED | _QUANTIZED_HOW:
        kept -= 1
    how = tuple(words[kept:])
    return ("-".join(words[:kept]), how) if _QUANTIZED & set(how) else (name, ())


@cache
def _published() -> Mapping[str, Mapping[str, Any]]:
    """Raw configs by model name in lower case."""
    text = (files("recallbench.rope") / "known_checkpoints.json").read_text(encoding="utf-8")
    return {
        name.lower(): _raw(family, own)
        for family in json.loads(text)
        for names, own in family["models"].items()
        for name in names.split()
    }


def _raw(family: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """One model's config as its ``config.json`` has it, the keys that are used."""
    text = {**family["shared"], **own}
    outer = family.get("outer")
    return {"model_type": outer, "text_config": text} if outer else text
