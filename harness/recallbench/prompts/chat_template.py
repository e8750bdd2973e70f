"""Splits a chat template into what stands before and behind the user's message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recallbench.errors import PromptError

_MARK = "recallbench-message"
_PROBE = "First line, 1 < 2.\n\nSecond 'line' & \"more\"."

Render = Callable[[str, bool], str]
"""Renders a chat of one user message: (message, thinking) -> text up to where the answer begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFrame:
    """The text around a user's message, ready for the answer to follow."""

    head: str
    """Before the message."""
    tail: str
    """Behind it, up to where the answer begins."""
    thinking_switch: bool
    """Whether the template renders thinking on and thinking off differently."""


BARE_FRAME = ChatFrame(head="", tail="", thinking_switch=False)
"""For base models: the message is the whole prompt."""


def chat_frame(render: Render, *, thinking: bool) -> ChatFrame:
    """Find the frame of a chat template by rendering it.

    Raises:
        PromptError: the template changes the message or uses it more than once, so that no text can
            be put in its place.
    """
    rendered = render(_MARK, thinking)
    head, mark, tail = rendered.partition(_MARK)
    if not mark or _MARK in tail or render(_PROBE, thinking) != head + _PROBE + tail:
        raise PromptError(
            "chat template: it does not put the user's message unchanged into the prompt exactly "
            f"once (a test message rendered as {render(_PROBE, thinking)!r}); such a model cannot "
            "be given exact prompts: use a tokenizer folder with a plain chat template"
        )
    return ChatFrame(head=head, tail=tail, thinking_switch=render(_MARK, not thinking) != rendered)
