"""Writes the commands' help into the README, or with --check says whether it is there."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recallbench.cli.main import cli

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN = "<!-- help: made by scripts/readme_help.py -->\n"
END = "<!-- /help -->"
WIDTH = 100


def help_text() -> str:
    """Help of all commands, as the README shows it."""
    with click.Context(cli, info_name="recallbench", terminal_width=WIDTH) as group:
        blocks = []
        for name in cli.list_commands(group):
            command = cli.get_command(group, name)
            assert command is not None, "the group lists what it has"  # noqa: S101 - an invariant
            with click.Context(command, group, name, terminal_width=WIDTH) as context:
                blocks.append(f"```text\n{command.get_help(context)}\n```\n")
    return "\n".join(blocks)


def main() -> None:
    """Write or check."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + BEGIN + help_text() + END + after
    if sys.argv[1:] == ["--check"]:
        if README.read_text(encoding="utf-8") != wanted:
            sys.exit("README.md: the commands' help is not what they say now; run scripts/fix")
    else:
        README.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
