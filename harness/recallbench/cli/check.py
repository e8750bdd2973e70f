"""``recallbench check``: what is wrong with a serving configuration, before it is started."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import Any

import click
from rich.text import Text

from recallbench.cli.consoles import listener, results_console
from recallbench.cli.parameters import Lengths
from recallbench.engines.server_arguments import deployment_arguments
from recallbench.reports.findings_table import finding_value, print_findings
from recallbench.runner.preflight import CheckedVariant, check_variant, find_config
from recallbench.runner.preparation import model_path
from recallbench.suite import Options, resolve, suite_with

_WRONG = 2


@click.command("check")
@click.argument("suite", required=False)
@click.option("--model", help="Hub id, folder, or smollm2-135m (embedded).")
@click.option("--factor", type=click.FloatRange(min=1), help="YaRN with this factor.")
@click.option("--hf-overrides", metavar="JSON", help="vLLM's --hf-overrides, as deployed.")
@click.option("--max-model-len", type=Lengths(), help="vLLM's --max-model-len.")
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
    memory = given["gpu_memory"]
    checked = []
    with listener() as told:
        for variant in suite.variants:
            config, notes = find_config(variant.model, model_path(variant.model, told.say))
            for note in notes:
                told.say(note)
            own = max(variant.lengths or asked, default=None)
            served = given["max_model_len"]
            checked.append(
                check_variant(
                    replace(variant, max_model_len=served[0]) if served else variant,
                    config,
                    vllm_version=given["vllm_version"],
                    longest_tokens=None if own is None else own + suite.budget.total_tokens,
                    gpu_memory=None if memory is None else int(memory * (1 << 30)),
                )
            )
    return checked


def _show(checked: CheckedVariant) -> None:
    console = results_console()
    case = checked.case
    console.print(Text(f"{checked.variant.name}: {checked.variant.rope.label}", style="bold"))
    if case is not None:
        told = case.effect
        served = f"{told.max_model_len:,} tokens" if told.max_model_len else "nothing"
        rows = f"{told.rows:,}" if told.rows else "an unknown number of"
        console.print(
            Text(
                f"vLLM {case.version} would serve {served} with {rows} positions, base "
                f"{told.base:,.0f}"
            )
        )
        console.print(Text(_serve_line(checked)), soft_wrap=True)
    for note in checked.notes:
        console.print(Text(note), soft_wrap=True)
    print_findings(checked.findings, console)
    console.print()


def _serve_line(checked: CheckedVariant) -> str:
    case = checked.case
    assert case is not None, "shown with a case only"  # noqa: S101 - an invariant
    length = case.deployment.max_model_len or case.effect.max_model_len or 0
    arguments = deployment_arguments(
        checked.variant, max_model_len=length, hf_overrides=case.deployment.hf_overrides
    )
    return shlex.join(["vllm", "serve", checked.variant.model, *arguments])


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
