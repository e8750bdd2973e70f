"""How far recall reaches is told with its trials, and proof is never mixed up with sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from recallbench.reports.profile_text import profile_sentences
from recallbench.stats import Proportion, VariantSummary
from recallbench.stats.clusters import Clusters
from recallbench.stats.curve import recall_area
from recallbench.stats.depth_bias import DepthBias
from recallbench.stats.effective_length import effective_length, relative_effective_length
from recallbench.stats.profile import RecallProfile, recall_profile

BIASED = DepthBias(
    n=200,
    slope=-0.125,
    trend_p=0.0312,
    spread=0.24,
    best_depth=0.0,
    worst_depth=0.5,
    heterogeneity_p=0.0001,
)


def profile_of(
    lengths: Mapping[int, tuple[int, int]], bias: DepthBias | None = None
) -> RecallProfile:
    found = [(length, Proportion(k=k, n=n)) for length, (k, n) in lengths.items()]
    return RecallProfile(
        variant="base",
        effective=effective_length(found, 0.95),
        relative=relative_effective_length(found, 0.85),
        area=recall_area(found),
        depth_bias=bias,
    )


def told(lengths: Mapping[int, tuple[int, int]], *, drawn: bool = False) -> list[str]:
    return list(profile_sentences(profile_of(lengths), drawn=drawn))


def test_what_is_proven_stands_beside_what_was_seen() -> None:
    assert told({4096: (100, 100), 8160: (97, 100), 16_384: (50, 100)}) == [
        (
            "recall of at least 0.95 proven up to 4,096 tokens (95%, one-sided; 100/100 there); "
            "seen up to 8,160 tokens (97/100 there)"
        ),
        (
            "85% of the recall at 4,096 tokens (100/100) proven up to 8,160 tokens (95%, "
            "one-sided; 97/100 there), and seen no further"
        ),
        (
            "mean recall over the logarithm of length 85.9% (95% interval 82.2-88.5%; 300 trials "
            "at 3 lengths)"
        ),
    ]


def test_the_longest_asked_is_said_to_be_it() -> None:
    first, second, _ = told({4096: (100, 100), 8192: (100, 100)})

    assert first.endswith("proven up to 8,192 tokens (95%, one-sided; 100/100 there), the longest "
                          "asked")  # fmt: skip
    assert second.endswith(", the longest asked")


@pytest.mark.parametrize(
    ("n", "said"),
    [(58, "; it takes at least 59 trials a length, and 8,000 tokens had 58"), (59, "")],
)
def test_too_few_trials_for_any_proof_are_said_to_be_too_few(n: int, said: str) -> None:
    # 0.95 ** 59 is the first power below 0.05.
    (sentence,) = told({8000: (n - 1, n)})

    assert sentence == (
        f"recall of at least 0.95 proven at no length (95%, one-sided{said}); seen up to 8,000 "
        f"tokens, the longest asked ({n - 1}/{n} there)"
    )


def test_a_length_without_recall_is_named() -> None:
    first, second, _ = told({8000: (0, 60), 16_000: (10, 60)})

    assert first == (
        "recall of at least 0.95 proven at no length (95%, one-sided); not seen at 8,000 tokens, "
        "the shortest (0/60)"
    )
    assert second == "no hit at 8,000 tokens (0/60), the shortest: no share of it to reach"


def test_a_base_alone_is_no_reach() -> None:
    assert told({8000: (60, 60), 16_000: (1, 60)})[1] == (
        "85% of the recall at 8,000 tokens (60/60) proven at no longer length (95%, one-sided); "
        "seen at no longer length"
    )


def test_nothing_proven_is_told_where_trials_were_drawn() -> None:
    sentences = told({4096: (100, 100), 8160: (97, 100), 16_384: (50, 100)}, drawn=True)

    assert sentences[:2] == [
        "recall of at least 0.95 seen up to 8,160 tokens (97/100 there)",
        "85% of the recall at 4,096 tokens (100/100) seen up to 8,160 tokens (97/100 there)",
    ]
    assert "proven" not in " ".join(sentences)


def test_one_length_has_neither_share_nor_mean() -> None:
    assert len(told({8000: (60, 60)})) == 1


def test_no_recall_is_nothing_to_tell() -> None:
    assert told({8000: (0, 0), 16_000: (0, 0)}) == []
    assert told({}) == []


def test_a_mean_with_a_gap_is_not_told() -> None:
    assert "mean" not in " ".join(told({8000: (60, 60), 16_000: (0, 0)}))


def test_depths_that_differ_are_named_with_their_p_value() -> None:
    *_, differs, falls = profile_sentences(profile_of({8000: (150, 200)}, BIASED), drawn=False)

    assert differs == (
        "recall differs with depth: 24.0 percentage points lower at 50% than at 0% (p < 0.001, "
        "200 trials at all lengths)"
    )
    assert falls == (
        "recall falls with depth, on a straight line by 12.5 percentage points from the start to "
        "the end (p = 0.031, 200 trials)"
    )


@pytest.mark.parametrize(("p_value", "sentences"), [(0.05, 3), (0.0501, 1)])
def test_depths_that_may_be_alike_are_not_told_to_differ(p_value: float, sentences: int) -> None:
    bias = replace(BIASED, heterogeneity_p=p_value)

    assert len(profile_sentences(profile_of({8000: (150, 200)}, bias), drawn=False)) == sentences


def test_a_profile_of_a_run_is_told(make_summary: Callable[..., VariantSummary]) -> None:
    profile = recall_profile(make_summary({(8000, 0.0): "r" * 30, (8000, 1.0): "m" * 30}))

    assert [each.split(":")[0] for each in profile_sentences(profile, drawn=False)] == [
        (
            "recall of at least 0.95 proven at no length (95%, one-sided); not seen at 8,000 "
            "tokens, the shortest (30/60)"
        ),
        "recall differs with depth",
        (
            "recall falls with depth, on a straight line by 100.0 percentage points from the start "
            "to the end (p < 0.001, 60 trials)"
        ),
    ]


def test_too_few_haystacks_are_told_as_haystacks() -> None:
    shared = Clusters(hits=(20,) * 5, trials=(20,) * 5)
    reach = effective_length([(8000, shared)], 0.95)

    told = profile_sentences(replace(profile_of({8000: (100, 100)}), effective=reach), drawn=False)

    assert told[0] == (
        "recall of at least 0.95 proven at no length (95%, one-sided; it takes at least 59 "
        "haystacks a length, as trials of one haystack may all be alike, and 8,000 tokens had 5); "
        "seen up to 8,000 tokens, the longest asked (100/100 there)"
    )


def test_a_ladders_profile_is_of_multi_key_recall() -> None:
    ladder = replace(
        profile_of({1000: (100, 100), 2000: (90, 100)}, replace(BIASED, haystacks=5)),
        layout="ladder",
    )

    told = profile_sentences(ladder, drawn=False)

    assert [sentence.count("multi-key recall") for sentence in told] == [1] * len(told)
    assert " ".join(told).replace("multi-key recall", "").count("recall") == 0
    assert "200 trials in 5 haystacks at all lengths" in told[3]
