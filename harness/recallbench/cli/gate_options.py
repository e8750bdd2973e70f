"""The options of ``recallbench gate`` that go over the rules of a run's suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from recallbench.cli.parameters import Lengths
from recallbench.domain.gate_rules import GateRules
from recallbench.errors import SuiteError
from recallbench.suite import load_suite, parse_suite

_OPTIONS = (
    click.option("--rules", metavar="SUITE", help="Take the gate of this suite."),
    click.option("--floor", metavar="RECALL|TOKENS=RECALL,...", help="Healthy recall: one, or up "
                 "to each length, such as 32k=0.99,64k=0.93."),
    click.option("--tolerance", type=float, help="A recall so far below its floor is broken."),
    click.option("--baseline", metavar="RUN[:VARIANT]", help="Compare with this stored run, or "
                 "with :VARIANT of the same run."),
    click.option("--max-drop", type=float, help="Difference from the baseline that is too much."),
    click.option("--effective-length", metavar="TOKENS[=RECALL]", help="Recall has to be above "
                 "RECALL (0.85) up to so many tokens."),
    click.option("--errors", type=int, help="Errored and refused trials of a variant at most."),
    click.option("--confidence", type=float, help="One less the chance of a wrong verdict."),
    click.option("--inconclusive", type=click.Choice(["inconclusive", "pass", "fail"]),
                 help="What an inconclusive verdict counts as."),
)  # fmt: skip
_PLAIN = ("tolerance", "errors", "confidence", "inconclusive")


def gate_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command hands them to ``rules_of`` as a mapping."""
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command


def rules_of(suite: Mapping[str, Any], options: Mapping[str, Any], where: str) -> GateRules:
    """The rules of a run's suite, with the options over them.

    Args:
        suite: as ``run.json`` keeps it.
        options: by name; None is not given.
        where: what to call the run in an error.

    Raises:
        SuiteError: there are no rules, or they are wrong.
    """
    gate = dict(suite.get("gate") or {})
    if options["rules"]:
        named = load_suite(options["rules"]).gate
        if named is None:
            raise SuiteError(f"--rules {options['rules']}: this suite has no gate")
        gate = named.model_dump(mode="json")
    gate |= {name: options[name] for name in _PLAIN if options[name] is not None}
    if options["floor"]:
        gate["floor"] = floor_of(options["floor"])
    if options["effective_length"]:
        gate["effective_length"] = _reach_of(options["effective_length"])
    _set_baseline(gate, options)
    if not {"floor", "baseline", "effective_length"} & {k for k, v in gate.items() if v}:
        raise SuiteError(
            f"{where}: its suite has no gate; give --floor, --baseline or --effective-length, or "
            "take the rules of a suite that has one (--rules gate)"
        )
    form = parse_suite({**suite, "gate": gate}, f"{where} with the options").gate
    assert form, "given above"  # noqa: S101 - an invariant
    return form.rules()


def floor_of(text: str) -> float | dict[int, float]:
    """``0.95``, or ``32k=0.99,64k=0.93``.

    Raises:
        SuiteError: it is neither.
    """
    if "=" not in text:
        return _recall(text, "--floor")
    floors = {}
    for part in text.split(","):
        length, _, recall = part.partition("=")
        floors[_length(length, "--floor")] = _recall(recall, "--floor")
    return floors


def _reach_of(text: str) -> dict[str, Any]:
    length, _, recall = text.partition("=")
    reach: dict[str, Any] = {"tokens": _length(length, "--effective-length")}
    if recall:
        reach["recall"] = _recall(recall, "--effective-length")
    return reach


def _set_baseline(gate: dict[str, Any], options: Mapping[str, Any]) -> None:
    if options["baseline"]:
        run, variant = run_and_variant(options["baseline"])
        kept = gate.get("baseline") or {}
        gate["baseline"] = {**kept, "run": run, "variant": variant}
    if options["max_drop"] is not None:
        if not gate.get("baseline"):
            raise SuiteError("--max-drop: from which baseline? give --baseline RUN[:VARIANT]")
        gate["baseline"] = {**gate["baseline"], "max_drop": options["max_drop"]}


def run_and_variant(text: str) -> tuple[str | None, str | None]:
    """``RUN``, ``RUN:VARIANT`` or ``:VARIANT``; None is not named."""
    run, colon, variant = text.rpartition(":")
    if not colon or "/" in variant:
        return text, None
    return run or None, variant or None


def _length(text: str, option: str) -> int:
    try:
        return Lengths().convert(text.strip(), None, None)[0]
    except click.BadParameter as error:
        raise SuiteError(f"{option}: {error.message}") from error


def _recall(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SuiteError(
            f"{option}: got {text!r}; a recall is a number such as 0.95, and one for each length "
            "is written TOKENS=RECALL, such as 32k=0.99,64k=0.93"
        ) from None
