"""Patterns have names that scripts may rely on."""

from __future__ import annotations

import re

from recallbench.diagnosis.pattern import Pattern


def test_the_names_are_stable() -> None:
    assert [pattern.value for pattern in Pattern] == [
        "past-position-table",
        "breaks-at-native-length",
        "breaks-at-a-length",
        "declines-with-length",
        "low-everywhere",
        "misses-shallow",
        "misses-deep",
        "misses-middle",
        "misses-under-concurrency",
        "misses-with-warm-cache",
        "answers-cut",
        "token-zero-answers",
        "repeated-answers",
        "unanswered-lengths",
        "too-few-trials",
        "no-pattern",
    ]


def test_names_are_lower_case_with_hyphens() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", pattern) for pattern in Pattern)
