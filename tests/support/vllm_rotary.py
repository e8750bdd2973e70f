"""Run by a test in a Python of its own: vLLM's real rotary classes, read by the probe.

Reads cases from stdin as JSON, writes for each what the probe says, and how far the table is from
the one recomputed from the case's parameters.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn
from vllm.config import VllmConfig, set_current_vllm_config
from vllm.model_executor.layers.rotary_embedding import get_rope

from recallbench.rope.cos_sin import TableShape, expected_table
from recallbench.rope.probe import RopeProbe


class Worker(RopeProbe):
    """A worker that has nothing but a model of rotary embeddings."""

    def __init__(self, rotary: nn.Module) -> None:
        self._model = nn.ModuleDict({"first": rotary, "second": nn.Sequential(rotary)})

    def get_model(self) -> nn.Module:
        return self._model


def read(case: dict[str, Any]) -> dict[str, Any]:
    """What the probe says of one case."""
    shape = TableShape(head_dim=case["head_dim"], max_position_embeddings=case["length"])
    config = VllmConfig()
    object.__setattr__(config, "model_config", SimpleNamespace(max_model_len=case["length"]))
    with set_current_vllm_config(config):
        worker = Worker(
            get_rope(
                case["head_dim"],
                max_position=case["length"],
                rope_parameters=dict(case["runs"]),
                dtype=getattr(torch, case["dtype"]),
            )
        )
    parts = expected_table(case["asked"], shape)
    assert parts is not None, "every case has a formula"
    sent = [
        {
            "inv_freq": part.rotation.inv_freq,
            "magnitude": part.rotation.magnitude,
            "rows": part.rows,
        }
        for part in parts
    ]
    reading = worker.recallbench_rope()
    return {**reading["tables"][0], "error": worker.recallbench_rope_error(0, sent)}


print(json.dumps([read(case) for case in json.load(sys.stdin)]))
