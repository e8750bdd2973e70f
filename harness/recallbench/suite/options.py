"""What the command line says over the suite file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from recallbench.errors import SuiteError
from recallbench.suite.loading import load_suite, parse_suite
from recallbench.suite.schema import SuiteFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Command-line options; None is not given."""

    suite: str | None = None
    """Suite file or name of a shipped suite."""
    model: str | None = None
    """Over the suite's model."""
    tokenizer: str | None = None
    """Over the suite's tokenizer."""
    endpoint: str | None = None
    """Base URL; over the suite's endpoint."""
    lengths: tuple[int, ...] = ()
    """Over the grid's lengths and those of variants; empty is not given."""
    depths: tuple[float, ...] = ()
    """Over the grid's depths; empty is not given."""
    trials: int | None = None
    """Over the grid's trials."""
    seed: int | None = None
    """Over the suite's seed."""
    factor: float | None = None
    """YaRN with this factor, over the RoPE of the suite's only variant, or the chosen one."""
    hf_overrides: str | None = None
    """vLLM's --hf-overrides as JSON, like ``factor`` for one variant."""
    allow: tuple[str, ...] = ()
    """Preflight rules that stop no variant; added to each variant's own."""
    layout: str | None = None
    """``single`` or ``ladder``, over the prompt's layout."""
    haystacks: str | int | None = None
    """``trial``, ``repeat`` or a number, over what shares one."""
    overlap: bool = False
    """Start the next variant's engine while the present one works."""
    haystack: str | None = None
    """``noise``, ``prose``, ``files:A,B`` or an address, over the prompt's haystack."""
    concurrency: int | None = None
    """Over the engine's concurrency."""
    engine_args: tuple[str, ...] = ()
    """Added to the engine's arguments."""
    variants: tuple[str, ...] = ()
    """Names of the variants to keep; empty keeps all."""
    trial_names: tuple[str, ...] = ()
    """Names of the trials to ask, without a gate; empty asks all."""


def suite_with(options: Options) -> SuiteFile:
    """The suite that a command line asks for.

    Raises:
        SuiteError: no suite, no model, or a combination that cannot be.
    """
    base = load_suite(options.suite) if options.suite else SuiteFile(suite="recall")
    content = base.model_dump(mode="json")
    _set_plain(content, options)
    _set_variants(content, options)
    if options.endpoint:
        kept = content["endpoint"] or {}
        content["endpoint"] = {**kept, "url": options.endpoint}
    if options.trial_names:
        # A few chosen trials say nothing of recall as a whole.
        content["grid"]["only"], content["gate"] = list(options.trial_names), None
    if options.haystack:
        content["prompt"]["haystack"] = _haystack(options.haystack)
    suite = with_allowed(parse_suite(content, options.suite or "command line"), options.allow)
    if suite.model is None and suite.endpoint is None and suite.tokenizer is None:
        raise SuiteError(
            "no model given: name a suite that has one (recallbench run smoke), or --model with a "
            "hub id, a folder or smollm2-135m, or --endpoint URL for a server that stands"
        )
    if suite.endpoint and len(suite.variants) > 1:
        names = ", ".join(variant.name for variant in suite.variants)
        raise SuiteError(
            "an endpoint is one serving configuration, and the suite has several variants "
            f"({names}); choose the one that is deployed there with --variant NAME"
        )
    return suite


def with_allowed(suite: SuiteFile, rules: tuple[str, ...]) -> SuiteFile:
    """The suite with rules that stop none of its variants."""
    variants = [
        variant.model_copy(update={"allow": list(dict.fromkeys([*variant.allow, *rules]))})
        for variant in suite.variants
    ]
    return suite.model_copy(update={"variants": variants})


def _set_plain(content: dict[str, Any], options: Options) -> None:
    given = {
        ("model",): options.model,
        ("tokenizer",): options.tokenizer,
        ("seed",): options.seed,
        ("grid", "lengths"): sorted(set(options.lengths)) or None,
        ("grid", "depths"): sorted(set(options.depths)) or None,
        ("grid", "trials"): options.trials,
        ("engine", "concurrency"): options.concurrency,
    }
    for path, value in given.items():
        if value is not None:
            room = content[path[0]] if len(path) > 1 else content
            room[path[-1]] = value
    if options.layout and options.layout != content["prompt"]["layout"]:
        # What shares a haystack goes with the layout, and is chosen anew.
        content["prompt"] |= {"layout": options.layout, "haystacks": None}
    if options.haystacks is not None:
        content["prompt"]["haystacks"] = options.haystacks
    content["engine"]["overlap"] |= options.overlap
    content["engine"]["args"] += options.engine_args


def _set_variants(content: dict[str, Any], options: Options) -> None:
    variants = _kept(content["variants"], options.variants)
    rope = _rope(options)
    if rope is not None:
        if len(variants) > 1:
            names = ", ".join(variant["name"] for variant in variants)
            raise SuiteError(
                "--factor and --hf-overrides set the RoPE of one variant, and the suite has "
                f"several ({names}); choose one with --variant NAME, or leave them out"
            )
        variants = [{**variants[0], **rope}]
    if options.lengths:
        variants = [{**variant, "lengths": None} for variant in variants]
    content["variants"] = variants


def _rope(options: Options) -> dict[str, Any] | None:
    """What one variant's RoPE is to be, in the suite's words."""
    if options.factor is not None and options.hf_overrides is not None:
        raise SuiteError("--factor and --hf-overrides both set the RoPE; give one of them")
    if options.factor is not None:
        name = f"yarn{options.factor:g}"
        return {"name": name, "rope": float(options.factor), "hf_overrides": None}
    if options.hf_overrides is None:
        return None
    overrides = json_object(options.hf_overrides, "--hf-overrides")
    return {"name": "overrides", "rope": "native", "hf_overrides": overrides}


def json_object(text: str, where: str) -> dict[str, Any]:
    """A JSON object from an option's value.

    Raises:
        SuiteError: it is none.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise SuiteError(f"{where}: {text!r} is not JSON ({error}); mind the quotes") from error
    if not isinstance(value, dict):
        raise SuiteError(
            f"{where}: {text!r} is no JSON object; such as '{{\"rope_parameters\": {{...}}}}'"
        )
    return value


def _kept(variants: list[dict[str, Any]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    unknown = set(names) - {variant["name"] for variant in variants}
    if unknown:
        known = ", ".join(variant["name"] for variant in variants)
        raise SuiteError(f"--variant {min(unknown)}: the suite has {known}")
    return [variant for variant in variants if not names or variant["name"] in names]


def _haystack(text: str) -> object:
    if text.startswith("files:"):
        return {"files": text.removeprefix("files:").split(",")}
    address = text.removeprefix("url:")
    return {"url": address} if "://" in address else text
