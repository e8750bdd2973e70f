"""A model may write its thought and its answer, and no more."""

from __future__ import annotations

from recallbench.domain import AnswerBudget


def test_the_budget_is_for_thought_and_answer_together() -> None:
    assert AnswerBudget(answer_tokens=64).total_tokens == 64
    assert AnswerBudget(answer_tokens=64, thinking_tokens=8192).total_tokens == 8256
