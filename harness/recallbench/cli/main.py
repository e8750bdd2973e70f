"""The command group. Commands are imported when they are called, so that ``--help`` is instant."""

from __future__ import annotations

from importlib import import_module

import click

_COMMANDS = {
    "run": "Ask a model for its pass keys and report recall by length and depth.",
    "plan": "Show what a run would ask, and what it would take; start nothing.",
    "check": "Say what is wrong with a serving configuration, before it is started.",
    "lint": "Say what is wrong in the files that vLLM is deployed with.",
    "gate": "Tell pass, fail or inconclusive of a finished run.",
    "compare": "Tell whether one variant recalls like another, on the same trials.",
    "report": "Make reports again from journals; of several runs, their history too.",
    "view": "Show runs in a browser, while they are made too.",
}
_EPILOG = (
    "Exit codes: 0 pass or done; 1 the gate says fail, B is worse, or lint found something wrong; "
    "2 usage, suite or preflight error; 3 incomplete (an engine, endpoint or trial error left "
    "cells unmeasured); 4 inconclusive; 130 interrupted."
)


class LazyGroup(click.Group):
    """Knows its commands by name and loads the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a user's way."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command's module."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"recallbench.cli.{cmd_name}").command
        assert isinstance(command, click.Command), "each command module holds one"  # noqa: S101 - an invariant
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and purposes without loading anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=LazyGroup, epilog=_EPILOG, context_settings={"max_content_width": 100})
@click.version_option(package_name="recallbench")
def cli() -> None:
    """Does a served language model still recall what stands in its long context?"""
