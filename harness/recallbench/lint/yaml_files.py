"""YAML of any kind that starts vLLM: compose, Kubernetes, Helm values, CI, ray serve, conda.

The tree is walked whole, and shapes are known by their keys wherever they stand, so that a file
needs no kind: containers, scripts, server arguments, engine settings, pins. Variables hold for all
that stands below the mapping that sets them.

Guarantees: what does not look like a vLLM yields nothing; a template that is no YAML is read line
by line, and what cannot be read is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from recallbench.lint.command import found_in_container, found_in_script, in_image
from recallbench.lint.container import Container
from recallbench.lint.engine_start import are_server_arguments, launch_of_words
from recallbench.lint.found import Complaint, Embedded, Found, Word, merge
from recallbench.lint.image import is_about_vllm
from recallbench.lint.keyword_settings import are_engine_settings, snake_case
from recallbench.lint.loose_lines import found_in_loose_lines
from recallbench.lint.pins import pins_of_requirement
from recallbench.lint.template import without_templates
from recallbench.lint.yaml_tree import (
    Branch,
    Items,
    Leaf,
    NotYamlError,
    Tree,
    read_documents,
)
from recallbench.lint.yaml_values import (
    EXTRA_ARGUMENTS,
    environment_of,
    expanded,
    image_of,
    interpolated,
    leaf_words,
    model_of,
    option_words,
    words_of,
)

_SCRIPTS = frozenset({
    "after_script", "ansible.builtin.command", "ansible.builtin.shell", "bash", "before_script",
    "cmd", "cmds", "command", "commands", "execute", "inline", "run", "script", "setup", "shell",
    "start_command", "pre_install", "post_start",
})  # fmt: skip
_VARIABLES = ("env", "envs", "variables", "environment", "env_vars")
_CONTAINER_KEYS = frozenset({"command", "args", "entrypoint", "entryPoint"})
_ENGINE_KEYS = frozenset({
    "engine_args", "engine_config", "engine_kwargs", "extra_args", "llm_engine_config", "vllm",
    "vllm_args", "vllm_config", "vllm_kwargs",
})  # fmt: skip
_MODEL_OPTIONS = re.compile(r"--model[-_](id|dir|path)(?==|$)")
# Reading YAML is slow, and most files have nothing for us.
_MAY_HOLD_ENGINE = re.compile(r"(?i)vllm|hf.?overrides|max.?model.?len|engine_kwargs")
_FILE_NAME = re.compile(r"[\w.-]+\.(sh|bash|ya?ml|py|service)|Dockerfile")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What holds for all that stands below."""

    about_vllm: bool
    """Whether the file names vLLM at all."""
    environment: Mapping[str, Word] = field(default_factory=dict)
    """Variables."""
    image: Word | None = None
    """The nearest image that may hold a vLLM."""
    model: Word | None = None
    """The nearest model."""


def read_yaml(text: str) -> Found:
    """What a YAML file starts and pins."""
    if not _MAY_HOLD_ENGINE.search(text):
        return Found()
    about_vllm = "vllm" in text.lower()
    try:
        documents = read_documents(without_templates(text))
    except NotYamlError as error:
        found = found_in_loose_lines(text)
        complaint = Complaint(line=error.line, why=f"this is no YAML: {error}")
        return merge([found, Found(complaints=(complaint,) if about_vllm else ())])
    place = _Place(about_vllm=about_vllm)
    return merge(_walk(document, place, set()) for document in documents)


def _walk(tree: Tree, place: _Place, seen: set[int]) -> Found:
    """All below ``tree``; what an anchor repeats is walked once."""
    if isinstance(tree, Leaf) or id(tree) in seen:
        return Found()
    seen.add(id(tree))
    if isinstance(tree, Items):
        pins = tuple(pin for word in leaf_words(tree) for pin in pins_of_requirement(word))
        return merge([Found(pins=pins), *(_walk(item, place, seen) for item in tree.items)])
    inside = _entered(tree, place)
    container = _found_as_container(tree, inside)
    if container.launches:
        skipped = {*_CONTAINER_KEYS, *_VARIABLES}
        rest = {key: value for key, value in tree.items.items() if key not in skipped}
        return merge([container, *_walk_items(Branch(rest, tree.line), inside, seen)])
    if are_engine_settings(_values(tree), is_sure=place.about_vllm) and not _is_suite(tree):
        return merge([container, _found_as_settings(tree, inside)])
    return merge([container, *_walk_items(tree, inside, seen)])


def _walk_items(branch: Branch, place: _Place, seen: set[int]) -> Iterator[Found]:
    for key, (line, value) in branch.items.items():
        name = snake_case(key)
        if name in _SCRIPTS and not isinstance(value, Branch):
            yield _found_as_scripts(value, place)
            yield _walk(value, place, seen)
        elif name in EXTRA_ARGUMENTS and are_server_arguments(words_of(value)):
            yield _found_as_arguments(words_of(value), place, line)
        elif isinstance(value, Branch) and name in _ENGINE_KEYS and value.items:
            inner = replace(place, about_vllm=True)
            yield _walk(value, inner, seen)
        elif isinstance(value, Leaf) and _FILE_NAME.fullmatch(key) and "vllm" in value.word.text:
            yield Found(embedded=(Embedded(name=key, text=value.word.text, line=value.word.line),))
        else:
            yield _walk(value, place, seen)


def _entered(branch: Branch, place: _Place) -> _Place:
    environment = dict(place.environment)
    for key in _VARIABLES:
        environment.update(environment_of(branch.get(key)))
    runtime = branch.get("runtime_env")
    if isinstance(runtime, Branch):
        environment.update(environment_of(runtime.get("env_vars")))
    image = image_of(branch)
    return replace(
        place,
        environment=environment,
        image=image if image and is_about_vllm(image.text) else place.image,
        model=model_of(branch) or place.model,
    )


def _found_as_container(branch: Branch, place: _Place) -> Found:
    if not _CONTAINER_KEYS & set(branch.items):
        return Found()
    is_kubernetes = "args" in branch.items or isinstance(branch.get("env"), Items)
    environment = place.environment
    if is_kubernetes:
        entrypoint = [expanded(word, environment) for word in words_of(branch.get("command"))]
        arguments = [expanded(word, environment) for word in words_of(branch.get("args"))]
    else:
        by_compose = "image" in branch.items or "build" in branch.items
        own = branch.get("entrypoint", "entryPoint")
        entrypoint = words_of(own, by_compose=by_compose)
        arguments = words_of(branch.get("command"), by_compose=by_compose)
        if by_compose:
            environment = {name: interpolated(word) for name, word in environment.items()}
    container = Container(
        line=(entrypoint or arguments or [Word("", branch.line)])[0].line,
        image=image_of(branch),
        entrypoint=tuple(entrypoint) or None,
        arguments=tuple(_as_vllm_options(arguments)),
        environment=environment,
    )
    return found_in_container(container)


def _found_as_scripts(tree: Tree, place: _Place) -> Found:
    """A script, or the lines of one: what an earlier item exports holds in the later ones."""
    words = [tree.word] if isinstance(tree, Leaf) else leaf_words(tree)
    text, first, line = "", words[0].line if words else 1, 0
    for word in words:
        # Empty lines put each item on its own line.
        least = 0 if not text or text.endswith("\n") else 1
        text += "\n" * max(word.line - first - line, least) + word.text
        line = text.count("\n") + text.count("\v")
    found = found_in_script(text, first, place.environment)
    return in_image(found, place.image)


def _found_as_arguments(words: list[Word], place: _Place, line: int) -> Found:
    words = _as_vllm_options(words)
    if place.model:
        words = [Word(f"--model={place.model.text}", place.model.line), *words]
    launch = launch_of_words(words, line=line, environment=place.environment, image=place.image)
    return Found(launches=(launch,) if launch else ())


def _found_as_settings(branch: Branch, place: _Place) -> Found:
    words = option_words(branch)
    named = any(word.text.startswith("--model=") for word in words)
    if place.model and not named:
        words.insert(0, Word(f"--model={place.model.text}", place.model.line))
    launch = launch_of_words(
        words, line=branch.line, environment=place.environment, image=place.image
    )
    return Found(launches=(launch,) if launch else ())


def _values(branch: Branch) -> list[str]:
    """The keys that hold values; in a schema they hold mappings that describe them."""
    return [
        key
        for key, (_, value) in branch.items.items()
        if isinstance(value, Leaf) or (isinstance(value, Branch) and "type" not in value.items)
    ]


def _is_suite(branch: Branch) -> bool:
    """Whether it is a variant of a recallbench suite, which starts nothing by itself."""
    return "engine_env" in branch.items or "rope" in branch.items


def _as_vllm_options(words: list[Word]) -> list[Word]:
    """KServe's own names for the model in place."""
    return [Word(_MODEL_OPTIONS.sub("--model", word.text), word.line) for word in words]
