"""Words that start a vLLM engine, turned into a launch.

Guarantees: a setting keeps the line of its option; a variable whose value is not known is among the
unread; variables that look like secrets are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from recallbench.lint.found import Launch, Pin, Word, texts
from recallbench.lint.image import pins_of_image
from recallbench.preflight.arguments import Arguments, read_arguments
from recallbench.preflight.option_names import is_vllm_only
from recallbench.preflight.option_values import is_unresolved

_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|API_KEY|ACCESS_KEY|CREDENTIAL")
_HELP = frozenset({"-h", "--help", "--version"})
FIELDS = {"vllm": "vllm_version", "torch": "torch_version", "cuda": "cuda_version"}
"""The field of a deployment for each package."""


def launch_of_words(
    words: Sequence[Word],
    *,
    line: int,
    environment: Mapping[str, Word],
    image: Word | None = None,
) -> Launch | None:
    """The engine that vLLM's server starts with ``words``.

    None if it only prints help, or if nothing is given: vLLM has no model of its own to serve.
    """
    if any(word.text.partition("=")[0] in _HELP for word in words):
        return None
    arguments = read_arguments(texts(words))
    if not arguments.indices:
        return None
    lines = {name: words[index].line for name, index in arguments.indices.items()}
    return launch_of(arguments, lines=lines, line=line, environment=environment, image=image)


def launch_of(
    arguments: Arguments,
    *,
    lines: Mapping[str, int],
    line: int,
    environment: Mapping[str, Word],
    image: Word | None = None,
) -> Launch:
    """The engine with these settings, in this environment and image."""
    launch = Launch(
        line=line, deployment=arguments.deployment(), lines=lines, strays=arguments.strays
    )
    launch = with_variables(launch, environment)
    return with_pins(launch, {pin.package: pin for pin in pins_of_image(image)} if image else {})


def with_pins(launch: Launch, pins: Mapping[str, Pin]) -> Launch:
    """The launch with versions where it has none of its own."""
    missing = {
        FIELDS[package]: pin
        for package, pin in pins.items()
        if getattr(launch.deployment, FIELDS[package]) is None
    }
    versions: dict[str, Any] = {name: pin.version for name, pin in missing.items()}
    return replace(
        launch,
        deployment=replace(launch.deployment, **versions),
        lines={**{name: pin.line for name, pin in missing.items()}, **launch.lines},
    )


def with_variables(launch: Launch, variables: Mapping[str, Word]) -> Launch:
    """The launch with variables that hold for it too; its own win."""
    own = {*launch.deployment.env, *launch.deployment.unread}
    added = {name: word for name, word in _harmless(variables).items() if name not in own}
    known = {name: word.text for name, word in added.items() if not is_unresolved(word.text)}
    unread = {*launch.deployment.unread, *(name for name in added if name not in known)}
    return replace(
        launch,
        deployment=replace(
            launch.deployment,
            env={**known, **launch.deployment.env},
            unread=tuple(sorted(unread)),
        ),
        lines={**{name: word.line for name, word in added.items()}, **launch.lines},
    )


def are_server_arguments(words: Sequence[Word]) -> bool:
    """Whether words can only be meant for vLLM's server, whatever runs them."""
    return any(is_vllm_only(word.text) for word in words)


def _harmless(variables: Mapping[str, Word]) -> dict[str, Word]:
    return {name: word for name, word in variables.items() if not _SECRET.search(name.upper())}
