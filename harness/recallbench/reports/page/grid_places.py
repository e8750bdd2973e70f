"""Where a trial's length and depth stand in the page's tables of them: rows name them by place.

Guarantees that a trial outside the grid is refused by name. Knows nothing about rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from recallbench.domain import TrialRecord


class GridPlaces:
    """The places of a grid's lengths and depths, from 0."""

    def __init__(self, lengths: Iterable[int], depths: Iterable[float]) -> None:
        """Take the tables in the page's order."""
        self._lengths = {length: place for place, length in enumerate(lengths)}
        self._depths = {depth: place for place, depth in enumerate(depths)}

    def of(self, record: TrialRecord) -> tuple[int, int]:
        """Place of its length, and of its depth.

        Raises:
            ValueError: the grid does not have them.
        """
        length, depth = record.length_tokens, record.depth
        if length not in self._lengths or depth not in self._depths:
            raise ValueError(
                f"trial {record.trial_id}: length must be of {list(self._lengths)} and depth of "
                f"{list(self._depths)}, got {length} and {depth}"
            )
        return self._lengths[length], self._depths[depth]
