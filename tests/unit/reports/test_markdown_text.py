"""Text from outside stands in Markdown as text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from recallbench.reports.markdown_text import bullets, escaped, fenced, folded, table
from support.verdicts import HOSTILE

MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})


def shown(block: str) -> str:
    """What a reader sees: the rendered text without its tags."""
    return untagged(MARKDOWN.render(block))


def untagged(html: str) -> str:
    plain = re.sub(r"<[^>]*>", "", html)
    return re.sub("&(lt|gt|amp|quot|#64);", lambda found: NAMED[found[1]], plain).strip("\n")


NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "#64": "@"}


def test_markup_html_and_control_characters_are_shown_as_they_are() -> None:
    assert shown(f"x {escaped(HOSTILE)}") == (
        r"x [red]|x|[/red] <b>`*\x1b[31m\n\x00\ud800 数 & $y$"
    )


@given(st.text(st.sampled_from("ab `*_~[]()<>|\\&#!@$-+=.1\n")))
def test_any_text_is_read_back_in_a_list(text: str) -> None:
    seen = shown(bullets([f"x{text}x"]))

    assert seen.strip() == re.sub(" +", lambda run: run[0], f"x{text}x".replace("\n", r"\n"))


@pytest.mark.parametrize("text", ["- x", "# x", "1. x", "12) x", "+ x", "--- x", "=== x"])
def test_a_bullet_begins_no_list_and_no_heading(text: str) -> None:
    assert shown(bullets([text])) == text
    assert MARKDOWN.render(bullets([text])).count("<li>") == 1


@given(st.lists(st.text(st.sampled_from("ab|\\`\n<")), min_size=1, max_size=3))
def test_each_cell_holds_its_own_text(cells: list[str]) -> None:
    html = MARKDOWN.render(table(["c"] * len(cells), [cells]))

    rendered = re.findall("<td[^>]*>(.*?)</td>", html)
    assert [untagged(cell) for cell in rendered] == [cell.replace("\n", r"\n") for cell in cells]


def test_a_table_is_readable_as_text() -> None:
    assert table(("length", "k/n"), [("8,000", "9/10")]) == (
        "| length | k/n |\n| :-- | --: |\n| 8,000 | 9/10 |"
    )


@pytest.mark.parametrize("line", ["recallbench run x", "`" * 5, "a ``` b"])
def test_a_fence_is_longer_than_any_in_its_lines(line: str) -> None:
    assert MARKDOWN.render(fenced([line])) == (
        f'<pre><code class="language-shell">{line}\n</code></pre>\n'
    )


def test_what_is_folded_is_still_markdown() -> None:
    html = MarkdownIt("commonmark").enable("table").render(folded("<b>", table(("a",), [("1",)])))

    assert "<summary>&lt;b&gt;</summary>" in html
    assert "<td" in html
