"""The order in which trials are sent: each shared haystack is computed once, and used at once.

Of every haystack the trial that goes farthest along it leads, and the others follow, deepest first:
what is used last is what a cache gives up first. The next haystack's leader is sent once they all
are, and computed while the last of them are served; sent before them, it is an older tenant of the
cache than they are, and loses what its own followers come for. Only where the cache holds three
haystacks in a row does it go first. The order is reckoned from the trials alone. It does not know
what a server really keeps, and costs nothing where a server keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from recallbench.domain.layout import Haystacks, Layout
from recallbench.domain.trial import Trial
from recallbench.schedule.branches import branch_of
from recallbench.schedule.forecast import computed_tokens

SPARE_TOKENS = 256
"""Room in the cache for what is reckoned of no trial: its question, its answer, blocks begun."""


def stages(
    trials: Sequence[Trial],
    layout: Layout,
    haystacks: Haystacks,
    *,
    capacity_tokens: int | None = None,
) -> tuple[tuple[Trial, ...], ...]:
    """The trials in stages: one begins when all of the one before are sent.

    Within a stage the first are preferred, and any may go that need not wait for another's prefix.

    Args:
        trials: what is to be asked, each once.
        layout: where they leave the haystack.
        haystacks: which of them share one.
        capacity_tokens: tokens that the server's KV cache holds; None where not known. If it holds
            all that three haystacks in a row take, the leader of the middle one shares a stage with
            the followers of the one before, and goes first; else it has a stage of its own behind
            them.
    """
    if haystacks == "trial":
        return (tuple(trials),) if trials else ()
    walks: dict[str, list[Trial]] = {}
    for trial in trials:
        walks.setdefault(branch_of(trial, layout, haystacks).trunk, []).append(trial)
    taken = [
        computed_tokens(walk, layout, haystacks) + SPARE_TOKENS * len(walk)
        for walk in walks.values()
    ]
    led = [_deepest_first(walk, layout, haystacks) for walk in walks.values()]
    heads = [[walk[0]] for walk in led]
    holds = [
        capacity_tokens is not None
        and sum(taken[max(number - 1, 0) : number + 2]) <= capacity_tokens
        for number in range(len(led))
    ]
    if layout == "ladder" and all(holds[-2:]) and led:
        _lead_halfway(led, heads)
    found: list[tuple[Trial, ...]] = []
    owed: list[Trial] = []
    for is_first, head, walk in zip(holds, heads, led, strict=True):
        found += [(*head, *owed)] if is_first else [tuple(owed), tuple(head)]
        owed = walk[1:]
    return tuple(stage for stage in (*found, tuple(owed)) if stage)


def _lead_halfway(led: Sequence[list[Trial]], heads: Sequence[list[Trial]]) -> None:
    """Let a shorter trial of the last haystack lead before all others of it.

    What it computes, the leader need not; and most followers can be served while the leader is
    computed, behind which nothing else keeps the engine busy.
    """
    leader, *followers = led[-1]
    shorter = [trial for trial in followers if trial.length_tokens < leader.length_tokens]
    if shorter:
        halfway = max(shorter, key=lambda trial: trial.length_tokens)
        led[-1].remove(halfway)
        heads[max(len(heads) - 2, 0)].insert(0, halfway)


def _deepest_first(walk: list[Trial], layout: Layout, haystacks: Haystacks) -> list[Trial]:
    """The farthest along first, then the longer, then as given."""

    def rank(trial: Trial) -> tuple[int, int]:
        return -branch_of(trial, layout, haystacks).tokens, -trial.length_tokens

    return sorted(walk, key=rank)
