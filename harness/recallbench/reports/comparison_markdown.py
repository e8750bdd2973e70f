"""Two variants side by side as GitHub's Markdown, for the summary of a job.

Guarantees that a name is never read as markup, a line break or a cell's end, and that the replay
command stands whole in a block that its text cannot close.
"""

from __future__ import annotations

from collections.abc import Iterator

from recallbench.gate.comparison import Comparison
from recallbench.reports.arms import Arm, shared_rows
from recallbench.reports.comparison_headline import headline
from recallbench.reports.comparison_row import NO_DATA, comparison_rows
from recallbench.reports.comparison_words import (
    corrections,
    explanations,
    uncounted,
)
from recallbench.reports.markdown_text import bullets, escaped, fenced, folded, table
from recallbench.reports.measure_words import needles_told
from recallbench.reports.notation import counted
from recallbench.reports.replay import replay_command

_NAMED_TRIALS = 5
_HEADS = (
    "length",
    "A k/n",
    "B k/n",
    "B - A, points",
    "95%",
    "lost/gained",
    "McNemar p",
    "Holm p",
    "verdict",
)


def comparison_markdown(
    comparison: Comparison, arms: tuple[Arm, Arm], *, run: str, variant: str | None = None
) -> str:
    """The headline, recall by length, settings and cost folded away, and lost trials.

    Args:
        comparison: the two variants.
        arms: what they ran and cost.
        run: path of the run folder of the second.
        variant: name of the second in its run; None is its name in the comparison.
    """
    a, b = comparison.names
    blocks = (
        f"### {escaped(f'{b} against {a}')}",
        _needles(comparison),
        f"**{escaped(headline(comparison))}**",
        bullets((*explanations(comparison), *(f"warning: {s}" for s in uncounted(comparison)))),
        f"A is {escaped(a)}, B is {escaped(b)}.",
        _lengths_table(comparison),
        f"{escaped(_capital(corrections(comparison)))}.",
        folded("Settings and cost", _arms_block(arms)),
        _lost(comparison, run, variant or b),
    )
    return "\n\n".join(block for block in blocks if block) + "\n"


def _needles(comparison: Comparison) -> str:
    told = needles_told(comparison.layout, comparison.distractors)
    return f"{escaped(_capital(told))}." if told else ""


def _lengths_table(comparison: Comparison) -> str:
    return table(_HEADS, comparison_rows(comparison))


def _arms_block(arms: tuple[Arm, Arm]) -> str:
    heads = ("", f"A {arms[0].title}", f"B {arms[1].title}")
    rows = [tuple(text or NO_DATA for text in row) for row in shared_rows(arms)]
    notes = bullets(_notes(arms))
    return "\n\n".join(block for block in (table(heads, rows), notes) if block)


def _notes(arms: tuple[Arm, Arm]) -> Iterator[str]:
    for arm in arms:
        yield from (f"{arm.title}: {note}" for note in arm.notes)


def _lost(comparison: Comparison, run: str, variant: str) -> str:
    named = comparison.lost[:_NAMED_TRIALS]
    if not named:
        return ""
    trials = counted(len(comparison.lost), "trial")
    more = f", the first {len(named)} again:" if comparison.lost[_NAMED_TRIALS:] else ", again:"
    command = fenced([replay_command(named, run, variant)])
    return f"{trials} lost, recalled by A and missed by B{more}\n\n{command}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
