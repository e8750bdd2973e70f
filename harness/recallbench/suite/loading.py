"""Reads suite files, shipped ones by name, and says in words what is wrong with one."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from recallbench.errors import SuiteError
from recallbench.suite.schema import TAGGED_FORMS, FilesHaystack, SuiteFile

_PACKAGE = Path(__file__).resolve().parents[1]
_SHIPPED = (_PACKAGE / "suites", _PACKAGE.parents[1] / "suites")
_MERGE = "tag:yaml.org,2002:merge"


class _UniqueKeyLoader(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys without a word; this refuses them."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        nodes = [key for key, _ in node.value if key.tag != _MERGE]
        keys = [self.construct_object(key, deep=True) for key in nodes]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", nodes[place].start_mark
                )
        return super().construct_mapping(node, deep)


def shipped_suites() -> dict[str, Path]:
    """The suites that come with recallbench, by name."""
    return {path.stem: path for room in _SHIPPED for path in sorted(room.glob("*.yaml"))}


def load_suite(name_or_path: str) -> SuiteFile:
    """A suite by file path, by the name of a shipped one, or that of a run by its folder.

    Raises:
        SuiteError: there is none, or it is not a suite.
    """
    path = Path(name_or_path)
    if (path / "run.json").is_file():
        return _suite_of_run(path)
    if not path.is_file():
        shipped = shipped_suites()
        if name_or_path not in shipped:
            raise SuiteError(
                f"suite {name_or_path}: no such file, and no shipped suite of that name"
                f"{_did_you_mean(name_or_path, shipped)}; shipped are: {', '.join(sorted(shipped))}"
            )
        path = shipped[name_or_path]
    try:
        with path.open(encoding="utf-8") as stream:
            content = yaml.load(stream, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SuiteError(f"{path}: cannot be read as YAML: {error}") from error
    return _paths_beside(parse_suite(content, str(path)), path.parent)


def parse_suite(content: object, where: str) -> SuiteFile:
    """A suite from plain data, as YAML and ``run.json`` hold it.

    Raises:
        SuiteError: all that is wrong with it: file, key path, what was got, what is allowed.
    """
    if not isinstance(content, dict):
        raise SuiteError(f"{where}: a suite is a mapping of keys; got {type(content).__name__}")
    try:
        return SuiteFile.model_validate(_floats(content))
    except ValidationError as error:
        lines = [f"{where}: {line}" for line in _explained(error)]
        raise SuiteError("\n".join(dict.fromkeys(lines))) from error


def differing_keys(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Key paths at which two resolved suites differ, with both values."""
    ours, theirs = dict(_flat(one)), dict(_flat(other))
    return [
        f"{key}: {ours.get(key, 'absent')!r} in the run, {theirs.get(key, 'absent')!r} now"
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key, "absent") != theirs.get(key, "absent")
    ]


def _flat(content: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(content, Mapping) and content:
        for key, value in content.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(content, list) and any(isinstance(item, Mapping) for item in content):
        for index, item in enumerate(content):
            name = item.get("name", index) if isinstance(item, Mapping) else index
            yield from _flat(item, f"{path}[{name}]")
    else:
        yield path, content


def _floats(content: dict[str, Any]) -> dict[str, Any]:
    """YAML writes the depth 0 and the factor 4 as integers; they are numbers all the same."""
    grid = content.get("grid")
    if isinstance(grid, dict) and isinstance(grid.get("depths"), list):
        depths = [_as_float(depth) for depth in grid["depths"]]
        content = {**content, "grid": {**grid, "depths": depths}}
    variants = content.get("variants")
    if isinstance(variants, list):
        content = {**content, "variants": [_float_rope(variant) for variant in variants]}
    return content


def _as_float(value: object) -> object:
    return float(value) if type(value) is int else value


def _float_rope(variant: object) -> object:
    if isinstance(variant, dict) and "rope" in variant:
        return {**variant, "rope": _as_float(variant["rope"])}
    return variant


def _suite_of_run(folder: Path) -> SuiteFile:
    """The suite that a run's folder holds; its paths are whole already."""
    path = folder / "run.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path}: cannot be read: {error}") from error
    return parse_suite(content.get("suite") if isinstance(content, dict) else content, str(path))


def _paths_beside(suite: SuiteFile, folder: Path) -> SuiteFile:
    """Relative haystack files and baselines are meant from the suite file's folder."""
    haystack, gate = suite.prompt.haystack, suite.gate
    if isinstance(haystack, FilesHaystack):
        files = [str((folder / file).resolve()) for file in haystack.files]
        prompt = suite.prompt.model_copy(update={"haystack": FilesHaystack(files=files)})
        suite = suite.model_copy(update={"prompt": prompt})
    if gate and gate.baseline and gate.baseline.run:
        run = str((folder / gate.baseline.run).resolve())
        baseline = gate.baseline.model_copy(update={"run": run})
        gate = gate.model_copy(update={"baseline": baseline})
        suite = suite.model_copy(update={"gate": gate})
    return suite


def _explained(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        path = problem["loc"]
        key = ".".join(str(part) for part in path if part not in TAGGED_FORMS)
        if problem["type"] == "extra_forbidden":
            allowed = _allowed_keys(path[:-1])
            hint = _did_you_mean(str(path[-1]), allowed)
            yield f"{key}: unknown key{hint}; allowed here: {', '.join(sorted(allowed))}"
        elif problem["type"] == "missing":
            yield f"{key}: this key is required"
        elif path:
            yield f"{key}: got {problem['input']!r}; {problem['msg'].removeprefix('Value error, ')}"
        else:
            yield problem["msg"].removeprefix("Value error, ")


def _allowed_keys(path: tuple[int | str, ...]) -> list[str]:
    """Keys of the form at a key path, in which pydantic names the branches of unions."""
    form: type[BaseModel] = SuiteFile
    for part in path:
        if isinstance(part, str):
            tagged = TAGGED_FORMS.get(part)
            form = tagged or _form_of(form.model_fields[part].annotation) or form
    return list(form.model_fields)


def _form_of(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, BaseModel) else None
    for inner in getattr(annotation, "__args__", ()):
        form = _form_of(inner)
        if form:
            return form
    return None


def _did_you_mean(word: str, words: Mapping[str, object] | list[str]) -> str:
    close = difflib.get_close_matches(word, list(words), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
