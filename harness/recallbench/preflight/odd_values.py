"""Values in overrides that are of another kind than their key takes, found before any reckoning.

Nothing checks them in vLLM (``_apply_dict_overrides`` sets what it is given), so they come to light
as a TypeError in a model's code, or not at all. Every value here may be anything JSON can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite

from recallbench.preflight.finding import Finding, Severity
from recallbench.rope.cos_sin import LAYER_TYPES
from recallbench.rope.intent import ROPE_KEYS, is_misspelled

_NAMES = frozenset({"rope_type", "type"})
_NEEDED_NUMBERS = frozenset({"factor", "rope_theta", "original_max_position_embeddings"})
_NUMBERS = _NEEDED_NUMBERS | {
    *("beta_fast", "beta_slow", "attention_factor", "attn_factor", "mscale", "mscale_all_dim"),
    *("extrapolation_factor", "low_freq_factor", "high_freq_factor", "mixed_b", "alpha"),
    *("max_trained_positions", "partial_rotary_factor", "rope_dim", "short_mscale", "long_mscale"),
}
_LISTS = frozenset({"short_factor", "long_factor", "mrope_section"})
_LENGTHS = frozenset({"max_position_embeddings", "model_max_length", "max_model_len"})
_MOST = 1e15
_SHOWN_CHARS = 60


def odd_values(overrides: Mapping[str, object]) -> tuple[Finding, ...]:
    """A finding for each value that cannot be what its key takes."""
    return tuple(_finding(path, value, wanted) for path, value, wanted in _odd(overrides, ""))


def _odd(room: Mapping[str, object], path: str) -> Iterator[tuple[str, object, str]]:
    """Path, value and what is allowed there."""
    for key, value in room.items():
        where = f"{path}{key}"
        if key in ROPE_KEYS or is_misspelled(key, value):
            yield from _odd_parameters(value, where)
        elif key == "text_config" and not path:
            if isinstance(value, Mapping):
                yield from _odd(value, f"{where}.")
            else:
                yield where, value, "a mapping"
        elif key in _LENGTHS and not _is_length(value):
            yield where, value, "a whole number of tokens"
        elif key == "rope_theta" and not _is_number(value):
            yield where, value, "a number above 0"


def _odd_parameters(held: object, path: str) -> Iterator[tuple[str, object, str]]:
    if held is None:
        return
    if not isinstance(held, Mapping):
        yield path, held, "a mapping of RoPE parameters"
        return
    for key, value in held.items():
        where = f"{path}.{key}"
        if key in LAYER_TYPES:
            yield from _odd_parameters(value, where)
        elif key in _NAMES and not isinstance(value, str):
            yield where, value, "a name, such as yarn"
        elif key in _NUMBERS and not (_is_number(value) or _may_be_left_out(key, value)):
            yield where, value, "a number above 0"
        elif key in _LISTS and not _is_list(value):
            yield where, value, "a list of numbers"


def _may_be_left_out(key: str, value: object) -> bool:
    return value is None and key not in _NEEDED_NUMBERS


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value < _MOST and isfinite(value)


def _is_length(value: object) -> bool:
    return value is None or (isinstance(value, int) and _is_number(value))


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_number, value)) and len(value) > 0


def _finding(path: str, value: object, wanted: str) -> Finding:
    shown = repr(value)
    shown = shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}..."
    return Finding(
        rule="odd-value",
        severity=Severity.ERROR,
        what=f"hf_overrides.{path} is {shown}",
        why="vLLM checks nothing of it: the server fails in the model's code, or serves another "
        "RoPE",
        fix=f"write {wanted}",
        setting="hf_overrides",
    )
