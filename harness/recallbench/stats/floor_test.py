"""Whether recall is at least a floor, asked round by round until the answer is clear.

Guarantees: P(fail) is at most ``false_alarm`` where recall is at least the floor, and P(pass) at
most ``miss`` where it is at most ``floor - tolerance``, at any stopping time. The claim is about
the mean recall of a round; its trials may have recalls p_1..p_m that differ. Between the two
recalls either decision may come.

Independent trials: Wald's likelihood ratio of the two recalls. Each trial gives a factor
1 + b (x - p0) >= 0 with b = (p1 - p0) / (p0 (1 - p0)), and at the end of a round
E prod = prod(1 + b (p_i - p0)) <= (1 + b (mean - p0))^m <= 1 under the hypothesis by the
inequality of the means. So the product is a test supermartingale, and Ville's inequality bounds
each error at log(1 / error). Its overshoot is large here, and ``boundaries`` computes nearer ones
with the same guarantee.

Shared haystacks: the trials of a round depend on each other, so its mean is the unit: one factor
1 + b (mean_x - p0) a round, with Ville's boundaries. That needs more trials.

Unmeasured trials are misses for a pass and hits for a fail: whatever they would have been, they
neither help to pass nor make fail, and the guarantee holds even where hits are likelier to be lost.

Does NOT know recalls that drift between rounds to both sides of the floor: the hypothesis is about
every round.

Source: A. Wald, Ann. Math. Statist. 16 (1945) 117-186; J. Ville, Etude critique de la notion de
collectif (1939); I. Waudby-Smith and A. Ramdas, J. R. Stat. Soc. B 86 (2024) 1-27 (betting).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, log, log1p

from recallbench.stats.boundaries import Walk, nearest_boundaries
from recallbench.stats.evidence import Boundaries, Evidence, Weights, check_errors, first_crossing
from recallbench.stats.rounds import Round, common_size


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorTest:
    """Pass where recall is above ``floor - tolerance``, fail where it is below ``floor``."""

    floor: float
    """Recall that is healthy, in (0, 1]; at 1 the first miss fails."""
    tolerance: float
    """Recall at most ``floor - tolerance`` is broken; in (0, floor)."""
    false_alarm: float = 0.05
    """Largest chance to fail a healthy one, in (0, 0.5]."""
    miss: float = 0.05
    """Largest chance to pass a broken one, in (0, 0.5]."""
    shared: bool = False
    """Whether the trials of a round share one haystack."""

    def __post_init__(self) -> None:
        """Refuse what leaves no healthy or no broken recall.

        Raises:
            ValueError: floor, tolerance, false_alarm or miss is out of its range.
        """
        check_errors(self.false_alarm, self.miss)
        if not 0.0 < self.floor <= 1.0:
            raise ValueError(f"floor must be in (0, 1], got {self.floor}")
        if not 0.0 < self.tolerance < self.floor:
            raise ValueError(
                f"tolerance must be in (0, floor), got {self.tolerance} with floor {self.floor}"
            )

    @property
    def broken(self) -> float:
        """Recall from which down a pass is a miss."""
        return self.floor - self.tolerance

    def boundaries(self, size: int) -> Boundaries:
        """How much evidence decides.

        Args:
            size: trials a round; the more, the farther one overshoots, and the nearer they are.

        Raises:
            ValueError: ``size`` is below 1.
        """
        if size < 1:
            raise ValueError(f"a round must hold at least 1 trial, got {size}")
        if self.shared:
            return Boundaries(pass_at=log(1 / self.miss), fail_at=log(1 / self.false_alarm))
        return nearest_boundaries(self._walk(size), false_alarm=self.false_alarm, miss=self.miss)

    def judge(self, rounds: Sequence[Round]) -> Evidence:
        """Read rounds in their order; the first crossing decides, and later rounds change nothing.

        Args:
            rounds: all of one size. Without rounds, the boundaries are those of single trials.

        Raises:
            ValueError: the rounds differ in size, or are empty.
        """
        size = common_size(rounds) or 1
        path = self._shared_path(rounds) if self.shared else self._path(rounds, self._walk(size))
        return first_crossing(path, self.boundaries(size), size)

    def _walk(self, size: int) -> Walk:
        return Walk(floor=self.floor, broken=self.broken, size=size)

    def _path(self, rounds: Sequence[Round], walk: Walk) -> Iterator[Weights]:
        hits = misses = unmeasured = 0
        for each in rounds:
            hits += each.hits
            misses += each.misses
            unmeasured += each.unmeasured
            yield Weights(
                for_pass=walk.for_pass(hits, misses + unmeasured),
                for_fail=-walk.for_pass(hits + unmeasured, misses),
            )

    def _shared_path(self, rounds: Sequence[Round]) -> Iterator[Weights]:
        up = self.tolerance / (self.broken * (1 - self.broken))
        for_pass = for_fail = 0.0
        for each in rounds:
            low, lost = each.hits / each.size, each.misses / each.size
            for_pass += log1p(up * (low - self.broken))
            for_fail += self._log_loss(lost)
            yield Weights(for_pass, for_fail)

    def _log_loss(self, lost: float) -> float:
        # 1 + b (mean_x - floor) with b = -tolerance / (floor (1 - floor)), mean_x = 1 - lost.
        if self.floor == 1:
            return inf if lost else log1p(-self.tolerance)
        down = self.tolerance / (self.floor * (1 - self.floor))
        return log1p(down * (self.floor - 1 + lost))
