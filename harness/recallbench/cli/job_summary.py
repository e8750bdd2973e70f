"""The Markdown summary, appended where a CI system wants it."""

from __future__ import annotations

import os
from pathlib import Path

import click

VARIABLE = "GITHUB_STEP_SUMMARY"


def append_job_summary(markdown: str) -> None:
    """Append to the file that GitHub Actions names; nothing where there is none.

    A file that cannot be written is told of on stderr: it must not change a verdict.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(markdown + "\n")
    except OSError as error:
        click.echo(f"recallbench: {VARIABLE} {path}: not written: {error.strerror}", err=True)
