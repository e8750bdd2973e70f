"""Why vLLM did not start, read from its log: the cause, and what to do about it.

A known cause if the log has one, else the exception nearest to the root, else the last thing seen.
Warnings are left out: vLLM warns in the very words it fails with. Pure functions over lines; the
known causes stand in ``start_causes``.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence

from recallbench.engines.start_causes import PORT_TAKEN, RULES
from recallbench.engines.startup_log import phase

_OUT_OF_HOST_MEMORY = (
    "The kernel killed it (SIGKILL): most likely the host ran out of memory. "
    "Lower VLLM_CPU_KVCACHE_SPACE, or take a smaller model."
)
_KILLED_CHILD = re.compile(r"(?:exit code: |core proc\(s\): \{[^}]*: )-9\b")
_PREFIX = re.compile(
    r"^\([^)]*\bpid=\d+\) (?:(?P<level>[A-Z]+) \d\d-\d\d \d\d:\d\d:\d\d \[[^\]]*\] )?"
    r"|^(?P<bare_level>[A-Z]+) \d\d-\d\d \d\d:\d\d:\d\d \[[^\]]*\] "
)
_HARMLESS = {"DEBUG", "INFO", "WARNING"}
_REFUSED_CONFIG = re.compile(
    r"^  Value error, (?P<what>.+?)(?: \[type=value_error,|$)", re.MULTILINE
)
_EXCEPTION = re.compile(r"^(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit)?: \S")
_ROOT_IS_ELSEWHERE = re.compile(r"See (?:the )?(?:root cause|stack trace)")
_TRACEBACK_FRAME = re.compile(
    r"  File |    "
)  # it quotes code, which names every error it may raise


def port_taken(lines: Sequence[str]) -> bool:
    """Whether the server found its port in use: it may be tried again with another."""
    return PORT_TAKEN.search(_errors(lines)) is not None


def diagnose(lines: Sequence[str], returncode: int | None) -> str:
    """The cause of a failed start and what to do about it, in one or two lines.

    Args:
        lines: The log of this start and no other.
        returncode: The server's exit code, 128 plus its signal or minus its signal if one ended
            it; None if it was still running when the time was up.
    """
    text = _errors(lines)
    return (
        _known_cause(text)
        or _refused_config(text)
        or _kill_for_memory(text, returncode)
        or _root_exception(text)
        or _last_seen(lines, returncode)
    )


def _errors(lines: Sequence[str]) -> str:
    """The messages without vLLM's prefixes, harmless ones left out, as one text."""
    kept = []
    for line in lines:
        prefix = _PREFIX.match(line)
        level = (prefix["level"] or prefix["bare_level"]) if prefix else None
        message = line[prefix.end() :] if prefix else line
        if level not in _HARMLESS and not _TRACEBACK_FRAME.match(message):
            kept.append(message)
    return "\n".join(kept)


def _known_cause(text: str) -> str | None:
    return next(filter(None, (rule.explain(text) for rule in RULES)), None)


def _refused_config(text: str) -> str | None:
    match = _REFUSED_CONFIG.search(text)
    return f"vLLM refuses its configuration: {match['what']}" if match else None


def _kill_for_memory(text: str, returncode: int | None) -> str | None:
    killed = _signal_of(returncode) is signal.SIGKILL or _KILLED_CHILD.search(text)
    return _OUT_OF_HOST_MEMORY if killed else None


def _root_exception(text: str) -> str | None:
    """The last exception that does not merely point at another."""
    found = [line for line in text.splitlines() if _EXCEPTION.match(line)]
    roots = [line for line in found if not _ROOT_IS_ELSEWHERE.search(line)]
    return f"vLLM ended with {(roots or found)[-1]}" if found else None


def _last_seen(lines: Sequence[str], returncode: int | None) -> str:
    phases = [seen for line in lines if (seen := phase(line))]
    written = [line.strip() for line in lines if line.strip()]
    last = (phases or written or ["nothing, it wrote no log"])[-1]
    if returncode is None:
        end = "It was still busy"
    elif number := _signal_of(returncode):
        end = f"{number.name} ended it"
    else:
        end = f"It ended with exit code {returncode}"
    return f"{end}. Last seen: {last}."


def _signal_of(returncode: int | None) -> signal.Signals | None:
    number = 0 if returncode is None else -returncode if returncode < 0 else returncode - 128
    return signal.Signals(number) if number in signal.valid_signals() else None
