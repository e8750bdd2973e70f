"""The page's stylesheet of data: a class for each percent of recall, and for steps of a difference.

Guarantees the colours of the pictures (``reports/palette``), with text on them in black or white,
whichever has more contrast. As classes they need no inline style, which the page's policy forbids.
"""

from __future__ import annotations

from recallbench.reports.palette import (
    difference_colour,
    recall_colour,
    text_colour,
)

DIFFERENCE_STEPS = 20
"""Classes from no difference to the largest, on each side."""
_PERCENT = 100


def recall_class(recall: float | None) -> str:
    """The class of a recall in [0, 1], such as ``r87``; ``none`` without data.

    Only a recall of 1 has the class of 100%, and only one of 0 that of 0%.
    """
    if recall is None:
        return "none"
    if recall in {0.0, 1.0}:
        return f"r{recall * _PERCENT:.0f}"
    return f"r{min(max(round(recall * _PERCENT), 1), _PERCENT - 1)}"


def data_colours() -> str:
    """The rules: ``.r0`` to ``.r100``, ``.loss0`` to ``.loss20``, ``.gain0`` to ``.gain20``."""
    rules = [_rule(f"r{n}", recall_colour(n / _PERCENT)) for n in range(_PERCENT + 1)]
    for name, sign in (("loss", -1), ("gain", 1)):
        rules += [
            _rule(f"{name}{step}", difference_colour(sign * step, DIFFERENCE_STEPS))
            for step in range(DIFFERENCE_STEPS + 1)
        ]
    return "\n".join(rules) + "\n"


def _rule(name: str, ground: str) -> str:
    return f".{name}{{--cell:{ground};--on-cell:{text_colour(ground)}}}"
