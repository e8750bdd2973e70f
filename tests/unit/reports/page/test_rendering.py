"""A page is one file that runs and loads nothing but what it holds, and shows text as text."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from jinja2 import DictLoader

from recallbench.reports.page import rendering
from recallbench.reports.page.rendering import lines_of, policy, rendered
from support.verdicts import HOSTILE

Show = Callable[[str], str]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Render one expression through the page's own environment."""
    environment = rendering._environment().overlay(
        loader=DictLoader({"x": "{{ value }}|{{ value | lines_of }}"})
    )
    monkeypatch.setattr(rendering, "_environment", lambda: environment)
    return lambda value: rendered("x", {"value": value}, styles=(), scripts=())


def test_markup_from_outside_is_text(shown: Show) -> None:
    assert shown("<b>&\"'") == "&lt;b&gt;&amp;&#34;&#39;|&lt;b&gt;&amp;&#34;&#39;"


def test_what_cannot_be_printed_is_spelled(shown: Show) -> None:
    text = shown(HOSTILE)

    assert r"\x00" in text
    assert r"\ud800" in text
    assert "\x1b" not in text
    text.encode("utf-8")


def test_a_text_of_several_lines_keeps_them_where_they_are_asked_for(shown: Show) -> None:
    assert shown("a\n<b>") == "a\\n&lt;b&gt;|a\n&lt;b&gt;"
    assert lines_of("x\n\x00") == "x\n\\x00"


def test_the_policy_allows_the_pages_own_script_and_style_by_their_hashes() -> None:
    rules = policy("a{}", "run()", is_live=False).split("; ")

    def hashed(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    assert rules[0] == "default-src 'none'"
    assert f"script-src {hashed('run()')}" in rules
    assert f"style-src {hashed('a{}')}" in rules
    assert not any("unsafe" in rule for rule in rules)
    assert not any(rule.startswith("connect-src") for rule in rules)


def test_only_a_live_page_may_ask_its_server() -> None:
    assert "connect-src 'self'" in policy("", "", is_live=True)


def test_a_script_that_ends_early_or_a_style_attribute_stands_in_no_file_of_ours() -> None:
    assets = rendering._ASSETS.iterdir()
    for asset in assets:
        assert "</" not in re.sub(r"//.*|/\*.*?\*/", "", asset.read_text(encoding="utf-8"))
    templates = rendering._ASSETS / ".." / "templates"
    for template in templates.iterdir():
        assert not re.search(r"\sstyle=|\son\w+=", template.read_text(encoding="utf-8"))
