"""``recallbench lint``: what is wrong in the files that people deploy vLLM with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from recallbench.errors import CheckpointError, SuiteError
from recallbench.lint import find_invocations
from recallbench.lint.problems import Linted, lint
from recallbench.preflight import Severity
from recallbench.reports.lint_github import lint_github
from recallbench.reports.lint_json import lint_json
from recallbench.reports.lint_sarif import lint_sarif
from recallbench.reports.lint_text import lint_text, not_checked
from recallbench.rope import CheckpointConfig, read_checkpoint
from recallbench.rope.known_checkpoints import known_checkpoint

_FORMATS = {"text": lint_text, "json": lint_json, "sarif": lint_sarif, "github": lint_github}
_WRONG = 1


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_FORMATS)),
    default="text",
    show_default=True,
    help="How to print what is wrong.",
)
@click.option("--vllm-version", help="vLLM of what names none itself  [default: 0.33.0]")
@click.option("--advice", is_flag=True, help="Tell also what is not wrong and could be better.")
def command(paths: tuple[str, ...], form: str, vllm_version: str | None, advice: bool) -> int:  # noqa: FBT001 - a flag
    """Find the vLLM engines that files start, and say what is wrong with their RoPE and length.

    Reads shell scripts, Dockerfiles, compose files, Kubernetes manifests, Helm values, systemd
    units, CI YAML, Python and Markdown, whole folders too. Runs nothing and needs no network.
    Exits with 1 if something is wrong.
    """
    missing = [path for path in paths if not Path(path).exists()]
    if missing:
        raise SuiteError(f"lint {missing[0]}: there is no such file or folder")
    linted = lint(find_invocations(paths), _config_of, vllm_version)
    shown = linted if advice else _without_advice(linted)
    text = _FORMATS[form](shown)
    if text:
        click.echo(text)
    for sentence in not_checked(shown):
        click.echo(sentence, err=True)
    return _WRONG if linted.is_wrong else 0


def _without_advice(linted: Linted) -> Linted:
    kept = tuple(p for p in linted.problems if p.finding.severity is not Severity.ADVICE)
    return replace(linted, problems=kept)


def _config_of(model: str, path: str) -> CheckpointConfig | None:
    """A folder's own config where there is one, else the published one that is known."""
    for folder in (Path(model), Path(path).parent / model):
        if (folder / "config.json").is_file():
            try:
                return read_checkpoint(str(folder))
            except CheckpointError:
                break
    return known_checkpoint(model)
