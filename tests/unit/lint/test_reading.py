"""Real-life deployment files of all kinds, and what must be found in each.

``expected.json`` says it by file: what every invocation sets, its line and the line of each
setting; for ``malformed`` the names only. It holds nothing but what can be read off the files.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.lint import find_invocations
from recallbench.lint.invocation import Invocation
from recallbench.lint.text import read_text
from recallbench.preflight import Deployment

HERE = Path(__file__).parent
DEPLOYMENTS = HERE / "deployments"
EXPECTED: dict[str, dict[str, Any]] = json.loads((HERE / "expected.json").read_text("utf-8"))
TEXTS = {name: (DEPLOYMENTS / name).read_text("utf-8") for name in EXPECTED}
NAMES = [Path(name).name for name in EXPECTED]


def told(invocation: Invocation) -> dict[str, Any]:
    """An invocation as ``expected.json`` tells it: without what is not given."""
    given_values = {
        field.name: getattr(invocation.deployment, field.name) for field in fields(Deployment)
    }
    values = {name: value for name, value in given_values.items() if value not in (None, (), {})}
    values.update(
        {name: sorted(values[name]) for name in ("malformed", "unread") if name in values}
    )
    return {"line": invocation.line, **values, "lines": dict(invocation.lines)}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_deployment_file_yields_what_it_starts(name: str) -> None:
    scan = find_invocations([DEPLOYMENTS / name])

    assert EXPECTED[name]["invocations"] == [told(invocation) for invocation in scan.invocations]
    assert EXPECTED[name].get("unparsed", []) == [item.line for item in scan.unparsed]
    assert scan.files == (str(DEPLOYMENTS / name),)


def test_every_deployment_file_is_in_the_table() -> None:
    files = [path for path in DEPLOYMENTS.rglob("*") if path.is_file()]

    assert sorted(EXPECTED) == sorted(str(path.relative_to(DEPLOYMENTS)) for path in files)


def test_every_line_that_is_told_names_the_setting() -> None:
    """A check on the table itself: an option stands on the line that is said to hold it."""
    for name, expected in EXPECTED.items():
        rows = TEXTS[name].split("\n")
        for invocation in expected["invocations"]:
            line = invocation["lines"].get("max_model_len")
            if line:
                row = rows[line - 1].lower().replace("-", "").replace("_", "")
                assert "maxmodellen" in row, (name, line)


def test_a_folder_is_walked_in_order_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    for name in ("b.sh", "a/a.sh", "node_modules/c.sh", ".git/d.sh", "e.png", "f.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("vllm serve m --max-model-len 5")
    (tmp_path / "f.sh").write_bytes(b"vllm serve\0")
    (tmp_path / "g.sh").write_bytes(b"\xff\xfe\xfa")
    (tmp_path / "h.sh").write_text("# " + "x" * 2_000_001)

    scan = find_invocations([tmp_path])

    below = {Path(item.path).relative_to(tmp_path).as_posix(): item.reason for item in scan.skipped}
    assert [Path(path).name for path in scan.files] == ["b.sh", "a.sh"]
    assert [Path(item.path).name for item in scan.invocations] == ["b.sh", "a.sh"]
    assert sorted(below) == [".git", "e.png", "f.sh", "g.sh", "h.sh", "node_modules"]
    assert below["f.sh"] == "it is binary"
    assert below["g.sh"] == "it is no UTF-8 text"
    assert scan.unparsed == ()


def test_a_named_file_is_read_whatever_its_name_and_once(tmp_path: Path) -> None:
    script = tmp_path / "serve-it"
    script.write_text("#!/bin/sh\nvllm serve m\n")

    scan = find_invocations([script, str(script)])

    assert [(item.line, item.deployment.model) for item in scan.invocations] == [(2, "m")]


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    scan = find_invocations([tmp_path / "nosuch"])

    assert [item.why for item in scan.unparsed] == ["there is no such file or folder"]
    assert (scan.files, scan.invocations) == ((), ())


def test_a_device_is_not_waited_for() -> None:
    assert [item.reason for item in find_invocations(["/dev/zero"]).skipped] == [
        "it is no regular file"
    ]


@given(name=st.sampled_from(NAMES), text=st.text())
def test_any_text_is_read_as_any_kind(name: str, text: str) -> None:
    read_text(text, name)


@settings(max_examples=300)
@given(
    name=st.sampled_from(sorted(TEXTS)),
    kind=st.sampled_from(NAMES),
    at=st.floats(0, 1),
    length=st.integers(0, 80),
    inserted=st.sampled_from(
        ["'", '"', "{", "[", "${", "$(", "`", "\\\n", "<<EOF\n", "{{", "}}", "LLM(", "- ", "*a",
         "&a ", "<<: *a\n", "```\n", "\t", "\v", "\0", "\u2028", "if ", "fi\n", "esac\n", "|"]
    ) | st.text(),
)  # fmt: skip
def test_damaged_files_are_read(
    name: str, kind: str, at: float, length: int, inserted: str
) -> None:
    text = TEXTS[name]
    start = int(at * len(text))

    reading = read_text(text[:start] + inserted + text[start + length :], kind)

    assert all(invocation.line >= 1 for invocation in reading.invocations)


@given(st.binary())
def test_any_bytes_are_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "start.sh"
    path.write_bytes(data)

    scan = find_invocations([path])

    assert len(scan.files) + len(scan.skipped) == 1
