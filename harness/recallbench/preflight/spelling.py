"""The arguments that a deployment should have had, ready to paste."""

from __future__ import annotations

import json
import shlex

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.preflight.case import Case
from recallbench.rope.override import rope_override

_TO_FILL_IN = "THE BASE OF THE CHECKPOINT"
"""Stands for a theta that is not known; pasted as it is, vLLM refuses it."""


def fixed_arguments(case: Case) -> str:
    """What brings about the intended RoPE on this vLLM, with the length that it is for."""
    length = case.target_length or case.deployment.max_model_len
    served = f" --max-model-len {length}" if length and length > 0 else ""
    return f"--hf-overrides {shlex.quote(_fixed_overrides(case))}{served}"


def _fixed_overrides(case: Case) -> str:
    """The whole RoPE, as this vLLM obeys it.

    Where the checkpoint's config is not at hand, its theta is left for the user to fill in.
    """
    intended = {key: value for key, value in case.intended.items() if key != "max_model_len"}
    request = RopeRequest(parameters=tuple(sorted(intended.items())))
    try:
        override = rope_override(request, case.config, case.version, case.engine.transformers_major)
    except RopeError:
        sent = {"rope_parameters": intended}
    else:
        sent = dict(override.hf_overrides or {})
    if not case.is_known and "rope_theta" not in intended:
        for parameters in (sent, sent.get("text_config", {})):
            held = parameters.get("rope_parameters")
            if isinstance(held, dict):
                held["rope_theta"] = _TO_FILL_IN
    return json.dumps(sent, sort_keys=True)
