"""Builds the exact prompt of a trial: its texts, its needle's place, its haystack's cut.

The haystack is a slice of the corpus that begins at a random sentence; the needle goes to the
sentence end nearest to the asked depth; ``fitting`` then cuts the haystack so that the whole prompt
has the asked number of tokens. Knows nothing of engines, files or time.
"""

from __future__ import annotations

from bisect import bisect_right

from recallbench.domain import Prompt, TextSlice, Tokenizer, Trial
from recallbench.domain.draws import Draws
from recallbench.domain.layout import Haystacks, haystack_name
from recallbench.errors import PromptError
from recallbench.prompts.assembly import Assembler, Assembly, whole_slice
from recallbench.prompts.chat_template import ChatFrame
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.fitting import Fitter, word_cut
from recallbench.prompts.keys import KeyMaker
from recallbench.prompts.needle import LABELS, Recipe
from recallbench.prompts.pieces import Pieces, PromptTexts, Site, pieces_of
from recallbench.prompts.trunks import Trunks
from recallbench.prompts.wording import Wording

MIN_HAYSTACK_TOKENS = 16
"""A haystack shorter than this is not one."""
SPARE_TOKENS = 16_384
"""Corpus tokens in which haystacks begin. The corpus has so many beyond the longest prompt, so that
the longest haystacks differ too; and shorter ones begin nowhere else, so that a trial's prompt is
the same whatever else its run asks, and pairs with that of a run of other lengths."""
_FAR_TOKENS = 256
_NEAR_TOKENS = 64
_TAIL_TOKENS = 12


class PromptBuilder:
    """Builds prompts over one corpus with one recipe; the same trial gives the same prompt."""

    def __init__(
        self,
        *,
        tokenizer: Tokenizer,
        frame: ChatFrame,
        corpus: Corpus,
        recipe: Recipe,
        seed: int,
        haystacks: Haystacks = "trial",
    ) -> None:
        """Holds what all prompts of a run share."""
        self._wording = Wording.of(recipe, frame)
        self._corpus = corpus
        self._seed = seed
        self._haystacks = haystacks
        self._assembler = Assembler(tokenizer, corpus)
        self._keys = KeyMaker(corpus, recipe.key)
        self._trunks = Trunks(self._assembler, corpus)

    def build(self, trial: Trial, extra_tokens: int = 0) -> Prompt:
        """The prompt of ``trial``.

        Args:
            trial: what is asked.
            extra_tokens: tokens that a chat server adds itself; the prompt is made shorter by them.

        Raises:
            PromptError: the length leaves no room for a haystack, or cannot be met exactly.
        """
        texts = self._texts(trial)
        tokens = trial.length_tokens - extra_tokens
        room = tokens - self.fixed_tokens(texts)
        if room < MIN_HAYSTACK_TOKENS:
            fixed = tokens - room + extra_tokens
            enough = fixed + 2 * MIN_HAYSTACK_TOKENS  # for longer labels of other trials too
            raise PromptError(
                f"length {trial.length_tokens:,}: chat template, instruction, needle, question and "
                f"begun answer take {fixed:,} tokens, which leaves {max(room, 0)} for a haystack "
                f"of at least {MIN_HAYSTACK_TOKENS}; ask for {enough:,} tokens or more"
            )
        end = self._corpus.char_at(self._corpus.token_at(texts.start) + room)
        site = self._site(trial.depth, texts.start, room)
        fitter = self._fitter(texts, site)
        while site.at is not None and (over := fitter.least() - tokens) > 0:
            # Cut words take more tokens than whole ones: less room than thought, an earlier place.
            room -= over
            site = self._site(trial.depth, texts.start, max(room, 0))
            fitter = self._fitter(texts, site)
        cut, assembly = fitter.fit(tokens, end)
        return self._prompt(texts, pieces_of(texts, cut, site, self._corpus.text), assembly)

    def fixed_tokens(self, texts: PromptTexts) -> int:
        """What a prompt takes without a haystack, exact but for the seams."""
        text = texts.head + texts.opening + texts.needle + texts.closing + texts.tail
        return self._assembler.assemble([whole_slice(text)]).count

    def _fitter(self, texts: PromptTexts, site: Site) -> Fitter:
        text = self._corpus.text
        lowest = (texts.start if site.at is None else site.at) + 1
        return Fitter(
            self._assembler,
            self._corpus,
            lambda cut: pieces_of(texts, cut, site, text).pieces,
            lowest=lowest,
        )

    def _texts(self, trial: Trial) -> PromptTexts:
        """Everything random about a prompt, drawn from the trial's own identity."""
        wording = self._wording
        label = Draws(self._seed, trial.identity, "label").pick(LABELS)
        draws = Draws(self._seed, trial.identity, "key")
        key = self._keys.draw(draws, SPARE_TOKENS + trial.length_tokens)
        return PromptTexts(
            head=wording.head,
            opening=wording.opening,
            needle=wording.needle(label, key),
            closing=wording.closing(label),
            tail=wording.tail(label),
            key=key,
            start=self._start(trial),
        )

    def _haystack(self, trial: Trial) -> str:
        """The name of the trial's haystack: what its beginning is drawn from."""
        return haystack_name(self._haystacks, trial)

    def _start(self, trial: Trial) -> int:
        corpus = self._corpus
        spare = min(SPARE_TOKENS, max(len(corpus.encoding.ids) - trial.length_tokens, 0))
        draws = Draws(self._seed, self._haystack(trial), "haystack")
        return haystack_start(corpus, draws, spare)

    def _site(self, depth: float, start: int, room: int) -> Site:
        """The sentence end nearest to ``depth``; a word's end where sentences are too far apart."""
        corpus = self._corpus
        first = corpus.token_at(start)
        target = first + round(depth * room)
        latest = corpus.char_at(first + room - _TAIL_TOKENS)
        sites = [
            (abs(target - first), _NEAR_TOKENS, Site(at=None, first=True)),
            (abs(first + room - target), _NEAR_TOKENS, Site(at=None, first=False)),
        ]
        end = corpus.nearest_sentence_end(corpus.char_at(target), (start, latest))
        if end is not None:
            distance = abs(corpus.token_at(end) - target)
            sites.append((distance, _FAR_TOKENS, Site(at=end, first=False)))
        near = [(distance, site) for distance, farthest, site in sites if distance <= farthest]
        if not near:
            end = word_cut(corpus.text, corpus.char_at(target), start + 1)
            return Site(at=end, first=False)
        return min(near, key=lambda choice: choice[0])[1]

    def _prompt(self, texts: PromptTexts, placed: Pieces, assembly: Assembly) -> Prompt:
        first = assembly.token_at(placed.haystack[0])
        needle = (assembly.token_at(placed.needle[0]), assembly.token_at(placed.needle[1] - 1) + 1)
        last = assembly.token_at(placed.haystack[1] - 1) + 1
        before, behind = needle[0] - first, max(last - needle[1], 0)
        opening = TextSlice(source=texts.opening, start=0, end=len(texts.opening))
        return Prompt(
            tokens=assembly.tokens,
            head=texts.head,
            message=(opening, *placed.pieces[1:-1], whole_slice(texts.closing)),
            tail=texts.tail,
            needle_span=needle,
            needle_chars=_in_message(placed.needle, texts.head),
            achieved_depth=before / (before + behind),
            key=texts.key,
            shared=self._trunks.shared_by(
                assembly.tokens,
                opening=texts.head + texts.opening,
                # By its place: two haystacks may begin at the same sentence by chance.
                haystack=(f"haystack from {texts.start}", texts.start),
            ),
        )


def _in_message(span: tuple[int, int], head: str) -> tuple[int, int]:
    """Characters of the prompt, counted in the user's message."""
    return span[0] - len(head), span[1] - len(head)


def haystack_start(corpus: Corpus, draws: Draws, spare_tokens: int) -> int:
    """The character at which a haystack begins: a random sentence of the corpus's first tokens."""
    choices = bisect_right(corpus.sentence_starts, corpus.char_at(spare_tokens))
    return corpus.sentence_starts[draws.below(max(choices, 1))]
