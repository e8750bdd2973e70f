"""What is written around a haystack: chat template, instruction, needle, question, begun answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from recallbench.prompts.chat_template import ChatFrame
from recallbench.prompts.needle import Recipe, filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The texts of a recipe in a chat template, ready to be filled."""

    head: str
    """Chat template before the message."""
    opening: str
    """Instruction, and the blank line behind it."""
    _needle: str
    _question: str
    _frame_tail: str
    _answer_prefix: str

    @classmethod
    def of(cls, recipe: Recipe, frame: ChatFrame) -> Self:
        """Put a recipe into a template.

        Templates may trim a message: white space at its ends, as YAML blocks have it, goes first.
        """
        instruction = recipe.instruction.strip()
        return cls(
            head=frame.head,
            opening=f"{instruction}\n\n" if instruction else "",
            _needle=recipe.needle.strip(),
            _question=recipe.question.strip(),
            _frame_tail=frame.tail,
            _answer_prefix=recipe.answer_prefix,
        )

    def needle(self, label: str, key: str) -> str:
        """The planted sentences."""
        return filled(self._needle, key=key, label=label)

    def closing(self, label: str) -> str:
        """Blank line and question."""
        return f"\n\n{filled(self._question, key='', label=label)}" if self._question else ""

    def tail(self, label: str) -> str:
        """Chat template behind the message, and the begun answer."""
        begun = filled(self._answer_prefix, key="", label=label)
        return self._frame_tail + begun if self._frame_tail else f"\n{begun}" * bool(begun)
