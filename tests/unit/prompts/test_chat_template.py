"""A chat template is split around the message, or refused where that cannot be done."""

from __future__ import annotations

import pytest

from recallbench.errors import PromptError
from recallbench.prompts.chat_template import ChatFrame, Render, chat_frame


def plain(message: str, thinking: bool) -> str:  # noqa: FBT001 - the Render type
    del thinking
    return f"<user>{message}</user><assistant>"


def switched(message: str, thinking: bool) -> str:  # noqa: FBT001 - the Render type
    return plain(message, thinking) + ("" if thinking else "<think></think>")


@pytest.mark.parametrize(
    ("render", "thinking", "tail", "switch"),
    [
        (plain, False, "</user><assistant>", False),
        (switched, False, "</user><assistant><think></think>", True),
        (switched, True, "</user><assistant>", True),
    ],
)
def test_head_and_tail_stand_around_the_message(
    render: Render,
    thinking: bool,  # noqa: FBT001 - a table's column
    tail: str,
    switch: bool,  # noqa: FBT001 - a table's column
) -> None:
    frame = chat_frame(render, thinking=thinking)

    assert frame == ChatFrame(head="<user>", tail=tail, thinking_switch=switch)


@pytest.mark.parametrize(
    "render",
    [
        lambda _message, _thinking: "no message at all",
        lambda message, _thinking: f"{message} {message}",
        lambda message, _thinking: message.upper(),
        lambda message, _thinking: message.replace("\n", " "),
        lambda message, _thinking: message.replace("&", "&amp;"),
        lambda message, _thinking: f"{len(message)}: {message}",
    ],
)
def test_a_template_that_changes_or_drops_the_message_is_refused(render: Render) -> None:
    with pytest.raises(PromptError, match="unchanged into the prompt exactly once"):
        chat_frame(render, thinking=False)
