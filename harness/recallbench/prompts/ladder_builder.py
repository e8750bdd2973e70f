"""Builds the prompts of a ladder: the beginning of a repeat's haystack, and a cell's question."""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.domain import Grid, Prompt, TextSlice, Tokenizer, Trial
from recallbench.prompts.assembly import Assembler, Assembly, whole_slice
from recallbench.prompts.chat_template import ChatFrame
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.fitting import Fitter
from recallbench.prompts.keys import KeyMaker
from recallbench.prompts.ladder import Ladder, LadderNeedle
from recallbench.prompts.needle import Recipe
from recallbench.prompts.pieces import Cut
from recallbench.prompts.planter import Planter
from recallbench.prompts.recent import Recent
from recallbench.prompts.trunks import Trunks
from recallbench.prompts.wording import Wording

_LADDERS_KEPT = 4


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
        self._planter = Planter(
            assembler=Assembler(tokenizer, corpus),
            corpus=corpus,
            wording=self._wording,
            keys=KeyMaker(corpus, recipe.key),
            seed=seed,
            grid=grid,
        )
        self._raised: Recent[tuple[int, int], _Raised] = Recent(_LADDERS_KEPT)

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
        room = self._planter.rooms(extra_tokens)[trial.length_tokens]
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
            needle_chars=(
                len(wording.opening) + needle.start, len(wording.opening) + needle.end
            ),
            achieved_depth=before / max(before + behind, 1),
            key=needle.key,
            shared=raised.trunks.shared_by(
                assembly.tokens, opening=wording.head + wording.opening, haystack=(ladder.name, 0)
            ),
            distractors=ladder.within(cut.end) - 1,
        )  # fmt: skip

    def _ladder(self, repeat: int, extra_tokens: int) -> _Raised:
        """The ladder of a repeat; the last few are remembered."""
        return self._raised.value((repeat, extra_tokens), lambda: self._raise(repeat, extra_tokens))

    def _raise(self, repeat: int, extra_tokens: int) -> _Raised:
        ladder = self._planter.ladder(repeat, extra_tokens)
        assembler = Assembler(self._tokenizer, ladder.corpus)
        return _Raised(ladder=ladder, assembler=assembler, trunks=Trunks(assembler, ladder.corpus))
