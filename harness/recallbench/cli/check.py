"""``recallbench check``: what is wrong with a serving configuration, before it is started."""

from __future__ import annotations

import json
from dataclasses import replace
from math import isfinite
from typing import Any

import click
from rich.text import Text

from recallbench.cli.consoles import listener, results_console
from recallbench.cli.parameters import Lengths
from recallbench.engines.server_arguments import serve_line
from recallbench.errors import SuiteError
from recallbench.preflight import Case, Severity
from recallbench.reports.findings_table import finding_value, print_findings
from recallbench.reports.notation import printable
from recallbench.runner.preflight import CheckedVariant, check_variant, find_config, weights_bytes
from recallbench.runner.preparation import model_path
from recallbench.suite import Options, resolve, suite_with

_WRONG = 2
_GIB = 1 << 30


@click.command("check")
@click.argument("suite", required=False)
@click.option("--model", help="Hub id, folder, or smollm2-135m (embedded).")
@click.option("--factor", type=click.FloatRange(min=1), help="YaRN with this factor.")
@click.option("--hf-overrides", metavar="JSON", help="vLLM's --hf-overrides, as deployed.")
@click.option("--max-model-len", type=Lengths(), metavar="TOKENS", help="vLLM's --max-model-len.")
@click.option("--length", type=Lengths(), multiple=True, help="Prompt lengths that will be asked.")
@click.option("--vllm-version", help="vLLM that will run  [default: the installed one, or 0.33.0]")
@click.option(
    "--gpu-memory",
    type=click.FloatRange(min=0),
    metavar="GIB",
    help="Memory of each GPU  [default: this host's]",
)
@click.option("--engine-arg", multiple=True, help="A further argument of vLLM's server.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool, **given: Any) -> int:  # noqa: ANN401, FBT001 - the options
    """Check a model's RoPE override, length, versions and memory for one vLLM; start nothing.

    SUITE checks each of its variants. Exits with 2 if there is an error.
    """
    checked = _checked(given)
    if as_json:
        click.echo(json.dumps([_value(each) for each in checked], indent=2))
    else:
        for each in checked:
            _show(each)
    return _WRONG if any(each.stopping for each in checked) else 0


def _checked(given: dict[str, Any]) -> list[CheckedVariant]:
    lengths = tuple(length for group in given["length"] for length in group)
    options = Options(
        suite=given["suite"],
        model=given["model"],
        factor=given["factor"],
        hf_overrides=given["hf_overrides"],
        engine_args=given["engine_arg"],
    )
    suite = resolve(suite_with(options))
    asked = lengths or tuple(suite.form.grid.lengths or ())
    if not all(variant.model for variant in suite.variants):
        raise SuiteError(
            f"check {given['suite']}: it names no model whose config could be read; give --model"
        )
    memory = _bytes(given["gpu_memory"])
    served = given["max_model_len"] or ()
    if len(served) > 1:
        raise SuiteError("--max-model-len: an engine serves one length; give one number")
    checked = []
    with listener() as told:
        for variant in suite.variants:
            path = model_path(variant.model, told.say)
            config, notes = find_config(variant.model, path)
            for note in notes:
                told.say(note)
            own = max(variant.lengths or asked, default=None)
            checked.append(
                check_variant(
                    replace(variant, max_model_len=served[0]) if served else variant,
                    config,
                    vllm_version=given["vllm_version"],
                    longest_tokens=None if own is None else own + suite.budget.total_tokens,
                    gpu_memory=memory,
                    weights=weights_bytes(path),
                )
            )
    return checked


def _bytes(gib: float | None) -> int | None:
    if gib is None:
        return None
    if not isfinite(gib):
        raise SuiteError(f"--gpu-memory: {gib} is no size; write the GiB of one GPU, such as 80")
    return int(gib * _GIB)


def _show(checked: CheckedVariant) -> None:
    console = results_console()
    case = checked.case
    title = f"{checked.variant.name}: {checked.variant.rope.label}"
    console.print(Text(printable(title), style="bold"))
    if case is not None:
        console.print(Text(_outcome(case)))
        console.print(Text(printable(_serve_line(checked, case))), soft_wrap=True)
    for note in checked.notes:
        console.print(Text(printable(note)), soft_wrap=True)
    print_findings(checked.findings, console)
    errors = {f.rule for f in checked.findings if f.severity is Severity.ERROR}
    allowed = sorted(errors - {finding.rule for finding in checked.stopping})
    if allowed:
        console.print(Text(f"allowed by the suite: {', '.join(allowed)}"))
    console.print()


def _outcome(case: Case) -> str:
    told = case.effect
    unknown = "nothing" if told.failure else "an unknown number of tokens"
    served = f"{told.max_model_len:,} tokens" if told.max_model_len else unknown
    rows = f"{told.rows:,}" if told.rows else "an unknown number of"
    return f"vLLM {case.version} would serve {served} with {rows} positions, base {told.base:,.0f}"


def _serve_line(checked: CheckedVariant, case: Case) -> str:
    """The command as it would be typed; a length that is not known is left to vLLM."""
    return serve_line(
        checked.variant,
        checked.variant.model,
        max_model_len=case.deployment.max_model_len or case.effect.max_model_len,
        hf_overrides=case.deployment.hf_overrides,
    )


def _value(checked: CheckedVariant) -> dict[str, Any]:
    case = checked.case
    return {
        "variant": checked.variant.name,
        "model": checked.variant.model,
        "vllm_version": case.version if case else None,
        "hf_overrides": dict(case.deployment.hf_overrides or {}) if case else None,
        "max_model_len": case.effect.max_model_len if case else None,
        "rows": case.effect.rows if case else None,
        "base": case.effect.base if case else None,
        "notes": list(checked.notes),
        "findings": [finding_value(finding) for finding in checked.findings],
    }
