"""``recallbench plan``: what a run would ask and take; starts nothing."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from recallbench.cli.consoles import listener, results_console
from recallbench.cli.parameters import options_from, suite_options
from recallbench.cli.prompt_lines import write_prompt_lines
from recallbench.engines.opened import vllm_command
from recallbench.engines.vllm_process import installed_vllm
from recallbench.journal import RunFolder
from recallbench.reports.plan_table import PlanView, print_plan
from recallbench.runner.execute import Planned, make_plan
from recallbench.runner.opening import EngineRoom
from recallbench.runner.preparation import NEWEST_VLLM, prompt_kit
from recallbench.runner.progress import LineListener
from recallbench.suite import suite_with

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
        notes=(*kit.notes, *_version_note(planned)),
    )
    print_plan(view, results_console())
    return 0


def _commands(planned: Planned) -> tuple[str, ...]:
    """The server's command line of each variant, ready to be pasted."""
    configs = planned.models.configs
    if planned.served or not configs or None in configs.values():
        return ()
    room = EngineRoom(
        plan=planned.plan,
        models=planned.models,
        folder=RunFolder(Path()),
        listener=LineListener(Console(quiet=True)),
        served=None,
    )
    starts = [vllm_command(room.local_start(variant)) for variant in planned.plan.variants]
    return tuple(shlex.join(["vllm", "serve", start.model, *start.arguments]) for start in starts)


def _version_note(planned: Planned) -> tuple[str, ...]:
    if planned.served or installed_vllm():
        return ()
    return (f"vLLM is not installed here: overrides are written for {NEWEST_VLLM}",)
