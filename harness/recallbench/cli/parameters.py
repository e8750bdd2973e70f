"""Option values that are lists, and the options that ``run`` and ``plan`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from recallbench.suite.options import Options

_SUFFIXES = {"k": 1_000, "K": 1_024, "m": 1_000_000, "M": 1_048_576}


class Lengths(click.ParamType):  # type: ignore[type-arg] # generic from click 8.4 on only
    """``8000,16000`` or ``8k,16k``; as vLLM reads them, 8k is 8,000 and 8K is 8,192."""

    name = "TOKENS[,TOKENS...]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Token counts."""
        if isinstance(value, tuple):
            return value
        return tuple(self._one(part.strip(), param, ctx) for part in str(value).split(","))

    def _one(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        scale = _SUFFIXES.get(text[-1:], 1)
        digits = (text[:-1] if scale > 1 else text).replace("_", "")
        if not digits.isdecimal() or not int(digits):
            self.fail(
                f"{text!r} is no token count; write 8000, 8k (8,000) or 8K (8,192)", param, ctx
            )
        return int(digits) * scale


class Depths(click.ParamType):  # type: ignore[type-arg] # generic from click 8.4 on only
    """``0,0.5,1``: fractions of the haystack."""

    name = "DEPTH[,DEPTH...]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Fractions in [0, 1]."""
        if isinstance(value, tuple):
            return value
        try:
            depths = tuple(float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r}: depths are numbers from 0 to 1, such as 0,0.5,1", param, ctx)
        for depth in depths:
            if not 0 <= depth <= 1:
                self.fail(
                    f"{depth:g} is no depth; 0 is first, 1 is last, 0.5 the middle", param, ctx
                )
        return depths


class Haystacks(click.ParamType):  # type: ignore[type-arg] # generic from click 8.4 on only
    """``trial``, ``repeat``, or a number of haystacks."""

    name = "trial|repeat|N"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | int:
        """What shares a haystack."""
        text = str(value)
        if text in {"trial", "repeat"}:
            return text
        if not text.isdecimal() or not int(text):
            self.fail(
                f"{text!r}: trial gives each trial its own haystack, repeat each repeat, and a "
                "number that many to all repeats in turn",
                param,
                ctx,
            )
        return int(text)


Command = Callable[..., Any]

_SHARED = (
    click.argument("suite", required=False),
    click.option("--model", help="Hub id, folder, or smollm2-135m (embedded)."),
    click.option("--factor", type=click.FloatRange(min=1), help="YaRN with this factor."),
    click.option("--hf-overrides", metavar="JSON", help="vLLM's --hf-overrides, sent as they are."),
    click.option(
        "--endpoint", metavar="URL", help="Ask this OpenAI-compatible server; start none."
    ),
    click.option("--tokenizer", help="Tokenizer folder or hub id, if not the model's."),
    click.option("--length", type=Lengths(), multiple=True, help="Whole-prompt lengths."),
    click.option("--depths", type=Depths(), help="Needle depths; 0 is first, 1 last."),
    click.option("--trials", type=click.IntRange(min=1), help="Trials in each cell."),
    click.option("--layout", type=click.Choice(["single", "ladder"]),
                 help="One needle a prompt, or a ladder of them: multi-key recall."),
    click.option("--haystacks", type=Haystacks(), help="What shares one haystack: trial, repeat, "
                 "or so many for all."),
    click.option("--haystack", help="noise, prose, files:A,B or an address."),
    click.option("--variant", "variants", multiple=True, help="Only this variant of the suite."),
    click.option("--trial", "trial_names", multiple=True, metavar="NAME",
                 help="Only this trial, again; no gate."),
    click.option("--seed", type=int, help="Seed of all random draws."),
    click.option("--concurrency", type=click.IntRange(min=1), help="Requests in flight at most."),
    click.option("--engine-arg", multiple=True, help="An argument of vLLM's server, such as "
                 "--engine-arg=--enforce-eager."),
)  # fmt: skip


def suite_options(command: Command) -> Command:
    """Add the shared options; the command gets them as keywords and makes ``Options`` of them."""
    for decorate in reversed(_SHARED):
        command = decorate(command)
    return command


def options_from(values: dict[str, Any]) -> Options:
    """The shared options of a command's keywords."""
    return Options(
        suite=values["suite"],
        model=values["model"],
        tokenizer=values["tokenizer"],
        endpoint=values["endpoint"],
        lengths=tuple(length for group in values["length"] for length in group),
        depths=values["depths"] or (),
        trials=values["trials"],
        seed=values["seed"],
        factor=values["factor"],
        hf_overrides=values["hf_overrides"],
        allow=values.get("allow", ()),
        layout=values["layout"],
        haystacks=values["haystacks"],
        overlap=values.get("overlap", False),
        haystack=values["haystack"],
        concurrency=values["concurrency"],
        engine_args=values["engine_arg"],
        variants=values["variants"],
        trial_names=values["trial_names"],
    )
