"""The values of vLLM's options, read from text as vLLM reads them. Pure.

Source: vllm/utils/argparse_utils.py ``human_readable_int_or_auto`` and ``parse_args``, and
vllm/engine/arg_utils.py ``union_dict_and_str``, 0.32.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

_UNRESOLVED = re.compile(
    r"\$[A-Za-z_{(@*#?!0-9]"  # shell, compose, Kubernetes, GitHub
    r"|`|\{\{|\{%|"  # command substitution, Helm, Jinja
    r"\{[A-Za-z_][\w.]*\}"  # str.format; never JSON, which has quotes
    r"|%\([A-Za-z_]\w*\)|%[A-Za-z](?![\w/])"  # printf, systemd
    r"|<[A-Za-z][^<>\n]*>"  # what a reader is to fill in
    r"|^(\.\.\.|…)$"
)
_HUMAN = re.compile(r"(\d+(?:\.\d+)?)([kKmMgGtT])")
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}
_OBJECT = re.compile(r"\s*\{.*\}\s*", re.DOTALL)


def is_unresolved(text: str) -> bool:
    """Whether ``text`` holds something that only the running system, or a reader, can fill in."""
    return _UNRESOLVED.search(text) is not None


def read_value(setting: str, text: str) -> object:
    """The value of a deployment's field, from the option's text.

    Raises:
        ValueError: vLLM would refuse the text; the message says why.
    """
    return _READERS.get(setting, str)(text)


def read_dotted(items: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The mapping that options such as ``--hf-overrides.rope_parameters.factor 4.0`` make.

    Args:
        items: Keys after the option's first dot, and the value; in the order of the words.

    Raises:
        ValueError: A value is not given.
    """
    merged: dict[str, Any] = {}
    for keys, text in items:
        if not text:
            raise ValueError(f"{keys!r} has no value")
        *path, last = keys.split(".")
        target = merged
        for key in path:
            if not isinstance(target.get(key), dict):
                target[key] = {}
            target = target[key]
        if last.endswith("+"):
            before = target.get(last[:-1])
            listed = before if isinstance(before, list) else []
            target[last[:-1]] = [*listed, *text.split(",")]
        else:
            target[last] = _dotted_value(text)
    return merged


def human_int(text: str) -> int:
    """A whole number; ``k m g t`` are powers of 1000, ``K M G T`` of 1024.

    Raises:
        ValueError: It is none, or has decimals before a capital letter.
    """
    match = _HUMAN.fullmatch(text.strip())
    if match is None:
        return _whole(text)
    number, suffix = match.groups()
    power = _POWERS[suffix.lower()]
    if suffix.islower():
        return int(float(number) * 1000**power)
    if "." in number:
        raise ValueError(f"{text!r} has decimals before {suffix}; write {number}{suffix.lower()}")
    return int(number) << 10 * power


def _human_int_or_auto(text: str) -> int:
    return -1 if text.strip().lower() in {"-1", "auto"} else human_int(text)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no whole number") from error


def _decimal(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no number") from error


def _json_object(text: str) -> dict[str, Any]:
    if not _OBJECT.fullmatch(text):
        raise ValueError(f"{text!r} is no JSON object")
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"it is no valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{text!r} is no JSON object")  # noqa: TRY004 - callers expect one error
    return value


def _text_or_none(text: str) -> str | None:
    return None if text in {"", "None"} else text


def _dotted_value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return human_int(text)
    except ValueError:
        return text


_READERS: dict[str, Callable[[str], object]] = {
    "hf_overrides": _json_object,
    "rope_scaling": _json_object,
    "rope_theta": _decimal,
    "max_model_len": _human_int_or_auto,
    "max_num_batched_tokens": human_int,
    "tensor_parallel_size": _whole,
    "pipeline_parallel_size": _whole,
    "gpu_memory_utilization": _decimal,
    "quantization": _text_or_none,
}
