"""The names of all rules: what ``--allow`` and a variant's ``allow`` may say."""

from __future__ import annotations

ROPE_MISMATCH = "rope-mismatch"
"""Allows every rule that says that another RoPE would run than was asked for."""
MISMATCHES = frozenset(
    {
        ROPE_MISMATCH,
        "dynamic-does-nothing",
        "key-ignored",
        "legacy-type",
        "magnitude-ignored",
        "multimodal-blend",
        "past-the-table",
        "rotation-lost",
        "theta-lost",
        "typo",
    }
)
"""Rules that ``ROPE_MISMATCH`` covers."""
RULE_NAMES = MISMATCHES | {
    *("allow-long", "chunk-size", "chunked-prefill", "cuda-drift", "double-scaling", "dual-chunk"),
    *("eager", "factor-larger-than-asked", "factor-too-large", "factor-wrong-base"),
    *("flag-deprecated", "flag-removed", "key-deprecated", "kv-memory", "kv-spread"),
    *("length-not-extended", "length-without-scaling", "longer-than-derived", "malformed"),
    *("max-model-len-inside", "missing-original", "model-max-length", "odd-value"),
    *("original-wrong", "refused", "scaling-not-needed", "torch-drift"),
    *("trained-scaling-replaced", "unknown-key"),
}
"""All of them."""
