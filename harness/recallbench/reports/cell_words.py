"""The few letters that say in a small cell why trials have no recall, and their meanings."""

from __future__ import annotations

from recallbench.stats import CellSummary, VariantSummary

_MEANINGS = {
    "err": "request failed",
    "over": "length refused",
    "cut": "cut off before an answer",
    "owed": "not asked yet",
}


def cell_words(cell: CellSummary) -> tuple[str, ...]:
    """Trials without recall by kind, such as ``2 err``, ``1 cut``; () if all trials have one.

    A cell that the plan leaves out for this variant is ``not``, ``asked``.
    """
    if not cell.is_planned:
        return ("not", "asked")
    return tuple(f"{number:,} {word}" for word, number in _unmeasured(cell).items() if number)


def words_told(cell: CellSummary) -> str:
    """The same as a phrase, such as ``2 err, 1 cut`` or ``not asked``; empty if all have one."""
    return (", " if cell.is_planned else " ").join(cell_words(cell))


def words_legend(summary: VariantSummary) -> tuple[str, ...]:
    """What a variant's words mean, such as ``err: request failed``; only those its cells use."""
    used = _unmeasured(summary.overall)
    return tuple(f"{word}: {meaning}" for word, meaning in _MEANINGS.items() if used[word])


def _unmeasured(cell: CellSummary) -> dict[str, int]:
    return {
        "err": cell.errored,
        "over": cell.overflow,
        "cut": cell.truncated,
        "owed": cell.owed,
    }
