"""RoPE parameter sets: what the checkpoint has, what was asked, and how vLLM is told."""

from recallbench.rope.checkpoint import CheckpointConfig, parse_config, read_checkpoint
from recallbench.rope.cos_sin import TableShape
from recallbench.rope.override import RopeOverride, rope_override
from recallbench.rope.proof import ProofStatus, RopeClaim, RopeProof

__all__ = [
    "CheckpointConfig",
    "ProofStatus",
    "RopeClaim",
    "RopeOverride",
    "RopeProof",
    "TableShape",
    "parse_config",
    "read_checkpoint",
    "rope_override",
]
