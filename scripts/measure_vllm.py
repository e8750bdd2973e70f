"""What one vLLM version makes of RoPE overrides: JSON lines, one a case.

    python scripts/measure_vllm.py [--source DIR] [--case NAME] [--cases FILE] [--scaling-key]

scripts/condense_effects.py makes the tests' data of the outputs of many versions.

Run it under a Python in which a vLLM is importable, or give `--source`: a folder that holds an
unpacked `vllm/` package (its Python files are enough; nothing compiled is called). No GPU and no
weights are needed. A case goes through vLLM's own code twice:

- stage `config`: `ModelConfig(hf_overrides=..., max_model_len=...)` on a synthetic checkpoint;
- stage `rope`: the model file's own decoder layer is constructed, its linear layers, norms and
  attention kernels stubbed, so that whatever it passes to `get_rope` is passed (LlamaDecoderLayer
  in models/llama.py, which Phi-3 uses too; Qwen2DecoderLayer, Qwen3DecoderLayer,
  Qwen3MoeDecoderLayer, Gemma3DecoderLayer; for Qwen3-VL the layer that models/qwen3_vl.py uses).

A row holds what was asked (`checkpoint`, `case`, `hf_overrides`, `max_model_len`, `env`) and either
`stage`, `error`, `message`, or what came out: `derived` (max_model_len), `mpe`
(max_position_embeddings) and the rope attributes of the text config before the layer was built, and
`rotary`: the class, base, and cos/sin table. `tables` lists every table's rows, columns and sha256
(of float32); the other numbers are of the first. `magnitude` is the mean of sqrt(cos^2 + sin^2)
over the table's last row, `mscale` the attribute of that name. `values` maps a row to its first and
last four columns (cosines lead, sines end), `sines` to every fourth sine: the columns between. A
stacked table of two (longrope) starts its second half at `original`; a longrope row also has
`use_long_rope`, null where each batch's positions decide.

The default dtype is float32, so that a table can be compared exactly; a server keeps it in the
model's dtype. A checkpoint whose model file a version lacks is left out.

`rope_parameters` in `--hf-overrides` is what vLLM knows from 0.12 on; before it was `rope_scaling`:
with `--scaling-key` every case that gives the first is asked with the second.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import hashlib
import importlib
import importlib.abc
import importlib.metadata
import importlib.util
import inspect
import json
import logging
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

CONFIGS = Path(__file__).parent.parent / "tests" / "unit" / "rope" / "data" / "configs"
ALLOW_LONG = {"VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1"}
# The module and the decoder layer whose constructor builds the rotary embedding.
LAYERS = {
    "LlamaForCausalLM": ("llama", "LlamaDecoderLayer"),
    "Phi3ForCausalLM": ("llama", "LlamaDecoderLayer"),
    "Qwen2ForCausalLM": ("qwen2", "Qwen2DecoderLayer"),
    "Qwen3ForCausalLM": ("qwen3", "Qwen3DecoderLayer"),
    "Qwen3MoeForCausalLM": ("qwen3_moe", "Qwen3MoeDecoderLayer"),
    "Qwen3VLForConditionalGeneration": ("qwen3", "Qwen3DecoderLayer"),
    "Gemma3ForCausalLM": ("gemma3", "Gemma3DecoderLayer"),
}
# The first layer speaks for all, but where sliding and full attention differ.
LAYER_INDEX = {"Gemma3ForCausalLM": {"full": 5, "sliding": 0}}
# What DualChunkRotaryEmbedding registers instead of cos_sin_cache; keys are rotated by the first.
TABLES = (
    "cos_sin_cache",
    "long_short_cos_sin_cache",
    "cos_sin_k_cache",
    "cos_sin_q_cache",
    "cos_sin_qc_cache",
    "cos_sin_qc_no_clamp_cache",
    "cos_sin_q_inter_cache",
)
EDGE = 4
STEP = 4
DIGITS = 9


class Case(NamedTuple):
    """One question to vLLM."""

    checkpoint: str
    case: str
    hf_overrides: dict[str, Any] | None = None
    max_model_len: int | None = None
    env: dict[str, str] | None = None


def yarn(original: int = 32768, factor: Any = 4.0, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (a wrong type is a case)
    """Return a YaRN dict."""
    return {
        "rope_type": "yarn",
        "factor": factor,
        "original_max_position_embeddings": original,
        **more,
    }


def overridden(parameters: dict[str, Any] | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return overrides with these rope parameters."""
    return {"rope_parameters": parameters, **more}


def builtin_cases() -> Iterator[Case]:
    """Yield the cases that the repository's data was measured with."""
    long = {"max_position_embeddings": 131072}
    for name in sorted(path.stem for path in CONFIGS.glob("*.json")):
        yield Case(name, "native")
    yield from _yarn_cases(long)
    yield from _other_types(long)
    yield from _slips()
    yield from _nested_cases()
    yield from _long_cases()


def _yarn_cases(long: dict[str, int]) -> Iterator[Case]:
    for name, theta in (("qwen3", 1e6), ("qwen3_5e6", 5e6), ("qwen3_moe", 1e6)):
        full = yarn(rope_theta=theta)
        yield Case(name, "yarn", overridden(full))
        yield Case(name, "yarn_len", overridden(full), 131072)
        yield Case(name, "yarn_mpe", overridden(full, **long))
        yield Case(name, "yarn_mpe_len", overridden(full, **long), 131072)
        yield Case(name, "yarn_bare", overridden(yarn()))
        yield Case(name, "yarn_bare_mpe", overridden(yarn(), **long))
        yield Case(name, "yarn_scaling_key", {"rope_scaling": full})
        yield Case(name, "yarn_scaling_key_bare", {"rope_scaling": yarn()})
        yield Case(name, "yarn_scaling_key_mpe", {"rope_scaling": full, **long})
    yield Case("smollm2", "yarn", overridden(yarn(8192, rope_theta=100000)))
    yield Case(
        "smollm2",
        "yarn_mpe",
        overridden(yarn(8192, rope_theta=100000), max_position_embeddings=32768),
    )
    yield Case("smollm2", "yarn_bare", overridden(yarn(8192)))
    yield Case("qwen2_5", "yarn", overridden(yarn(rope_theta=1e6)))
    yield Case("qwen2_5", "yarn_bare", overridden(yarn()))
    yield Case("llama3_1", "yarn", overridden(yarn(131072, 2.0, rope_theta=500000.0)))
    yield Case("llama_yarn", "yarn_other", overridden(yarn(8192, 8.0, rope_theta=10000.0)))
    full = yarn(rope_theta=1e6)
    yield Case(
        "qwen3",
        "yarn_few_rows",
        overridden(yarn(factor=2.0, rope_theta=1e6), **long),
    )
    yield Case(
        "qwen3",
        "yarn_few_rows_len",
        overridden(yarn(factor=2.0, rope_theta=1e6), **long),
        131072,
    )
    factors = {"half": 0.5, "one": 1.0, "string": "4.0", "int": 4, "big": 64.0, "fraction": 2.5}
    for name, factor in factors.items():
        yield Case(
            "qwen3",
            f"yarn_factor_{name}",
            overridden(yarn(4096 if name == "big" else 32768, factor, rope_theta=1e6), **long),
        )
    keys: dict[str, dict[str, Any]] = {
        "attn_factor": {"attn_factor": 1.3},
        "attention_factor": {"attention_factor": 1.3},
        "mscale": {"mscale": 0.7},
        "mscale_all_dim": {"mscale_all_dim": 0.7},
        "mscale_both": {"mscale": 1.0, "mscale_all_dim": 0.7},
        "mscale_equal": {"mscale": 1.0, "mscale_all_dim": 1.0},
        "extrapolation_factor": {"extrapolation_factor": 0.5},
        "apply_yarn_scaling": {"apply_yarn_scaling": False},
        "truncate": {"truncate": False},
        "beta_fast": {"beta_fast": 16},
        "beta_slow": {"beta_slow": 2},
        "partial": {"partial_rotary_factor": 0.5},
        "theta_null": {"rope_theta": None},
    }
    for name, more in keys.items():
        yield Case("qwen3", f"yarn_{name}", overridden({**full, **more}, **long))


def _other_types(long: dict[str, int]) -> Iterator[Case]:
    theta = {"rope_theta": 1e6}
    typed: dict[str, dict[str, Any]] = {
        "default": {"rope_type": "default"},
        "linear": {"rope_type": "linear", "factor": 4.0},
        "linear_int": {"rope_type": "linear", "factor": 4},
        "dynamic": {"rope_type": "dynamic", "factor": 4.0},
        "dynamic_alpha": {"rope_type": "dynamic", "alpha": 1000.0},
        "dynamic_alpha_factor": {"rope_type": "dynamic", "alpha": 1000.0, "factor": 4.0},
        "dynamic_trained": {"rope_type": "dynamic", "factor": 4.0, "max_trained_positions": 20480},
        "dynamic_original": {
            "rope_type": "dynamic",
            "factor": 4.0,
            "original_max_position_embeddings": 20480,
        },
        "ntk": {"rope_type": "ntk", "factor": 4.0},
        "ntk_mixed": {"rope_type": "ntk", "factor": 4.0, "mixed_b": 0.75},
        "llama3": {
            "rope_type": "llama3",
            "factor": 4.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32768,
        },
        "llama3_equal": {
            "rope_type": "llama3",
            "factor": 4.0,
            "low_freq_factor": 2.0,
            "high_freq_factor": 2.0,
            "original_max_position_embeddings": 32768,
        },
        "longrope": {
            "rope_type": "longrope",
            "factor": 4.0,
            "short_factor": [1.0] * 64,
            "long_factor": [1.0 + i / 16 for i in range(64)],
            "original_max_position_embeddings": 32768,
        },
        "deepseek_yarn": {
            **yarn(),
            "rope_type": "deepseek_yarn",
            "mscale": 1.0,
            "mscale_all_dim": 0.7,
        },
        "unknown_type": {"rope_type": "yarm", "factor": 4.0},
        "no_type": {"factor": 4.0, "original_max_position_embeddings": 32768},
    }
    for name, parameters in typed.items():
        yield Case("qwen3", name, overridden({**parameters, **theta}))
        yield Case("qwen3", f"{name}_mpe", overridden({**parameters, **theta}, **long))
    yield Case("qwen3_5e6", "linear_bare", overridden(typed["linear"]))
    yield Case("smollm2", "linear_bare", overridden(typed["linear"]))
    yield Case("smollm2", "dynamic_scaling_key", {"rope_scaling": typed["dynamic"]})
    yield Case("smollm2", "linear_scaling_key", {"rope_scaling": typed["linear"]})
    yield Case(
        "smollm2",
        "deepseek_yarn",
        overridden({**yarn(8192), "rope_type": "deepseek_yarn", "rope_theta": 100000}),
    )
    yield Case(
        "llama3_1",
        "llama3_bare",
        overridden(
            {
                "rope_type": "llama3",
                "factor": 16.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 8192,
            }
        ),
    )
    factors = json.loads((CONFIGS / "phi3_longrope.json").read_text())["rope_scaling"]
    bare = {key: factors[key] for key in ("short_factor", "long_factor")}
    longrope = {
        "rope_type": "longrope",
        **bare,
        "original_max_position_embeddings": 4096,
        "rope_theta": 10000.0,
    }
    yield Case("phi3_longrope", "short", None, 4096)
    yield Case("phi3_longrope", "long", None, 8192)
    yield Case("phi3_longrope", "longest", None, 131072)
    yield Case("phi3_longrope", "restated", overridden(longrope), 131072)
    yield Case(
        "phi3_longrope",
        "mscales",
        overridden({**longrope, "short_mscale": 1.1, "long_mscale": 1.25}),
        131072,
    )
    yield Case(
        "phi3_longrope",
        "attention_factor",
        overridden({**longrope, "attention_factor": 1.3}),
        131072,
    )
    dual = {"chunk_size": 8192, "local_size": 1024, "original_max_position_embeddings": 32768}
    yield Case("qwen2_5", "dual_chunk", {"dual_chunk_attention_config": dual})
    yield Case("qwen2_5", "dual_chunk_mpe", {"dual_chunk_attention_config": dual, **long})


def _slips() -> Iterator[Case]:
    full = yarn(rope_theta=5e6)
    legacy = {key: value for key, value in full.items() if key != "rope_type"}
    no_original = {"rope_type": "yarn", "factor": 4.0, "rope_theta": 5e6}
    overrides: dict[str, dict[str, Any] | None] = {
        "legacy_type": overridden({"type": "yarn", **legacy}),
        "legacy_type_scaling_key": {"rope_scaling": {"type": "yarn", **legacy}},
        "both_types": overridden({"type": "yarn", **full}),
        "yarn_no_original": overridden(no_original),
        "yarn_no_original_mpe": overridden(no_original, max_position_embeddings=131072),
        "yarn_no_factor": overridden(
            {
                "rope_type": "yarn",
                "original_max_position_embeddings": 32768,
                "rope_theta": 5e6,
            }
        ),
        "typo_key": {"rope_parameter": full},
        "typo_inside": overridden({**full, "beta_fst": 16}),
        "theta": {"rope_theta": 1e7},
        "theta_and_dict": {"rope_theta": 1e7, "rope_parameters": yarn()},
        "theta_and_scaling_dict": {"rope_theta": 1e7, "rope_scaling": yarn()},
        "theta_in_default": overridden({"rope_type": "default", "rope_theta": 1e7}),
        "theta_only_dict": overridden({"rope_theta": 1e7}),
        "max_model_len_inside": {"max_model_len": 131072},
        "max_model_len_inside_yarn": overridden(full, max_model_len=131072),
        "model_max_length_inside": {"model_max_length": 131072},
        "mpe_only": {"max_position_embeddings": 131072},
        "null": overridden(None),
        "null_scaling_key": {"rope_scaling": None},
        "empty": overridden({}),
        "empty_overrides": {},
        "both_keys": {"rope_parameters": full, "rope_scaling": yarn(factor=2.0)},
        "partial_alone": {"partial_rotary_factor": 0.5},
    }
    for name, override in overrides.items():
        yield Case("qwen3_5e6", name, override)
    yield Case("qwen3_moe", "null", overridden(None))
    yield Case("smollm2", "null", overridden(None))
    yield Case("smollm2", "theta", {"rope_theta": 10000.0})
    yield Case("llama_yarn", "null", overridden(None))
    yield Case("llama3_1", "null", overridden(None))
    yield Case("llama3_1", "theta", {"rope_theta": 1e6})


def _nested_cases() -> Iterator[Case]:
    whole = yarn(
        rope_theta=5e6,
        mrope_section=[24, 20, 20],
        mrope_interleaved=True,
    )
    legacy = {
        "type": "yarn",
        "factor": 4.0,
        "original_max_position_embeddings": 32768,
    }
    for name, override in {
        "top": overridden(whole),
        "top_mpe": overridden(whole, max_position_embeddings=131072),
        "top_scaling_key": {"rope_scaling": whole},
        "text": {"text_config": overridden(yarn())},
        "text_full": {"text_config": overridden(whole)},
        "text_mpe": {"text_config": overridden(yarn(), max_position_embeddings=131072)},
        "text_scaling_key": {"text_config": {"rope_scaling": yarn()}},
        "text_legacy_type": {"text_config": overridden(legacy)},
        "text_theta": {"text_config": {"rope_theta": 1e7}},
        "text_theta_dict": {"text_config": overridden({"rope_theta": 1e7})},
        "text_linear": {
            "text_config": overridden({"rope_type": "linear", "factor": 4.0}),
        },
    }.items():
        yield Case("qwen3_vl", name, override)
    yield Case("qwen3", "text", {"text_config": overridden(yarn(rope_theta=1e6))})
    gemma: dict[str, Any] = {
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    }
    yield Case("gemma3_text", "flat_yarn", overridden(yarn(rope_theta=1e6)))
    yield Case("gemma3_text", "flat_linear", overridden({**gemma["full_attention"]}))
    yield Case("gemma3_text", "nested_linear", overridden(gemma))
    yield Case(
        "gemma3_text", "nested_yarn", overridden({**gemma, "full_attention": yarn(rope_theta=1e6)})
    )
    yield Case("gemma3_text", "nested_half", overridden({"full_attention": yarn(rope_theta=1e6)}))


def _long_cases() -> Iterator[Case]:
    yield Case("qwen3", "long", None, 131072)
    yield Case("qwen3", "long_allowed", None, 131072, ALLOW_LONG)
    yield Case("qwen3", "yarn_long_allowed", overridden(yarn(rope_theta=1e6)), 131072, ALLOW_LONG)
    yield Case("qwen3", "yarn_longer_allowed", overridden(yarn(rope_theta=1e6)), 262144, ALLOW_LONG)
    yield Case("qwen3", "shorter", None, 16384)
    yield Case(
        "qwen3",
        "dynamic_shorter",
        overridden({"rope_type": "dynamic", "factor": 4.0, "rope_theta": 1e6}),
        16384,
    )


class NoTorchvision(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Fabricates torchvision where it is missing: vision models' files import it, rope does not."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Claim torchvision and what is below it."""
        if fullname.split(".", maxsplit=1)[0] != "torchvision":
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a module that has whatever is asked of it."""

        class Anything(ModuleType):
            def __getattr__(self, name: str) -> object:
                if name.startswith("__"):
                    raise AttributeError(name)
                return mock.MagicMock(name=f"{self.__name__}.{name}")

        return Anything(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it as it is."""


class Vllm:
    """The importable vLLM, made to run without its compiled parts."""

    def __init__(self) -> None:
        """Import it as its CPU build."""
        # vLLM 0.8 puts a placeholder for a missing triton, and torch.compile takes it for triton.
        os.environ.update(TORCHDYNAMO_DISABLE="1")
        os.environ.update(VLLM_LOGGING_LEVEL="ERROR", HF_HUB_OFFLINE="1", VLLM_NO_USAGE_STATS="1")
        logging.disable(logging.WARNING)
        version = importlib.metadata.version

        def as_cpu_build(name: str) -> str:
            return "0+cpu" if name == "vllm" else version(name)

        # The platform is told from the distribution's name: "cpu" in its version.
        mock.patch("importlib.metadata.version", as_cpu_build).start()
        self.torch = importlib.import_module("torch")
        self.torch.set_default_dtype(self.torch.float32)
        # transformers looks once whether torchvision is there, and it is not.
        importlib.import_module("transformers.utils").is_torchvision_available()
        sys.meta_path.append(NoTorchvision())
        self.version = importlib.import_module("vllm.version").__version__
        self.transformers = version("transformers")
        self.config = importlib.import_module("vllm.config")
        self.rope = importlib.import_module("vllm.model_executor.layers.rotary_embedding")
        # Model classes are looked at in this process: a child would not know of --source.
        registry = "vllm.model_executor.models.registry"
        mock.patch(f"{registry}._run_in_subprocess", lambda ask: ask()).start()
        # An older CPU platform adapts a VllmConfig to its model, and there is none yet.
        platform = type(importlib.import_module("vllm.platforms").current_platform)
        mock.patch.object(platform, "check_and_update_config").start()
        self._dual_chunk_on_cpu()

    def knows(self, checkpoint: str) -> bool:
        """Whether this version has the checkpoint's model file."""
        module = checkpoint if checkpoint == "qwen3_vl" else "llama"
        return importlib.util.find_spec(f"vllm.model_executor.models.{module}") is not None

    def measure(self, case: Case) -> dict[str, Any]:
        """Return the case's row."""
        stage = "config"
        row: dict[str, Any] = {
            "vllm": self.version,
            "transformers": self.transformers,
            **case._asdict(),
        }
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, case.env or {}):
            raw = json.loads((CONFIGS / f"{case.checkpoint}.json").read_text())
            (Path(folder) / "config.json").write_text(json.dumps(raw))
            try:
                model = self._model_config(folder, case)
                text = model.hf_text_config
                row["derived"] = model.max_model_len
                row["mpe"] = getattr(text, "max_position_embeddings", None)
                row |= rope_attributes(text)
                stage = "rope"
                row |= self._rotaries(raw["architectures"][0], model)
            except Exception as error:  # noqa: BLE001 (whatever it raises is the outcome)
                row |= {"stage": stage, **told(error, folder)}
        return row

    def _model_config(self, folder: str, case: Case) -> Any:  # noqa: ANN401 (vLLM's)
        parameters = inspect.signature(self.config.ModelConfig).parameters
        more: dict[str, Any] = {}
        if "task" in parameters and parameters["task"].default is inspect.Parameter.empty:  # 0.8.5
            more = {"task": "auto", "tokenizer_mode": "auto", "trust_remote_code": False, "seed": 0}
        return self.config.ModelConfig(
            model=folder,
            tokenizer=folder,
            dtype="float32",
            skip_tokenizer_init=True,
            # Dicts are set as they are, and model code writes to them.
            hf_overrides=copy.deepcopy(case.hf_overrides) or {},
            max_model_len=case.max_model_len,
            **more,
        )

    def _rotaries(self, architecture: str, model: Any) -> dict[str, Any]:  # noqa: ANN401
        made = {}
        for name, index in LAYER_INDEX.get(architecture, {"rotary": 0}).items():
            key = name if name == "rotary" else f"rotary_{name}"
            made[key] = self._described(self._rotary(architecture, model, index))
        return made

    def _rotary(self, architecture: str, model: Any, index: int) -> Any:  # noqa: ANN401
        """Build the decoder layer as the model does, and take its rotary embedding."""
        module_name, class_name = LAYERS[architecture]
        module = importlib.import_module(f"vllm.model_executor.models.{module_name}")
        layer_class = getattr(module, class_name)
        if architecture.startswith("Qwen3VL"):
            # Since 0.32 a subclass sizes the table; before, Qwen3's own layer is used.
            vision = importlib.import_module("vllm.model_executor.models.qwen3_vl")
            layer_class = getattr(vision, "Qwen3VLDecoderLayer", layer_class)
        self.rope._ROPE_DICT.clear()  # noqa: SLF001
        current = self.config.VllmConfig()
        current.model_config = model
        # Models of a nested config are built with the text config in the outer one's place.
        seen = SimpleNamespace(
            model_config=SimpleNamespace(
                hf_config=model.hf_text_config, hf_text_config=model.hf_text_config
            ),
            cache_config=None,
            quant_config=None,
            parallel_config=current.parallel_config,
        )
        arguments = {
            "config": model.hf_text_config,
            "vllm_config": seen,
            "prefix": f"model.layers.{index}",
        }
        accepted = inspect.signature(layer_class).parameters
        if "kwargs" in accepted:
            accepted = inspect.signature(getattr(module, class_name)).parameters
        if "vllm_config" in accepted:
            arguments.pop("config")
        with self.config.set_current_vllm_config(current), self._stubbed(module):
            layer = layer_class(**{k: v for k, v in arguments.items() if k in accepted})
        return layer.self_attn.rotary_emb

    @contextlib.contextmanager
    def _stubbed(self, module: ModuleType) -> Iterator[None]:
        """Replace every layer in the model file but its own attention and decoder layer."""
        torch = self.torch

        class Stub(torch.nn.Module):  # type: ignore[misc, name-defined]
            def __init__(self, *_: object, **__: object) -> None:
                super().__init__()
                self.weight = torch.nn.Parameter(torch.zeros(1))

        stubs: dict[str, Any] = {"get_tensor_model_parallel_world_size": lambda: 1}
        for name, value in vars(module).items():
            own = getattr(value, "__module__", "") == module.__name__
            kept = own and name.endswith(("Attention", "DecoderLayer"))
            if isinstance(value, type) and issubclass(value, torch.nn.Module) and not kept:
                stubs[name] = Stub
        with mock.patch.multiple(module, **stubs):
            yield

    def _described(self, rotary: Any) -> dict[str, Any]:  # noqa: ANN401
        tables = {name: getattr(rotary, name) for name in TABLES if hasattr(rotary, name)}
        table = next(iter(tables.values()))
        rows, columns = table.shape
        last = table[-1].double()
        cos, sin = last.chunk(2)
        original = getattr(rotary, "original_max_position_embeddings", None)
        positions = [1, 100, rows - 1]
        if original is not None:
            positions += [original + 1, original + 100]
        described: dict[str, Any] = {
            "class": type(rotary).__name__,
            "base": number(rotary.base),
            "rows": rows,
            "columns": columns,
            "dtype": str(table.dtype),
            "magnitude": number((cos**2 + sin**2).sqrt().mean().item()),
        }
        for name in ("mscale", "short_mscale", "long_mscale"):
            if hasattr(rotary, name):
                described[name] = number(getattr(rotary, name))
        if original is not None:
            described |= {
                "original": original,
                "use_long_rope": getattr(rotary, "use_long_rope", None),
            }
        described["tables"] = {name: summary(one) for name, one in tables.items()}
        described["values"] = {
            str(position): [number(v) for v in edges(table[position].tolist())]
            for position in positions
            if position < rows
        }
        described["sines"] = {
            str(position): [number(v) for v in table[position, columns // 2 :: STEP].tolist()]
            for position in (100, (original or 0) + 100)
        }
        return described

    def _dual_chunk_on_cpu(self) -> None:
        """Let the dual-chunk embedding, which names a CUDA device, be built here."""
        name = "vllm.model_executor.layers.rotary_embedding.dual_chunk_rope"
        with contextlib.suppress(ModuleNotFoundError):
            module = importlib.import_module(name)
            real = self.torch
            current = SimpleNamespace(current_device=lambda: 0, current_device_index=lambda: 0)

            class CpuTorch:
                cuda = accelerator = current

                @staticmethod
                def device(_: object) -> Any:  # noqa: ANN401
                    return real.device("cpu")

                def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401
                    return getattr(real, attribute)

            module.torch = CpuTorch()  # type: ignore[attr-defined]


def rope_attributes(text: Any) -> dict[str, Any]:  # noqa: ANN401 (transformers' config)
    """Return the rope attributes that the config really has: an alias is none."""
    names = ("rope_parameters", "rope_scaling", "rope_theta", "partial_rotary_factor")
    held = {name: vars(text)[name] for name in names if vars(text).get(name) is not None}
    return json.loads(json.dumps(held, default=str)) if held else {}


def told(error: Exception, folder: str) -> dict[str, str]:
    """Return the error's class and the first line of what it says; the folder's name is chance."""
    message = str(error)
    if type(error).__name__ == "ValidationError" and hasattr(error, "errors"):
        message = error.errors()[0]["msg"]  # its first line only counts the errors
    lines = message.strip().splitlines() or [""]
    return {"error": type(error).__name__, "message": lines[0].replace(folder, "MODEL")[:300]}


def summary(table: Any) -> list[Any]:  # noqa: ANN401 (a tensor)
    """Return the rows, columns and sha256 of a table."""
    data = table.float().contiguous().numpy()
    return [*table.shape, hashlib.sha256(data.tobytes()).hexdigest()]


def edges(values: list[float]) -> list[float]:
    """Return the first and last columns of a row."""
    return values[:EDGE] + values[-EDGE:]


def number(value: Any) -> Any:  # noqa: ANN401
    """Return a number as JSON can hold it: nine digits tell any two float32 apart."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else str(value)
    return value


def read_cases(file: Path | None) -> list[Case]:
    """Return the built-in cases, or those of a file in the form of the output."""
    if file is None:
        return list(builtin_cases())
    text = file.read_text()
    rows = json.loads(text) if text.startswith("[") else [json.loads(r) for r in text.splitlines()]
    asked = {(r["checkpoint"], r["case"]): Case(*(r.get(f) for f in Case._fields)) for r in rows}
    return list(asked.values())


def by_scaling(cases: list[Case]) -> Iterator[Case]:
    """Yield those that give rope_parameters, with the key that vLLM knew before 0.12."""
    for case in cases:
        overrides = dict(case.hf_overrides or {})
        if "rope_parameters" in overrides and "rope_scaling" not in overrides:
            overrides["rope_scaling"] = overrides.pop("rope_parameters")
            yield case._replace(case=f"{case.case}_by_scaling", hf_overrides=overrides)


def main() -> None:
    """Measure the cases with the vLLM at hand."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", type=Path, help="folder that holds an unpacked vllm/")
    parser.add_argument("--cases", type=Path, help="ask these rows again; default: built-in cases")
    parser.add_argument("--case", help="only cases of this name, or CHECKPOINT:NAME")
    parser.add_argument(
        "--scaling-key",
        action="store_true",
        help="ask flat rope_parameters as rope_scaling (case NAME_by_scaling): vLLM before 0.12",
    )
    arguments = parser.parse_args()
    if arguments.source:
        sys.path.insert(0, str(arguments.source.resolve()))
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # vLLM logs to stdout
        vllm = Vllm()
        cases = read_cases(arguments.cases)
        for case in by_scaling(cases) if arguments.scaling_key else cases:
            wanted = arguments.case in {None, case.case, f"{case.checkpoint}:{case.case}"}
            if wanted and vllm.knows(case.checkpoint):
                row = json.dumps(vllm.measure(case), separators=(",", ":"))
                print(row, file=out, flush=True)


if __name__ == "__main__":
    main()
