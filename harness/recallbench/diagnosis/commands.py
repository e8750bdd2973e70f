"""Command lines to run next, quoted for a POSIX shell; names come from outside."""

from __future__ import annotations

import shlex
from dataclasses import replace

from recallbench.diagnosis.facts import ServingFacts


def check_command(facts: ServingFacts) -> str:
    """Prove which RoPE the engine runs, and hold its configuration against the checkpoint's."""
    overrides = ["--hf-overrides", facts.hf_overrides] if facts.hf_overrides else []
    return shlex.join(["recallbench", "check", "--model", facts.model, *overrides])


def run_command(facts: ServingFacts, variant: str, *options: str) -> str:
    """Ask the same variant again with some options more.

    A run without a suite is told by its options, so they are all said again.
    """
    asked = [facts.suite, "--variant", variant] if facts.suite else _without_suite(facts)
    server = ["--endpoint", facts.endpoint] if facts.endpoint else []
    layout = ["--layout", facts.layout] if facts.layout != "single" else []
    return shlex.join(["recallbench", "run", *asked, *server, *layout, *options])


def scaled_command(facts: ServingFacts, variant: str, factor: int) -> str:
    """Ask the same variant again under YaRN; a factor is never given beside overrides."""
    return run_command(replace(facts, hf_overrides=None), variant, f"--factor={factor}")


def engine_command(facts: ServingFacts, variant: str, argument: str) -> str:
    """Ask again with one argument more for vLLM's server; a server that stands must be restarted.

    ``recallbench run --endpoint`` starts no server, so the argument is left to who starts it.
    """
    if facts.endpoint:
        return run_command(facts, variant)
    return run_command(facts, variant, f"--engine-arg={argument}")


def _without_suite(facts: ServingFacts) -> list[str]:
    tokenizer = ["--tokenizer", facts.tokenizer] if facts.tokenizer else []
    model = ["--model", facts.model] if facts.model else []
    if facts.endpoint:
        return [*model, *tokenizer]
    overrides = ["--hf-overrides", facts.hf_overrides] if facts.hf_overrides else []
    return [*model, *tokenizer, *overrides, *(f"--engine-arg={each}" for each in facts.engine_args)]
