"""The unit tests stand as the package does: a file for a module or a template, path for path."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import recallbench

PACKAGE = Path(recallbench.__file__).parent
HERE = Path(__file__).parent
OF_THE_PACKAGE = {"test_imports.py", "test_mirror.py"}
"""Tests that are about no single module."""


def mirrored(test: Path) -> Path:
    """The module that a test file is of: ``cli/test_run.py`` is of ``cli/run.py``.

    ``test_chart_template.py`` is of the template ``templates/chart.html.j2`` beside it.
    """
    name = test.name.removeprefix("test_")
    template = test.parent / "templates" / f"{name.removesuffix('_template.py')}.html.j2"
    if (PACKAGE / template).is_file():
        return template
    return test.with_name("__main__.py" if test == Path("test_main.py") else name)


def files_of_tests() -> list[Path]:
    return sorted(path.relative_to(HERE) for path in HERE.rglob("test_*.py"))


def test_every_test_file_mirrors_a_module() -> None:
    strangers = [
        str(test)
        for test in files_of_tests()
        if str(test) not in OF_THE_PACKAGE and not (PACKAGE / mirrored(test)).is_file()
    ]

    assert strangers == []


def test_no_two_test_files_have_one_name() -> None:
    """They are no packages: pytest tells them apart by name."""
    names = Counter(path.name for path in HERE.parent.rglob("test_*.py"))

    assert [name for name, count in names.items() if count > 1] == []
