"""Which reader a file needs, told by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from recallbench.lint.command import found_in_script
from recallbench.lint.dockerfile import read_dockerfile
from recallbench.lint.found import Found
from recallbench.lint.markdown import read_markdown
from recallbench.lint.python_code import read_python
from recallbench.lint.requirements import read_pyproject, read_requirements
from recallbench.lint.systemd import read_unit
from recallbench.lint.yaml_files import read_yaml

Reader = Callable[[str], Found]
_BY_NAME: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"(?i)(.*[.-])?(dockerfile|containerfile)([.-].*)?"), read_dockerfile),
    (
        re.compile(r"(?i)(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|in)"),
        read_requirements,
    ),
    (re.compile(r"(?i)pyproject\.toml"), read_pyproject),
)
_BY_SUFFIX: Mapping[str, Reader] = {
    "sh": found_in_script,
    "bash": found_in_script,
    "zsh": found_in_script,
    "sbatch": found_in_script,
    "slurm": found_in_script,
    "yaml": read_yaml,
    "yml": read_yaml,
    "tpl": read_yaml,
    "json": read_yaml,
    "py": read_python,
    "service": read_unit,
    "container": read_unit,
    "md": read_markdown,
    "mdx": read_markdown,
    "markdown": read_markdown,
    "rst": read_markdown,
    "txt": read_markdown,
    "wiki": read_markdown,
    "mediawiki": read_markdown,
}
_SCRIPT_NAMES = frozenset({"entrypoint", "start", "run", "serve", "launch", "Procfile"})


def kind_of(name: str) -> Reader | None:
    """The reader for a file of this name; None if such files are not read."""
    for pattern, reader in _BY_NAME:
        if pattern.fullmatch(name):
            return reader
    if name in _SCRIPT_NAMES:
        return found_in_script
    return _BY_SUFFIX.get(name.rpartition(".")[2].lower() if "." in name else "")
