"""Entry point: runs a command and turns errors into messages and exit codes."""

from __future__ import annotations

import io
import sys

import click

from recallbench.cli.main import cli
from recallbench.errors import RecallbenchError

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code. Frozen codes: see ``recallbench --help``."""
    for stream in (sys.stdout, sys.stderr):
        # A CI job's output may be ASCII: what it cannot show is spelled, and stops nothing.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(cli.main(arguments, prog_name="recallbench", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except RecallbenchError as error:
        click.echo(f"recallbench: {error}", err=True)
        return error.exit_code


if __name__ == "__main__":
    main()
