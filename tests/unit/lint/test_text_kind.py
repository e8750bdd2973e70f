from __future__ import annotations

import pytest

from recallbench.lint.command import found_in_script
from recallbench.lint.dockerfile import read_dockerfile
from recallbench.lint.markdown import read_markdown
from recallbench.lint.requirements import read_requirements
from recallbench.lint.text_kind import Reader, kind_of
from recallbench.lint.yaml_files import read_yaml


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("start.SH", found_in_script),
        ("Dockerfile", read_dockerfile),
        ("Dockerfile.gpu", read_dockerfile),
        ("gpu.dockerfile", read_dockerfile),
        ("Containerfile", read_dockerfile),
        ("requirements-gpu.txt", read_requirements),
        ("constraints.txt", read_requirements),
        ("notes.txt", read_markdown),
        ("README.md", read_markdown),
        ("compose.yaml", read_yaml),
        ("task.json", read_yaml),
        ("picture.png", None),
        ("LICENSE", None),
    ],
)
def test_a_name_tells_the_reader(name: str, reader: Reader | None) -> None:
    assert kind_of(name) is reader
