"""Which trials may be sent now: none twice computed, and no more than the KV cache holds.

Two requests that are sent together may both compute what they share; so a trial waits for one in
flight that is computing more of its haystack than stands. Guarantees that something may always go
when nothing is in flight, and so that a run never stands still. It does not know what the server
gave up, and reckons in tokens, not blocks: each request may take up to two blocks more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from recallbench.domain.layout import Haystacks, Layout
from recallbench.domain.trial import Trial
from recallbench.schedule.branches import Branch, branch_of

SURE_S = 3.0
"""After so long a server has read a request, however many came with it: of 54 prompts of 50K ids on
average vLLM 0.26 reads 26 a second. One just sent may be overtaken by a shorter one behind it."""


class _Sent(NamedTuple):
    branch: Branch
    at_s: float


@dataclass(slots=True)
class _Trunk:
    """A shared haystack as the server should have it."""

    standing: int = 0
    """First tokens that an answered prompt has left in the cache."""
    coming: int = 0
    """First tokens that a server which keeps the order has before it takes up another request."""
    in_flight: list[int] = field(default_factory=list)
    """For each request in flight, how far it goes along."""

    @property
    def longest(self) -> int:
        """How far those in flight go along; 0 without any."""
        return max(self.in_flight, default=0)


class Flow:
    """The requests in flight, and what they leave behind."""

    def __init__(
        self,
        layout: Layout,
        haystacks: Haystacks,
        capacity_tokens: int | None,
        answer_tokens: int,
        *,
        is_cold: bool = False,
        in_order: bool = False,
    ) -> None:
        """Nothing is in flight yet.

        Args:
            layout: where trials leave their haystack.
            haystacks: which trials share one.
            capacity_tokens: tokens that the server's KV cache holds; None where not known.
            answer_tokens: the most that a request's answer takes.
            is_cold: requests share nothing, each being salted.
            in_order: the server begins with requests in the order in which they come, and one
                behind another finds what that one leaves, as vLLM does (a block may be found from
                the step on in which it is computed): then it is enough that the server has the one
                before. That is known once it answers anything that was sent earlier still, and that
                one has been on its way for ``SURE_S``.
        """
        self._layout = layout
        self._haystacks: Haystacks = "trial" if is_cold else haystacks
        self._capacity_tokens = capacity_tokens
        self._answer_tokens = answer_tokens
        self._trunks: dict[str, _Trunk] = {}
        self._in_order = in_order
        self._names: dict[str, _Sent] = {}
        self._tokens = 0

    def may_go(self, trial: Trial) -> bool:
        """Whether ``trial`` may be sent now."""
        if not self._names:
            return True
        branch = self._branch(trial)
        trunk = self._trunks.get(branch.trunk, _Trunk())
        if min(branch.tokens, trunk.longest) > max(trunk.standing, trunk.coming):
            return False
        if self._capacity_tokens is None:
            return True
        more = self._private(trial, branch) + max(branch.tokens - trunk.longest, 0)
        return self._tokens + more <= self._capacity_tokens

    @property
    def tokens_in_flight(self) -> int:
        """KV cache that requests in flight take: what trunk they share once, all else each."""
        return self._tokens

    def began(self, trial: Trial, now_s: float = 0.0) -> None:
        """``trial`` is sent.

        Args:
            trial: one that is not in flight.
            now_s: the time, in seconds since any fixed moment.

        Raises:
            ValueError: it is in flight already.
        """
        if trial.identity in self._names:
            raise ValueError(f"trial {trial.identity} is in flight already; it may begin once")
        branch = self._branch(trial)
        self._names[trial.identity] = _Sent(branch, now_s)
        trunk = self._trunks.setdefault(branch.trunk, _Trunk())
        self._tokens += self._private(trial, branch) - trunk.longest
        trunk.in_flight.append(branch.tokens)
        self._tokens += trunk.longest

    def ended(self, trial: Trial, *, stands: bool, now_s: float = 0.0) -> None:
        """``trial`` is no more in flight.

        Args:
            trial: one that began.
            stands: the server answered it, so that what it began with is in the cache.
            now_s: the time, counted as for ``began``.

        Raises:
            ValueError: it is not in flight.
        """
        if trial.identity not in self._names:
            raise ValueError(f"trial {trial.identity} is not in flight; only one that began ends")
        if stands and self._in_order:
            self._know_of_those_behind(trial.identity, now_s)
        branch = self._names.pop(trial.identity).branch
        trunk = self._trunks[branch.trunk]
        self._tokens -= self._private(trial, branch) + trunk.longest
        trunk.in_flight.remove(branch.tokens)
        self._tokens += trunk.longest
        if stands:
            trunk.standing = max(trunk.standing, branch.tokens)

    def _know_of_those_behind(self, answered: str, now_s: float) -> None:
        """What was sent after an answered trial, and not just now, is with the server."""
        names = list(self._names)
        for name in names[names.index(answered) + 1 :]:
            sent = self._names[name]
            if now_s - sent.at_s >= SURE_S:
                trunk = self._trunks[sent.branch.trunk]
                trunk.coming = max(trunk.coming, sent.branch.tokens)

    def _branch(self, trial: Trial) -> Branch:
        return branch_of(trial, self._layout, self._haystacks)

    def _private(self, trial: Trial, branch: Branch) -> int:
        """Tokens that only this request takes."""
        return trial.length_tokens - branch.tokens + self._answer_tokens
