"""Prompts as JSON lines, for audit and replay: made one by one, however many and long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from recallbench.domain import Prompt, Trial
from recallbench.errors import SuiteError


def write_prompt_lines(
    trials: Iterable[Trial], build: Callable[[Trial], Prompt], path: Path
) -> int:
    """Write one line a trial; the number of lines.

    Raises:
        SuiteError: the file cannot be written.
        PromptError: a prompt cannot be built.
    """
    count = 0
    try:
        with path.open("wb") as stream:
            for trial in trials:
                stream.write(msgspec.json.encode(prompt_line(trial, build(trial))) + b"\n")
                count += 1
    except OSError as error:
        raise SuiteError(f"--write-prompts {path}: cannot be written: {error.strerror}") from error
    return count


def prompt_line(trial: Trial, prompt: Prompt) -> dict[str, Any]:
    """A trial and its prompt as plain data; free of any variant, as all are asked the same."""
    return {
        "trial_id": trial.trial_id,
        "length": trial.length_tokens,
        "depth": trial.depth,
        "repeat": trial.repeat,
        "achieved_depth": prompt.achieved_depth,
        "key": prompt.key,
        "needle_span": prompt.needle_span,
        "prompt_sha256": prompt.sha256,
        "prompt_token_ids": prompt.token_ids.tolist(),
        "prompt_text": prompt.text,
    }
