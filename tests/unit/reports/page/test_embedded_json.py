"""Whatever a value holds, the page's JSON block holds it whole and is nothing else."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup

from recallbench.reports.page.embedded_json import embedded_json

TEXTS = st.text(st.characters(codec=None, categories=None), max_size=40) | st.sampled_from(
    ["</script>", "<!--<script>", "]]>", "&lt;", "\u2028\u2029", "\ud800", "\udc00\ud800", "\x00"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


class OneScript(HTMLParser):
    """Tags of a page, and the text in its script."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - of the parser
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.inside += data


@given(VALUES)
@example({"</script><script>alert(1)</script>": ["<!--", "-->", "\ud83d", "\x00\x7f\u2028"]})
def test_a_page_gives_the_value_back_and_holds_one_script(value: Any) -> None:
    block = f'<script type="application/json">{embedded_json(value)}</script>'
    page = OneScript()
    page.feed(block.encode().decode())
    page.close()

    assert page.tags == ["script"]
    assert json.loads(page.inside) == value


@given(VALUES)
def test_no_letter_in_it_means_anything_to_html_or_ends_a_line(value: Any) -> None:
    text = embedded_json(value)

    assert not set(text) & set("<>&\u2028\u2029\n\r\x00")


def test_a_template_that_escapes_leaves_it_alone() -> None:
    template = Environment(autoescape=True).from_string("{{ data }}")

    shown = template.render(data=embedded_json({"a": ["<b>", 'c"', "d'"]}))

    assert shown == r"""{"a":["\u003cb\u003e","c\"","d'"]}"""
    assert isinstance(embedded_json(None), Markup)


def test_letters_of_all_scripts_stay_as_they_are() -> None:
    assert embedded_json("é 河 🎉") == '"é 河 🎉"'


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        embedded_json({"latency_s": number})
