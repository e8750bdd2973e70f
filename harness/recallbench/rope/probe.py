"""Reads, inside a running vLLM worker, the rotary tables it really uses. Loaded by vLLM.

vLLM makes the class a base of its worker (``--worker-extension-cls``) and calls its methods for
``POST /collective_rpc``. Whatever this version of vLLM keeps elsewhere is left out of the reading,
and what is missing is "unverified" to the reader: nothing here may bring an engine down.

Sources: vllm/v1/worker/worker_base.py (``init_worker``), vllm/entrypoints/serve/dev/rpc (0.26 and
0.32); the tables are the buffers of vllm/model_executor/layers/rotary_embedding/.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

EXTENSION = f"{__name__}.RopeProbe"
"""For ``--worker-extension-cls``."""
# The last is one of dual chunk attention's five: it stands for them, and has no formula here.
_TABLES = ("cos_sin_cache", "long_short_cos_sin_cache", "cos_sin_q_cache")
_ROWS_AT_ONCE = 4096


class RopeProbe:
    """What the worker can be asked; method names are our own, so that none of vLLM's is hidden."""

    def recallbench_rope(self) -> dict[str, Any]:
        """Every distinct rotary table of the model, and the settings in force."""
        tables = [_described(*found) for found in _tables(self)]
        return {"tables": tables, **_settings(getattr(self, "vllm_config", None), self)}

    def recallbench_rope_error(
        self, table: int, parts: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Hold one table against frequencies that were computed elsewhere, row by row.

        Args:
            table: its place in the reading.
            parts: of the expected table: ``inv_freq`` in radians a position, ``magnitude``, and
                ``rows`` (None is the rest).
        """
        _, _, _, _, cache = list(_tables(self))[table]
        return _error(cache, parts)


def _tables(worker: Any) -> Iterator[tuple[str, str, int, Any, Any]]:  # noqa: ANN401 - vLLM's own classes
    """Name, buffer's name, number of uses, module and buffer of each distinct rotary table."""
    model = worker.get_model() if hasattr(worker, "get_model") else worker.model_runner.model
    distinct: dict[tuple[Any, ...], list[Any]] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        for buffer in _TABLES:
            cache: Any = getattr(module, buffer, None)
            if hasattr(cache, "data_ptr"):
                key = (buffer, cache.data_ptr(), tuple(cache.shape))
                distinct.setdefault(key, [name, buffer, 0, module, cache])[2] += 1
    for name, buffer, uses, module, cache in distinct.values():
        yield name, buffer, uses, module, cache


def _described(name: str, buffer: str, uses: int, module: Any, cache: Any) -> dict[str, Any]:  # noqa: ANN401 - a torch module and its buffer
    import torch

    whole = cache.detach().to("cpu").contiguous()
    return {
        "module": name,
        "buffer": buffer,
        "uses": uses,
        "rotary_class": type(module).__name__,
        "base": _number(getattr(module, "base", None)),
        "scaling_factor": _number(getattr(module, "scaling_factor", None)),
        "magnitude": _number(getattr(module, "mscale", None)),
        "rows": int(cache.shape[0]),
        "columns": int(cache.shape[1]),
        "dtype": str(cache.dtype).removeprefix("torch."),
        "sha256": hashlib.sha256(memoryview(whole.view(torch.uint8).numpy())).hexdigest(),
    }


def _error(cache: Any, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: ANN401 - a torch tensor
    """Largest difference, and how far it goes beyond what the arithmetic explains.

    The engine multiplies and rounds in float32, then stores the table in its own dtype: the angle
    may be off by some units of 2^-24, and the stored value by half a unit of the dtype.
    """
    import torch

    # Half a unit of the dtype, and a little for cos and sin themselves.
    stored = torch.finfo(cache.dtype).eps / 2 + 2**-22
    largest, beyond, first_row, begin = 0.0, 0.0, None, 0
    for part in parts:
        inv_freq = torch.tensor(part["inv_freq"], dtype=torch.float64)
        rows = cache.shape[0] - begin if part["rows"] is None else int(part["rows"])
        for start in range(0, rows, _ROWS_AT_ONCE):
            stop = min(start + _ROWS_AT_ONCE, rows)
            angles = torch.outer(torch.arange(start, stop, dtype=torch.float64), inv_freq)
            expected = torch.cat((angles.cos(), angles.sin()), dim=-1) * part["magnitude"]
            got = cache[begin + start : begin + stop].detach().to("cpu", torch.float64)
            error = (got - expected).abs()
            rounding = angles.repeat(1, 2) * 2**-21 + stored
            excess = error - rounding * abs(part["magnitude"])
            largest = max(largest, float(error.max()))
            wrong = (excess.max(dim=1).values > 0).nonzero()
            if len(wrong) and first_row is None:
                first_row = begin + start + int(wrong[0])
            beyond = max(beyond, float(excess.max()))
        begin += rows
    return {"rows": begin, "largest": largest, "beyond_rounding": beyond, "first_row": first_row}


def _settings(config: Any, worker: Any) -> dict[str, Any]:  # noqa: ANN401 - vLLM's own classes
    """Settings in force by our names; what this version does not have is None."""
    model, cache = getattr(config, "model_config", None), getattr(config, "cache_config", None)
    text = getattr(model, "hf_text_config", None)
    quantization = getattr(model, "quantization", None)
    return {
        "rope_parameters": _plain(
            getattr(text, "rope_parameters", None) or getattr(text, "rope_scaling", None)
        ),
        "max_position_embeddings": getattr(text, "max_position_embeddings", None),
        "head_dim": _plain(getattr(text, "head_dim", None)),
        "max_model_len": getattr(model, "max_model_len", None),
        "dtype": str(getattr(model, "dtype", "")).removeprefix("torch.") or None,
        "quantization": None if quantization is None else str(quantization),
        "kv_cache_dtype": _kv_dtype(getattr(cache, "cache_dtype", None), config),
        "block_size": getattr(cache, "block_size", None),
        "attention_backends": sorted(set(_backends(config))),
        "device": str(getattr(worker, "device", "")) or None,
    }


def _kv_dtype(named: Any, config: Any) -> str | None:  # noqa: ANN401 - vLLM's own classes
    """The number type that the layers' KV caches really have; ``auto`` is the layer's own."""
    held = {_held_dtype(layer) for layer in _layers(config)} - {""}
    return ", ".join(sorted(held)) or (None if named is None else str(named))


def _held_dtype(layer: Any) -> str:  # noqa: ANN401 - vLLM's own classes
    name = str(getattr(layer, "kv_cache_dtype", ""))
    own = getattr(layer, "kv_cache_torch_dtype", None)
    return str(own).removeprefix("torch.") if name == "auto" and own is not None else name


def _backends(config: Any) -> Iterator[str]:  # noqa: ANN401 - vLLM's own classes
    for layer in _layers(config):
        backend = getattr(layer, "attn_backend", None) or getattr(layer, "backend", None)
        name = getattr(backend, "get_name", None)
        if callable(name):
            yield str(name())
        elif backend is not None:
            yield str(getattr(backend, "name", backend))


def _layers(config: Any) -> list[Any]:  # noqa: ANN401 - vLLM's own classes
    compilation = getattr(config, "compilation_config", None)
    return list((getattr(compilation, "static_forward_context", None) or {}).values())


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a config holds
    """A value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
