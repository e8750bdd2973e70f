"""Words, variables and images as YAML files of all kinds write them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from recallbench.lint.found import Word
from recallbench.lint.keyword_settings import snake_case
from recallbench.lint.shell import split_words
from recallbench.lint.shell_tokens import FOLD
from recallbench.lint.yaml_tree import Branch, Items, Leaf, Tree, scalar_of

EXTRA_ARGUMENTS = frozenset({
    "additional_args", "args", "command_args", "engine_args", "extra_args", "extra_cli_args",
    "server_args", "serve_args", "vllm_args", "vllm_extra_args",
})  # fmt: skip
_MODEL_KEYS = (
    "model_source", "model_url", "modelURL", "modelUrl", "modelURI", "modelUri", "model",
    "model_id", "modelId", "model_path", "modelPath", "model_name", "modelName", "hf_model_id",
)  # fmt: skip
_MODEL_NAME_KEYS = ("model_id", "uri", "url", "repo", "repository", "id", "name", "path")
_MAPPINGS = frozenset({"hf_overrides", "rope_scaling"})
_COMPOSE = re.compile(r"\$\$|\$\{(\w+)(?:(:?[-?+])([^}]*))?\}|\$([A-Za-z_]\w*)")
_KUBERNETES = re.compile(r"\$\(([A-Za-z_]\w*)\)")


def words_of(tree: Tree | None, *, by_compose: bool = False) -> list[Word]:
    """The words of a command, given as text or as a list; compose fills in variables first."""
    if isinstance(tree, Leaf):
        word = interpolated(tree.word) if by_compose else tree.word
        return [] if tree.is_null else split_words(word.text, word.line)
    words = [_unfolded(word) for word in leaf_words(tree)]
    return [interpolated(word) for word in words] if by_compose else words


def leaf_words(tree: Tree | None) -> list[Word]:
    """The scalars of a list."""
    items = tree.items if isinstance(tree, Items) else ()
    return [item.word for item in items if isinstance(item, Leaf)]


def option_words(branch: Branch) -> list[Word]:
    """A mapping of options, in any spelling, as the words they come to on the command line."""
    return [
        word for key, (line, value) in branch.items.items() for word in _option(key, value, line)
    ]


def environment_of(tree: Tree | None) -> dict[str, Word]:
    """Variables from a mapping, a list of ``NAME=value``, or a list of names and values."""
    if isinstance(tree, Branch):
        return dict(_variables(tree))
    found: dict[str, Word] = {}
    for item in tree.items if isinstance(tree, Items) else ():
        if isinstance(item, Leaf) and "=" in item.word.text:
            name, _, value = item.word.text.partition("=")
            found[name] = Word(value, item.word.line)
        elif isinstance(item, Branch) and (name_word := item.text("name")):
            # Without a value it comes from a secret, a config map or the node.
            unknown = Word("${" + name_word.text + "}", name_word.line)
            found[name_word.text] = item.text("value") or unknown
    return found


def image_of(branch: Branch) -> Word | None:
    """The container image that a mapping names, at once or in parts."""
    image = branch.get("image")
    if isinstance(image, Leaf):
        return _unfolded(image.word) if image.word.text else None
    parts = image if isinstance(image, Branch) else branch
    repository = parts.text("repository", "name" if parts is not branch else "repository")
    if repository is None:
        return None
    tag = parts.text("tag")
    return Word(f"{repository.text}:{tag.text}" if tag else repository.text, repository.line)


def model_of(branch: Branch) -> Word | None:
    """The model that a mapping names for an engine below or beside it."""
    for key in _MODEL_KEYS:
        value = branch.get(key)
        if isinstance(value, Leaf) and value.is_string and value.word.text:
            return value.word
        if isinstance(value, Branch):
            return value.text(*_MODEL_NAME_KEYS)
    loading = branch.get("model_loading_config")
    return model_of(loading) if isinstance(loading, Branch) else None


def interpolated(word: Word) -> Word:
    """What compose makes of variables; one without a default is not known, nor the shell's."""

    def replaced(match: re.Match[str]) -> str:
        name, operator, default, plain = match.groups()
        if match[0] == "$$":
            return "$"
        is_default = operator is not None and operator.endswith("-")
        return default if is_default else "${{ " + (name or plain) + " }}"

    return Word(_COMPOSE.sub(replaced, word.text), word.line)


def expanded(word: Word, environment: Mapping[str, Word]) -> Word:
    """What Kubernetes makes of ``$(NAME)``."""

    def replaced(match: re.Match[str]) -> str:
        return environment[match[1]].text if match[1] in environment else match[0]

    return Word(_KUBERNETES.sub(replaced, word.text), word.line)


def plain_value(tree: Tree) -> object:
    """The value as plain Python."""
    if isinstance(tree, Branch):
        return {key: plain_value(value) for key, (_, value) in tree.items.items()}
    if isinstance(tree, Items):
        return [plain_value(item) for item in tree.items]
    return scalar_of(tree)


def _option(key: str, value: Tree, line: int) -> Iterator[Word]:
    name = snake_case(key)
    option = "--" + name.replace("_", "-")
    if name in EXTRA_ARGUMENTS:
        yield from option_words(value) if isinstance(value, Branch) else words_of(value)
    elif isinstance(value, Branch) and name in _MAPPINGS:
        yield Word(f"{option}={json.dumps(plain_value(value))}", line)
    elif isinstance(value, Leaf) and not value.word.text:
        # Charts write an option without a value so.
        yield Word(option, line)
    elif isinstance(value, Leaf) and not value.is_null:
        scalar = scalar_of(value)
        if isinstance(scalar, bool):
            yield Word(option if scalar else "--no-" + option.removeprefix("--"), line)
        else:
            yield Word(f"{option}={_unfolded(value.word).text}", line)


def _variables(branch: Branch) -> Iterator[tuple[str, Word]]:
    for name, (line, value) in branch.items.items():
        if isinstance(value, Leaf):
            yield name, Word(value.word.text, line)
        elif isinstance(value, Branch) and (word := value.text("value")):
            # GitLab: NAME: {value: ..., description: ...}
            yield name, word


def _unfolded(word: Word) -> Word:
    return Word(word.text.replace(FOLD, " "), word.line)
