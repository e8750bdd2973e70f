"""Sentences beside a verdict are honest: open is not equal, and what is left out is counted."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from recallbench.gate.comparison import Comparison
from recallbench.reports.comparison_words import (
    corrections,
    difference_phrase,
    discordant,
    explanations,
    uncounted,
)
from recallbench.reports.replay import replay_command

Make = Callable[..., Comparison]


def test_an_open_verdict_says_that_no_difference_is_no_equivalence(make_comparison: Make) -> None:
    found = make_comparison({(8000, 0.5): ("r" * 20, "r" * 19 + "m")})

    assert explanations(found) == (
        (
            '"no significant difference" (McNemar p = 1) is not "equivalent": a drop of 5 points '
            "is neither proven nor ruled out"
        ),
        (
            "to rule out a drop of 5 points takes at least 59 pairs without a loss, and more with "
            "one; here are 20 with 1 lost and 0 gained"
        ),
    )


def test_an_open_verdict_may_be_about_two_that_differ(make_comparison: Make) -> None:
    found = make_comparison({(8000, 0.5): ("r" * 100, "r" * 93 + "m" * 7)})

    # Two-sided binomial of 7 in 7: 2 / 2^7.
    assert explanations(found)[0] == (
        "the two differ (McNemar p = 0.0156), but a drop of 5 points is neither proven nor ruled "
        "out"
    )


def test_a_difference_within_the_margin_is_told(make_comparison: Make) -> None:
    less = make_comparison({(8000, 0.5): ("r" * 400, "r" * 393 + "m" * 7)})
    more = make_comparison({(8000, 0.5): ("r" * 393 + "m" * 7, "r" * 400)})

    assert explanations(less) == ("the two differ (McNemar p = 0.0156): fp8 recalls less",)
    assert explanations(more) == ("the two differ (McNemar p = 0.0156): fp8 recalls more",)


def test_two_proven_alike_need_no_word(make_comparison: Make) -> None:
    assert explanations(make_comparison({(8000, 0.5): ("r" * 60, "r" * 60)})) == ()


def test_lengths_that_prove_nothing_alone_are_named(make_comparison: Make) -> None:
    kept, lost = ("r" * 200, "r" * 200), ("r" * 20, "r" * 19 + "m")

    assert explanations(make_comparison({(1000, 0.5): kept, (2000, 0.5): lost})) == (
        "proven over all lengths together; open singly at 2,000 tokens",
    )


def test_a_proof_over_all_lengths_says_where_it_holds_alone(make_comparison: Make) -> None:
    lost, kept = ("r" * 40, "m" * 40), ("r" * 40, "r" * 40)
    spread = ("r" * 20, "r" * 16 + "m" * 4)

    assert explanations(make_comparison({(1000, 0.5): kept, (2000, 0.5): lost})) == (
        "proven over all lengths together, and singly at 2,000 tokens",
    )
    assert explanations(make_comparison({(n, 0.5): spread for n in range(1000, 1008)})) == (
        "proven over all lengths together, not at any single length",
    )
    assert explanations(make_comparison({(2000, 0.5): lost})) == ()


def test_nothing_answered_is_nothing_compared(make_comparison: Make) -> None:
    found = make_comparison({(8000, 0.5): ("re", "er")})

    assert explanations(found) == ("no pair was answered by both: nothing is compared",)
    assert difference_phrase(found.overall) == "no pair answered by both"


def test_the_same_records_are_said_to_be(make_comparison: Make) -> None:
    same = replace(make_comparison({(8000, 0.5): ("r", "r")}), is_same=True)

    assert explanations(same) == ("both are the same records: a variant held against itself",)


def test_a_difference_has_its_interval_and_its_pairs(make_comparison: Make) -> None:
    part = make_comparison({(8000, 0.5): ("r" * 20, "r" * 17 + "m" * 3)}).overall

    assert part.interval is not None
    ends = [round(100 * end, 1) for end in part.interval]
    assert difference_phrase(part) == (
        f"-15.0 points (95% interval {ends[0]:+} to {ends[1]:+}), -3/+0 of 20 pairs"
    )
    assert discordant(part) == "-3/+0"


def test_corrections_name_what_they_are_over(make_comparison: Make) -> None:
    pair = ("r", "r")

    assert corrections(make_comparison({(1, 0.5): pair})) == (
        "nothing corrected: one length, one cell"
    )
    assert corrections(make_comparison({(1, 0.5): pair, (1, 1.0): pair})) == (
        "corrected by Holm over the 2 cells: p of McNemar and verdicts; not corrected: the overall "
        "line, intervals"
    )
    assert "over the 2 lengths and, apart, over the 2 cells" in corrections(
        make_comparison({(1, 0.5): pair, (2, 0.5): pair})
    )


def test_what_is_not_compared_is_counted(make_comparison: Make) -> None:
    assert uncounted(make_comparison({(1, 0.5): ("rr", "rm")})) == ()
    assert uncounted(make_comparison({(1, 0.5): ("rer", "r")})) == (
        "2 trials asked of base alone: not compared",
    )
    assert uncounted(make_comparison({(1, 0.5): ("r", "er")})) == (
        "1 pair is not counted: at least one of the two gave no answer to score",
        "1 trial asked of fp8 alone: not compared",
    )


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.text(min_size=1))
def test_a_shell_reads_a_command_as_its_words(names: list[str], run: str) -> None:
    words = shlex.split(replay_command(names, run, "v 1"))

    assert words[:5] == ["recallbench", "run", run, "--variant", "v 1"]
    assert words[5:] == [word for name in names for word in ("--trial", name)]


def test_pairs_that_share_haystacks_say_what_is_counted(make_comparison: Make) -> None:
    one = {(8000, 0.5): ("r" * 20, "r" * 19 + "m"), (9000, 0.5): ("r" * 20, "r" * 20)}
    told = "; p and intervals count the 20 haystacks that pairs share"

    assert corrections(make_comparison(one, shared_by="repeat")).endswith(told)
    assert "haystack" not in corrections(make_comparison(one))
