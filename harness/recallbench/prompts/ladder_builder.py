"""Builds the prompts of a ladder: the beginning of a repeat's haystack, and a cell's question."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recallbench.domain import Grid, Prompt, TextSlice, Tokenizer, Trial
from recallbench.domain.draws import Draws
from recallbench.errors import PromptError
from recallbench.prompts.assembly import Assembler, Assembly, whole_slice
from recallbench.prompts.builder import (
    MIN_HAYSTACK_TOKENS,
    SPARE_TOKENS,
    haystack_start,
)
from recallbench.prompts.chat_template import ChatFrame
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.fitting import Fitter, word_cut
from recallbench.prompts.keys import KeyMaker
from recallbench.prompts.ladder import Ladder, LadderNeedle, Stretch, planted
from recallbench.prompts.layout import Cut
from recallbench.prompts.needle import LADDER_LABELS, Recipe
from recallbench.prompts.rungs import GUARD_TOKENS, MOST_MOVED, Rung, Site, rungs
from recallbench.prompts.trunks import Trunks
from recallbench.prompts.wording import Wording

_LADDERS_KEPT = 4
_FAR_TOKENS = 256
_FAR_PART = MOST_MOVED / 2
_PLANTINGS = 6
_LEAST_SLACK_TOKENS = 3
_LEAST_GUARD_TOKENS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raised:
    """A ladder, and what its prompts are made with."""

    ladder: Ladder
    assembler: Assembler
    trunks: Trunks


class LadderBuilder:
    """Builds prompts over one corpus with one recipe; the same trial gives the same prompt."""

    def __init__(
        self,
        *,
        tokenizer: Tokenizer,
        frame: ChatFrame,
        corpus: Corpus,
        recipe: Recipe,
        seed: int,
        grid: Grid,
    ) -> None:
        """Holds what all prompts of a run share. Needles are planted for the whole ``grid``."""
        self._tokenizer = tokenizer
        self._wording = Wording.of(recipe, frame)
        self._corpus = corpus
        self._seed = seed
        self._grid = grid
        self._assembler = Assembler(tokenizer, corpus)
        self._keys = KeyMaker(corpus, recipe.key)
        self._raised: OrderedDict[tuple[int, int], _Raised] = OrderedDict()
        self._fixed = self._most_around()

    def build(self, trial: Trial, extra_tokens: int = 0) -> Prompt:
        """The prompt of ``trial``.

        Args:
            trial: what is asked.
            extra_tokens: tokens that a chat server adds itself; the prompt is made shorter by them.

        Raises:
            PromptError: the needles do not fit, or the length cannot be met exactly.
        """
        raised = self._ladder(trial.repeat, extra_tokens)
        ladder = raised.ladder
        needle = ladder.needles[ladder.by_cell[trial.length_tokens, trial.depth]]
        room = self._rooms(extra_tokens)[trial.length_tokens]
        end = ladder.corpus.char_at(room)
        fitter = Fitter(
            raised.assembler,
            ladder.corpus,
            lambda cut: self._pieces(ladder, needle, cut),
            lowest=max(ladder.last_before(end), 1),
        )
        cut, assembly = fitter.fit(trial.length_tokens - extra_tokens, end)
        return self._prompt(raised, needle, cut, assembly)

    def _pieces(self, ladder: Ladder, needle: LadderNeedle, cut: Cut) -> tuple[TextSlice, ...]:
        wording = self._wording
        return (
            whole_slice(wording.head + wording.opening),
            TextSlice(source=ladder.corpus.text, start=0, end=cut.end),
            whole_slice(cut.fill),
            whole_slice(wording.closing(needle.label) + wording.tail(needle.label)),
        )

    def _prompt(
        self, raised: _Raised, needle: LadderNeedle, cut: Cut, assembly: Assembly
    ) -> Prompt:
        ladder, wording = raised.ladder, self._wording
        begin = len(wording.head) + len(wording.opening)
        first = assembly.token_at(begin)
        span = (assembly.token_at(begin + needle.start), assembly.token_at(begin + needle.end - 1))
        last = assembly.token_at(begin + cut.end + len(cut.fill) - 1) + 1
        before, behind = span[0] - first, max(last - span[1] - 1, 0)
        _, hay, fill, _ = self._pieces(ladder, needle, cut)
        return Prompt(
            tokens=assembly.tokens,
            head=wording.head,
            message=(
                whole_slice(wording.opening), hay, fill, whole_slice(wording.closing(needle.label))
            ),
            tail=wording.tail(needle.label),
            needle_span=(span[0], span[1] + 1),
            achieved_depth=before / max(before + behind, 1),
            key=needle.key,
            shared=raised.trunks.shared_by(
                assembly.tokens, opening=wording.head + wording.opening, haystack=(ladder.name, 0)
            ),
            distractors=ladder.within(cut.end) - 1,
        )  # fmt: skip

    def _ladder(self, repeat: int, extra_tokens: int) -> _Raised:
        """The ladder of a repeat; the last few are remembered."""
        key = (repeat, extra_tokens)
        if key in self._raised:
            self._raised.move_to_end(key)
            return self._raised[key]
        ladder = self._raise(repeat, extra_tokens)
        assembler = Assembler(self._tokenizer, ladder.corpus)
        self._raised[key] = _Raised(
            ladder=ladder, assembler=assembler, trunks=Trunks(assembler, ladder.corpus)
        )
        if len(self._raised) > _LADDERS_KEPT:
            self._raised.popitem(last=False)
        return self._raised[key]

    def _raise(self, repeat: int, extra_tokens: int) -> Ladder:
        """Plant needles where they go; anew where they took other tokens than was reckoned.

        Raises:
            PromptError: they do not fit.
        """
        name = f"haystack {repeat}"
        draws = Draws(self._seed, name, "haystack")
        start = haystack_start(self._corpus, draws, SPARE_TOKENS)
        rooms = self._rooms(extra_tokens)
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

    def _rooms(self, extra_tokens: int) -> dict[int, int]:
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
