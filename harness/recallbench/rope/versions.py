"""Versions of vLLM at which the handling of RoPE changed, each with its source."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from recallbench.errors import RopeError

NEWEST = "0.33.0"
"""The newest version whose source was read; what an unknown version is taken for."""
OVERRIDES_PATCHED = (0, 9)
"""Overrides are set before old names in them are brought up to date, until FLAGS_GONE; ``ntk`` and
``alpha`` are known."""
FLAGS_GONE = (0, 11, 1)
"""--rope-scaling and --rope-theta are unknown arguments, and dict overrides are set as they are."""
RENAMED = (0, 12)
"""Models read ``rope_parameters`` in place of ``rope_scaling`` and ``rope_theta``."""
BASE_HAS_DEFAULT = (0, 13)
"""``get_rope`` takes 10,000 for a missing base; 0.12 fails."""
PARTIAL_INSIDE = (0, 13)
"""``partial_rotary_factor`` is read from the RoPE parameters."""
NULL_KEEPS_OWN = (0, 16)
"""With transformers 4 ``rope_parameters: null`` leaves the checkpoint's own in force, and from here
on ``partial_rotary_factor`` beside the parameters is taken into them."""
NESTED_MROPE_YARN = (0, 20)
"""Multimodal rotary embeddings can be built with YaRN."""
MROPE_BLENDS_RIGHT = (0, 32)
"""Multimodal YaRN blends by the trained length; before by 4 times that (``MRotaryEmbedding``)."""
DUAL_CHUNK_GONE = (0, 11)
"""Dual chunk attention has no backend any more: its file is in the wheels of 0.9.0 to 0.10.2."""
TRANSFORMERS_5 = (0, 20)
"""From here on transformers 5 may be installed, and ``rope_scaling`` is again an alias."""
FINGERPRINTED = (0, 21)
"""Responses carry a ``system_fingerprint``."""
DYNAMIC_IS_STATIC = (0, 22)
"""``dynamic`` scales the base by max_position_embeddings over max_trained_positions: by 1."""
YARN_STOPPED_EXTENDING = (0, 30)
"""YaRN's factor no longer extends max_model_len, and its magnitude keys are transformers'."""


def release(version: str) -> tuple[int, ...]:
    """The numbers of a version, pre-release and local parts left out: ``0.33.0rc1+cpu`` is 0.33.0.

    Raises:
        RopeError: no version at all.
    """
    try:
        return Version(version).release
    except InvalidVersion as error:
        raise RopeError(f"vLLM version {version!r}: expected numbers such as 0.26.0") from error


def release_if_any(version: str | None) -> tuple[int, ...]:
    """As ``release``; (), which is before every release, where the version is not known."""
    try:
        return release(version) if version else ()
    except RopeError:
        return ()
