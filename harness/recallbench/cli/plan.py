"""``recallbench plan``: what a run would ask and take; starts nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from recallbench.cli.consoles import listener, results_console
from recallbench.cli.parameters import options_from, suite_options
from recallbench.cli.prompt_lines import write_prompt_lines
from recallbench.engines.server_arguments import serve_line
from recallbench.engines.vllm_process import installed_vllm
from recallbench.reports.plan_table import PlanView, print_plan
from recallbench.rope import versions
from recallbench.runner.execute import Planned, make_plan
from recallbench.runner.preflight import check_plan
from recallbench.runner.prompt_kit import prompt_kit
from recallbench.suite import PlannedVariant, suite_with

_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command("plan")
@suite_options
@click.option(
    "--prefill-rate",
    type=click.FloatRange(min=1),
    default=10_000.0,
    show_default=True,
    help="Prompt tokens a second to reckon the time with.",
)
@click.option("--write-prompts", type=_PATH, help="Write every trial's prompt as a JSON line.")
def command(prefill_rate: float, write_prompts: Path | None, **suite: Any) -> int:  # noqa: ANN401 - the shared options
    """Show what a run would ask, and what it would take; start nothing.

    With --write-prompts every prompt is built, for audit: its token ids, needle, key and text.
    """
    with listener() as told:
        planned = make_plan(suite_with(options_from(suite)), told.say)
        kit = prompt_kit(planned.plan, planned.models, told.say)
        if write_prompts:
            count = write_prompt_lines(planned.plan.trials, kit.build, write_prompts)
            told.say(f"{write_prompts}: {count} prompts")
    view = PlanView(
        plan=planned.plan,
        prefill_rate=prefill_rate,
        commands=_commands(planned),
        notes=(*kit.notes, *_version_note(planned), *_findings(planned)),
    )
    print_plan(view, results_console())
    return 0


def _commands(planned: Planned) -> tuple[str, ...]:
    """The server's command line of each variant, ready to be pasted."""
    configs = planned.models.configs
    if planned.served or not configs or None in configs.values():
        return ()
    paths = planned.models.paths
    return tuple(_serve_line(each, paths[each.variant.model]) for each in planned.plan.variants)


def _serve_line(planned: PlannedVariant, model: str) -> str:
    assert planned.max_model_len, "a local variant has a context length"  # noqa: S101 - an invariant
    return serve_line(
        planned.variant,
        model,
        max_model_len=planned.max_model_len,
        hf_overrides=planned.override.hf_overrides if planned.override else None,
    )


def _findings(planned: Planned) -> tuple[str, ...]:
    """What the check found, a line each; ``recallbench check`` says how to mend it."""
    return tuple(
        f"{each.variant.name}: {finding.severity} [{finding.rule}]: {finding.what}"
        for each in check_plan(planned.plan, planned.models.paths)
        for finding in each.findings
    )


def _version_note(planned: Planned) -> tuple[str, ...]:
    if planned.served or installed_vllm():
        return ()
    return (f"vLLM is not installed here: overrides are written for {versions.NEWEST}",)
