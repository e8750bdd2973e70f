"""The trials of a grid, in the order they are asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from recallbench.domain import Grid, Trial
from recallbench.errors import SuiteError

_NAME = re.compile(r"L\d+-D[\d.e-]+-R(\d{1,6})-[0-9a-f]{10}\Z")


def ladder_digest(recipe_digest: str, grid: Grid) -> str:
    """The digest of a recipe whose prompts hold the needles of the whole grid."""
    cells = f"{recipe_digest}/{list(grid.lengths)}/{list(grid.depths)}"
    return hashlib.sha256(cells.encode()).hexdigest()


def trials_named(names: Sequence[str], grid: Grid, recipe_digest: str) -> tuple[Trial, ...]:
    """The trials of these names, whatever the grid's number of trials in a cell.

    Raises:
        SuiteError: a name is of no trial of this suite.
    """
    repeats = sorted({_repeat_in(name) for name in names})
    known = {trial.trial_id: trial for trial in _of_repeats(repeats, grid, recipe_digest)}
    for name in names:
        if name not in known:
            raise SuiteError(
                f"trial {name}: this suite has none of that name, such as {next(iter(known))}; a "
                "trial of another seed, prompt, answer budget or recallbench has another name: "
                "take the suite from its run (recallbench run RUN --trial ...)"
            )
    return tuple(known[name] for name in dict.fromkeys(names))


def _repeat_in(name: str) -> int:
    found = _NAME.match(name)
    if not found:
        raise SuiteError(
            f"trial {name}: no name of a trial; they look like L8000-D0.5-R0-0123456789 and stand "
            "in trials.jsonl and trials.csv"
        )
    return int(found[1])


def trials_of(grid: Grid, recipe_digest: str) -> tuple[Trial, ...]:
    """All trials, first repeats of all cells first: an interrupted run has seen the whole grid."""
    return _of_repeats(range(grid.trials), grid, recipe_digest)


def _of_repeats(repeats: Iterable[int], grid: Grid, recipe_digest: str) -> tuple[Trial, ...]:
    return tuple(
        Trial(
            trial_id=_trial_id(length, depth, repeat, recipe_digest),
            length_tokens=length,
            depth=depth,
            repeat=repeat,
        )
        for repeat in repeats
        for length in grid.lengths
        for depth in grid.depths
    )


def _trial_id(length: int, depth: float, repeat: int, recipe_digest: str) -> str:
    """Readable coordinates, and a digest of them and of all that determines prompt and scoring."""
    named = f"{length}/{depth!r}/{repeat}/{recipe_digest}"
    digest = hashlib.sha256(named.encode()).hexdigest()[:10]
    return f"L{length}-D{depth:g}-R{repeat}-{digest}"
