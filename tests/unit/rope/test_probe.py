"""The probe reads the rotary tables that a model really has, and finds a value that is wrong."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from recallbench.rope.probe import EXTENSION, RopeProbe

BASE = 10_000.0
WIDTH = 8
ROWS = 5000
"""More than the probe holds against the expectation at once."""
INV_FREQ = [BASE ** (-n / WIDTH) for n in range(0, WIDTH, 2)]
PART: dict[str, Any] = {"inv_freq": INV_FREQ, "magnitude": 1.0, "rows": None}


def table(
    rows: int = ROWS, *, dtype: torch.dtype = torch.float32, magnitude: float = 1.0
) -> torch.Tensor:
    """As vLLM builds it: in float32, then stored in the model's own number type."""
    angles = torch.outer(torch.arange(rows, dtype=torch.float32), torch.tensor(INV_FREQ))
    return (torch.cat((angles.cos(), angles.sin()), dim=-1) * magnitude).to(dtype)


class Rotary(nn.Module):
    """Has a table and the attributes of vLLM's rotary classes."""

    def __init__(
        self, cache: torch.Tensor, buffer: str = "cos_sin_cache", **attributes: Any
    ) -> None:
        super().__init__()
        self.register_buffer(buffer, cache, persistent=False)
        for name, value in attributes.items():
            setattr(self, name, value)


class Worker(RopeProbe):
    """A worker of one version: it has ``get_model``, settings, both or none."""

    def __init__(self, model: nn.Module, config: Any = None) -> None:
        self._model = model
        self.device = "cuda:0"
        if config is not None:
            self.vllm_config = config

    def get_model(self) -> nn.Module:
        return self._model


class OldWorker(RopeProbe):
    """A worker that has neither ``get_model`` nor settings nor a device."""

    def __init__(self, model: nn.Module) -> None:
        self.model_runner = SimpleNamespace(model=model)


def layers(*rotaries: nn.Module) -> nn.Module:
    """A model whose n-th layer has the n-th rotary embedding."""
    return nn.ModuleDict(
        {"layers": nn.ModuleList(nn.ModuleDict({"rotary": rotary}) for rotary in rotaries)}
    )


def described(*rotaries: nn.Module) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Worker(layers(*rotaries)).recallbench_rope()["tables"]
    return found


def error(cache: torch.Tensor, *parts: dict[str, Any]) -> dict[str, Any]:
    return Worker(layers(Rotary(cache))).recallbench_rope_error(0, parts or [PART])


def test_the_extension_is_named_as_vllm_imports_it() -> None:
    module, name = EXTENSION.rsplit(".", 1)

    assert (module, name) == (RopeProbe.__module__, RopeProbe.__name__)


def test_a_table_is_described_with_its_modules_own_numbers() -> None:
    rotary = Rotary(table(), base=1e6, scaling_factor=4, mscale=1.1386)

    assert described(rotary) == [
        {
            "module": "layers.0.rotary",
            "buffer": "cos_sin_cache",
            "uses": 1,
            "rotary_class": "Rotary",
            "base": 1e6,
            "scaling_factor": 4.0,
            "magnitude": 1.1386,
            "rows": ROWS,
            "columns": WIDTH,
            "dtype": "float32",
            "sha256": hashlib.sha256(table().numpy().tobytes()).hexdigest(),
        }
    ]


def test_numbers_that_a_class_does_not_have_are_none() -> None:
    (told,) = described(Rotary(table(), scaling_factor=[4.0]))

    assert (told["base"], told["scaling_factor"], told["magnitude"]) == (None, None, None)


def test_a_shared_module_and_a_shared_buffer_are_one_table_with_their_uses() -> None:
    cache = table()
    shared = Rotary(cache)

    (told,) = described(shared, shared, Rotary(cache), nn.Linear(2, 2))

    assert (told["uses"], told["module"]) == (3, "layers.0.rotary")


def test_distinct_tables_are_told_apart_in_the_order_of_the_layers() -> None:
    told = described(Rotary(table()), Rotary(table(64)), Rotary(table(magnitude=2.0)))

    assert [entry["module"] for entry in told] == [f"layers.{n}.rotary" for n in range(3)]
    assert [entry["rows"] for entry in told] == [ROWS, 64, ROWS]
    assert len({entry["sha256"] for entry in told}) == 3


@pytest.mark.parametrize("buffer", ["cos_sin_cache", "long_short_cos_sin_cache", "cos_sin_q_cache"])
def test_every_name_of_a_table_is_known(buffer: str) -> None:
    (told,) = described(Rotary(table(16), buffer))

    assert (told["buffer"], told["rows"]) == (buffer, 16)


def test_what_is_no_tensor_is_no_table() -> None:
    plain = nn.Module()
    plain.cos_sin_cache = None  # type: ignore[assignment]  # as a class before its first use

    assert described(plain, nn.Linear(2, 2)) == []


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_equal_tables_have_equal_hashes_and_one_other_value_another(dtype: torch.dtype) -> None:
    other = table(dtype=dtype)
    other[-1, -1] += 0.5
    told = described(
        Rotary(table(dtype=dtype)),
        Rotary(table(dtype=dtype)),
        Rotary(table(2 * ROWS, dtype=dtype)[::2].clone()),
        Rotary(other),
    )

    hashes = [entry["sha256"] for entry in told]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    assert {entry["dtype"] for entry in told} == {str(dtype).removeprefix("torch.")}


def test_a_hash_is_of_the_values_and_not_of_how_they_lie_in_memory() -> None:
    wide = torch.cat((table(), table()), dim=-1)

    sliced, whole = described(Rotary(wide[:, :WIDTH]), Rotary(table()))

    assert sliced["sha256"] == whole["sha256"]


def test_a_worker_without_get_model_and_settings_tells_its_tables_all_the_same() -> None:
    told = OldWorker(layers(Rotary(table(16)))).recallbench_rope()

    assert [entry["rows"] for entry in told["tables"]] == [16]
    assert {key: value for key, value in told.items() if key != "tables"} == {
        "rope_parameters": None,
        "max_position_embeddings": None,
        "head_dim": None,
        "max_model_len": None,
        "dtype": None,
        "quantization": None,
        "kv_cache_dtype": None,
        "block_size": None,
        "attention_backends": [],
        "device": None,
    }


def layer(name: str, dtype: str, torch_dtype: Any = None) -> Any:
    """An attention layer with its backend, as vLLM's static forward context holds it."""
    backend = SimpleNamespace(get_name=lambda: name)
    return SimpleNamespace(
        attn_backend=backend, kv_cache_dtype=dtype, kv_cache_torch_dtype=torch_dtype
    )


def config(**changes: Any) -> Any:
    text = SimpleNamespace(
        rope_parameters={"rope_type": "yarn", "long_factor": (1.0, 2.0)},
        max_position_embeddings=131072,
        head_dim=128,
    )
    held: dict[str, Any] = {
        "model_config": SimpleNamespace(
            hf_text_config=text, max_model_len=131072, dtype=torch.bfloat16, quantization="fp8"
        ),
        "cache_config": SimpleNamespace(cache_dtype="auto", block_size=16),
        "compilation_config": SimpleNamespace(
            static_forward_context={
                "a": layer("FLASH_ATTN", "auto", torch.bfloat16),
                "b": layer("FLASH_ATTN", "fp8_e4m3", torch.uint8),
            }
        ),
    }
    return SimpleNamespace(**{**held, **changes})


def settings(held: Any) -> dict[str, Any]:
    told = Worker(layers(), held).recallbench_rope()
    read: dict[str, Any] = json.loads(json.dumps(told))
    return read


def test_the_settings_in_force_are_told_as_json_holds_them() -> None:
    assert settings(config()) == {
        "tables": [],
        "rope_parameters": {"rope_type": "yarn", "long_factor": [1.0, 2.0]},
        "max_position_embeddings": 131072,
        "head_dim": 128,
        "max_model_len": 131072,
        "dtype": "bfloat16",
        "quantization": "fp8",
        "kv_cache_dtype": "bfloat16, fp8_e4m3",
        "block_size": 16,
        "attention_backends": ["FLASH_ATTN"],
        "device": "cuda:0",
    }


def test_an_older_configs_rope_scaling_is_told() -> None:
    text = SimpleNamespace(rope_scaling={"type": "yarn"}, max_position_embeddings=8192)
    model = SimpleNamespace(hf_text_config=text)

    assert settings(config(model_config=model))["rope_parameters"] == {"type": "yarn"}


def test_without_layers_the_cache_is_told_as_it_was_asked_for() -> None:
    told = settings(config(compilation_config=None))

    assert (told["kv_cache_dtype"], told["attention_backends"]) == ("auto", [])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("magnitude", [1.0, 1.1386, 0.5])
def test_a_right_table_differs_by_rounding_only(dtype: torch.dtype, magnitude: float) -> None:
    told = error(table(dtype=dtype, magnitude=magnitude), {**PART, "magnitude": magnitude})

    assert told["first_row"] is None
    assert told["rows"] == ROWS
    assert told["beyond_rounding"] <= 0
    assert 0 < told["largest"] < 0.01


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("row", [0, 1, 4095, 4096, ROWS - 1])
@pytest.mark.parametrize("column", [0, WIDTH - 1])
def test_one_wrong_value_is_found_at_its_row(dtype: torch.dtype, row: int, column: int) -> None:
    cache = table(dtype=dtype)
    cache[row, column] += 0.1

    told = error(cache)

    assert told["first_row"] == row
    assert told["largest"] == pytest.approx(0.1, abs=0.01)
    assert told["beyond_rounding"] > 0.05


def test_the_first_of_many_wrong_rows_is_told_and_the_largest_difference_of_all() -> None:
    cache = table()
    cache[4200, 0] += 0.2
    cache[4100, 0] += 0.1

    told = error(cache)

    assert told["first_row"] == 4100
    assert told["largest"] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    "part",
    [
        {**PART, "magnitude": 1.02},
        {**PART, "inv_freq": [each / 4 for each in INV_FREQ]},
        {**PART, "inv_freq": [*INV_FREQ[:3], INV_FREQ[3] * 1.01]},
    ],
    ids=["magnitude", "scaled", "one frequency"],
)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_another_expectation_is_not_met(part: dict[str, Any], dtype: torch.dtype) -> None:
    assert error(table(dtype=dtype), part)["first_row"] is not None


def test_a_table_in_two_parts_is_held_against_each() -> None:
    short = {**PART, "rows": 4500}
    cache = torch.cat((table(4500), table(magnitude=2.0)))

    right = error(cache, short, {**PART, "magnitude": 2.0})
    wrong = error(cache, short, PART)

    assert (right["first_row"], right["rows"]) == (None, 4500 + ROWS)
    assert wrong["first_row"] == 4500


def test_a_table_is_asked_for_by_its_place_in_the_reading() -> None:
    worker = Worker(layers(Rotary(table()), Rotary(table(magnitude=2.0))))

    told = [worker.recallbench_rope_error(place, [PART])["first_row"] for place in (0, 1)]

    assert told == [None, 0]


def test_what_is_said_goes_through_json() -> None:
    worker = Worker(layers(Rotary(table(16, dtype=torch.bfloat16))), config())

    assert json.loads(json.dumps(worker.recallbench_rope())) == worker.recallbench_rope() | {
        "rope_parameters": {"rope_type": "yarn", "long_factor": [1.0, 2.0]}
    }
    told = worker.recallbench_rope_error(0, [PART])
    assert json.loads(json.dumps(told)) == told
