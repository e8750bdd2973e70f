"""RoPE parameter sets: what the checkpoint has, what was asked, and how vLLM is told."""

from recallbench.rope.checkpoint import CheckpointConfig, parse_config, read_checkpoint
from recallbench.rope.override import RopeOverride, rope_override

__all__ = [
    "CheckpointConfig",
    "RopeOverride",
    "parse_config",
    "read_checkpoint",
    "rope_override",
]
