"""Plants the needles of a ladder: whose they are, where they go, and that none is cut through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recallbench.domain import Grid
from recallbench.domain.draws import Draws
from recallbench.domain.layout import shared_haystack_name
from recallbench.errors import PromptError
from recallbench.prompts.assembly import Assembler, whole_slice
from recallbench.prompts.builder import (
    MIN_HAYSTACK_TOKENS,
    SPARE_TOKENS,
    haystack_start,
)
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.fitting import word_cut
from recallbench.prompts.keys import KeyMaker
from recallbench.prompts.ladder import Ladder, Stretch, planted
from recallbench.prompts.needle import LADDER_LABELS
from recallbench.prompts.rungs import GUARD_TOKENS, MOST_MOVED, Rung, Site, rungs
from recallbench.prompts.wording import Wording

_FAR_TOKENS = 256
_FAR_PART = MOST_MOVED / 2
_PLANTINGS = 6
_LEAST_SLACK_TOKENS = 3
_LEAST_GUARD_TOKENS = 24


class Planter:
    """Plants ladders over one corpus with one recipe, the same for the same repeat."""

    def __init__(
        self,
        *,
        assembler: Assembler,
        corpus: Corpus,
        wording: Wording,
        keys: KeyMaker,
        seed: int,
        grid: Grid,
    ) -> None:
        """Holds what all ladders of a run share.

        Args:
            assembler: tokenizes over ``corpus``.
            corpus: what haystacks are cut from.
            wording: the texts around and of needles.
            keys: draws keys.
            seed: of every random draw.
            grid: what needles are planted for.
        """
        self._assembler = assembler
        self._corpus = corpus
        self._wording = wording
        self._keys = keys
        self._seed = seed
        self._grid = grid
        self._fixed = self._most_around()

    def ladder(self, repeat: int, extra_tokens: int) -> Ladder:
        """Plant needles where they go; anew where they took other tokens than was reckoned.

        Raises:
            PromptError: they do not fit.
        """
        name = shared_haystack_name(repeat)
        draws = Draws(self._seed, name, "haystack")
        start = haystack_start(self._corpus, draws, SPARE_TOKENS)
        rooms = self.rooms(extra_tokens)
        needles = self._needles(name)
        costs = [self._count(f" {text}") for _, _, text in needles]
        for _ in range(_PLANTINGS):
            placed = rungs(rooms, self._grid.depths, costs, self._site(start))
            ladder = self._planted(name, start, tuple(zip(placed, needles, strict=False)), rooms)
            if not _cut_through(ladder, rooms):
                return ladder
            costs = _learned(costs, placed, ladder)
        raise PromptError(
            f"ladder: no places were found for the {len(placed)} needles of {name} at which none "
            "stands across the end of a prompt; ask for fewer depths, or lengths farther apart"
        )

    def _planted(
        self,
        name: str,
        start: int,
        places: Sequence[tuple[Rung, tuple[str, str, str]]],
        rooms: Mapping[int, int],
    ) -> Ladder:
        tokens = max(rooms.values()) + GUARD_TOKENS
        stretch = Stretch(corpus=self._corpus, start=start, tokens=tokens)
        planting = [(rung, *needle) for rung, needle in places]
        return planted(name, self._assembler, stretch, planting)

    def _needles(self, name: str) -> list[tuple[str, str, str]]:
        """Label, key and sentences of as many needles as the grid may want."""
        wanted = min(len(self._grid.lengths) * len(self._grid.depths), len(LADDER_LABELS))
        labels = _shuffled(LADDER_LABELS, Draws(self._seed, name, "ladder labels"))[:wanted]
        draws = Draws(self._seed, name, "ladder keys")
        reach = SPARE_TOKENS + max(self._grid.lengths)
        keys: list[str] = []
        for _ in labels:
            keys.append(self._keys.draw(draws, reach, keys))
        return [
            (label, key, self._wording.needle(label, key))
            for label, key in zip(labels, keys, strict=True)
        ]

    def rooms(self, extra_tokens: int) -> dict[int, int]:
        """By length, tokens for the haystack, needles counted.

        Raises:
            PromptError: a length leaves no room for one.
        """
        fixed = self._fixed + extra_tokens
        shortest = min(self._grid.lengths)
        if shortest - fixed < MIN_HAYSTACK_TOKENS:
            raise PromptError(
                f"length {shortest:,}: chat template, instruction, question and begun answer take "
                f"{fixed:,} tokens, which leaves {max(shortest - fixed, 0)} for a haystack of at "
                f"least {MIN_HAYSTACK_TOKENS} and its needles"
            )
        return {length: length - fixed for length in sorted(self._grid.lengths)}

    def _most_around(self) -> int:
        """What a prompt takes without a haystack, with the label that takes the most."""
        wording = self._wording
        behind = {label: wording.closing(label) + wording.tail(label) for label in LADDER_LABELS}
        longest = max(behind.values(), key=self._count)
        return self._count(wording.head + wording.opening + longest)

    def _count(self, text: str) -> int:
        return self._assembler.assemble([whole_slice(text)]).count

    def _site(self, start: int) -> Site:
        """Finds ends of sentences or words in the haystack that begins at a corpus character."""
        corpus = self._corpus
        first = corpus.token_at(start)
        far = min(_FAR_TOKENS, round(_FAR_PART * min(self._grid.lengths)))

        def nearest(target: int, lowest: int, highest: int) -> int:
            target = min(max(target, lowest), highest)
            if target - lowest <= 0 and lowest == 0:
                return 0
            character = corpus.char_at(first + target)
            within = (corpus.char_at(first + lowest) - 1, corpus.char_at(first + highest) + 1)
            choices = (
                corpus.nearest_sentence_end(character, within),
                word_cut(corpus.text, character, corpus.char_at(first + lowest)),
                character,
            )
            places = (corpus.token_at(end) - first for end in choices if end is not None)
            return next((at for at in places if abs(at - target) <= far), target)

        return nearest


def _cut_through(ladder: Ladder, rooms: Mapping[int, int]) -> bool:
    """Whether a needle stands across a prompt's end, or beyond that of one that asks for it."""
    spans = [ladder.place(number) for number in range(len(ladder.needles))]
    ends = [room - _LEAST_SLACK_TOKENS for room in rooms.values()]
    if any(
        first < end + _LEAST_GUARD_TOKENS and last > end for first, last in spans for end in ends
    ):
        return True
    return any(
        spans[number][1] > rooms[length] - _LEAST_SLACK_TOKENS
        for (length, _), number in ladder.by_cell.items()
    )


def _learned(costs: Sequence[int], placed: Sequence[Rung], ladder: Ladder) -> list[int]:
    """What each needle has really taken: by how much the next one stands elsewhere than planned."""
    drifts = [ladder.place(number)[0] - rung.start for number, rung in enumerate(placed)]
    learned = list(costs)
    for number in range(len(placed) - 1):
        learned[number] += drifts[number + 1] - drifts[number]
    return learned


def _shuffled(words: Sequence[str], draws: Draws) -> list[str]:
    """All words in a random order (Fisher and Yates)."""
    order = list(words)
    for last in range(len(order) - 1, 0, -1):
        other = draws.below(last + 1)
        order[last], order[other] = order[other], order[last]
    return order
