"""A quantized checkpoint of the embedded model, made with llm-compressor; needs no GPU and no hub.

    scripts/environment cpu && scripts/environment quantize
    .venv/quantize/bin/python scripts/quantize_embedded.py OUT [--scheme NAME] [--kv-cache fp8]

Schemes:

- `w4a16`: every linear layer of the decoder in 4 bits, symmetric, one scale for 64 inputs, by GPTQ;
  `lm_head` and the embedding stay in BF16. 64 divides 576 and 1536, and is the one group size that
  CPUWNA16, Marlin and Machete all serve (vLLM 0.26 and 0.32, MARLIN_SUPPORTED_GROUP_SIZES,
  query_machete_supported_group_sizes). On an H200 Machete takes gate and up (576 to 3072), and
  Marlin the rest, whose 576 inputs it pads to its tiles: no layer has to stay in BF16.
- `w4a16-channel`: one scale for each output, rounded to nearest and not calibrated: coarser than
  anyone should serve, to see a quantization fail.

`--kv-cache fp8` also writes a `kv_cache_scheme`, by which vLLM keeps its KV cache in FP8 without
being asked.

Calibration texts are recallbench's own prose, of another seed than the shipped suites', and hold no
pass keys. Tokenizer, chat template and generation config are copied byte for byte, so that a prompt
has the same tokens for every variant. OUT appears whole or not at all.

The BF16 model was made of a GGUF whose weights had 4 bits (Q4_1): what 4 bits cost here may be less
than what they cost a model that never was in 4 bits.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from recallbench.engines.embedded_model import default_cache, ensure_embedded_model
from recallbench.errors import CheckpointError
from recallbench.prompts.haystack import prose_haystack

SCHEMES = ("w4a16", "w4a16-channel")
GROUP_SIZE = 64
TEXTS = 16
TEXT_TOKENS = 256
# The shipped suites have seed 1: no prompt's haystack is calibrated on.
SEED = 20
COPIED = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "generation_config.json",
)
SOURCE_FILE = "source.json"
QUIET = {
    # Threads that spin while they wait take a shared machine's cores from the one that works.
    "OMP_WAIT_POLICY": "PASSIVE",
    "LLM_COMPRESSOR_LOG_LEVEL": "ERROR",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
}


def main(arguments: list[str] | None = None) -> int:
    """Make the checkpoint; exit code 2 tells what is missing."""
    options = _options(arguments)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    started = time.monotonic()
    try:
        base = ensure_embedded_model(default_cache(), print)
        print(f"quantizing {base}: {options.scheme}, KV cache {options.kv_cache or 'as it is'}")
        quantize(base, options.out.expanduser(), options.scheme, options.kv_cache)
    except (CheckpointError, FileExistsError) as error:
        print(f"quantize_embedded: {error}", file=sys.stderr)
        return 2
    print(f"{options.out}: made in {time.monotonic() - started:.0f} s")
    return 0


def quantize(base: Path, out: Path, scheme: str, kv_cache: str | None) -> None:
    """Write the quantized checkpoint of ``base`` to ``out``.

    Raises:
        CheckpointError: llm-compressor is not installed.
        FileExistsError: ``out`` is there already.
    """
    if out.exists():
        raise FileExistsError(f"{out} is there already; remove it, or name another folder")
    recipe = _recipe(scheme, kv_cache)
    unfinished = out.with_name(f"{out.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _compress(base, unfinished, recipe)
    for name in COPIED:
        shutil.copyfile(base / name, unfinished / name)
    _write_source(base, unfinished, scheme, kv_cache)
    unfinished.rename(out)


def _compress(base: Path, folder: Path, recipe: Any) -> None:  # noqa: ANN401 - llm-compressor's own class
    transformers = import_module("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(base)
    model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype="bfloat16")
    _tool("llmcompressor").oneshot(
        model=model,
        tokenizer=tokenizer,
        dataset=_calibration(tokenizer),
        recipe=recipe,
        num_calibration_samples=TEXTS,
        max_seq_length=TEXT_TOKENS,
        batch_size=TEXTS,
    )
    model.save_pretrained(folder, save_compressed=True)


def _calibration(tokenizer: Any) -> Any:  # noqa: ANN401 - classes of transformers and datasets
    """Pieces of prose, of shape (``TEXTS``, ``TEXT_TOKENS``)."""
    ids: list[int] = []
    for block in prose_haystack(SEED).blocks():
        ids += tokenizer(block)["input_ids"]
        if len(ids) >= TEXTS * TEXT_TOKENS:
            break
    rows = [ids[n * TEXT_TOKENS : (n + 1) * TEXT_TOKENS] for n in range(TEXTS)]
    mask = [[1] * TEXT_TOKENS] * TEXTS
    return _tool("datasets").Dataset.from_dict({"input_ids": rows, "attention_mask": mask})


def _recipe(scheme: str, kv_cache: str | None) -> Any:  # noqa: ANN401 - llm-compressor's own class
    weights: dict[str, Any] = {"num_bits": 4, "type": "int", "symmetric": True}
    if scheme == "w4a16":
        modifier = _tool("llmcompressor.modifiers.gptq").GPTQModifier
        weights |= {"strategy": "group", "group_size": GROUP_SIZE}
    else:
        modifier = _tool("llmcompressor.modifiers.quantization").QuantizationModifier
        weights |= {"strategy": "channel"}
    fp8 = {"num_bits": 8, "type": "float", "strategy": "tensor", "symmetric": True}
    return modifier(
        config_groups={"group_0": {"targets": ["Linear"], "weights": weights}},
        ignore=["lm_head"],
        kv_cache_scheme=fp8 if kv_cache == "fp8" else None,
    )


def _tool(name: str) -> Any:  # noqa: ANN401 - a module
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise CheckpointError(
            f"this Python has no {error.name}: run `scripts/environment quantize`, then "
            "`.venv/quantize/bin/python scripts/quantize_embedded.py OUT`"
        ) from error


def _write_source(base: Path, folder: Path, scheme: str, kv_cache: str | None) -> None:
    facts = {
        "base": json.loads((base / SOURCE_FILE).read_text(encoding="utf-8")),
        "scheme": scheme,
        "kv_cache": kv_cache,
        "calibration": f"{TEXTS} x {TEXT_TOKENS} tokens of prose, seed {SEED}",
        **{
            name: version(name)
            for name in ("llmcompressor", "compressed-tensors", "torch", "transformers")
        },
    }
    (folder / SOURCE_FILE).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="the folder to make")
    parser.add_argument("--scheme", choices=SCHEMES, default=SCHEMES[0])
    parser.add_argument("--kv-cache", choices=("fp8",), help="also bring a KV cache in FP8 along")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
