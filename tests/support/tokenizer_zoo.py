"""Real tokenizers of every habit, trained in this process on the project's own prose.

Each is built with the tokenizers library and wrapped by transformers, as a downloaded one would be.
They differ in how they split text, what they do to it first, where they put BOS, and in their chat
template.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from math import log
from pathlib import Path
from typing import Any
from unicodedata import normalize

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast

from recallbench.domain.draws import Draws
from recallbench.prompts.hf_tokenizer import HfTokenizer, load_tokenizer
from recallbench.prompts.needle import LABELS
from recallbench.prompts.prose import paragraph
from recallbench.suite.schema import BEGUN_ANSWER, INSTRUCTION, NEEDLE, QUESTION
from support import chat_templates
from support.own_texts import OWN_TEXTS

CONTROL_TOKENS = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3_SPLIT = QWEN2_SPLIT.replace(r"\p{N}|", r"\p{N}{1,3}|")
SPACE = "\u2581"
QWEN3 = "qwen3"
_VOCABULARY = 1500
_LONGEST_PIECE = 24
_OWN_CHARS = 4000


def training_text() -> Iterator[str]:
    """Prose, the recipe's own sentences, every kind of script, and digits."""
    draws = Draws(0, "zoo", "training text")
    for _ in range(200):
        yield paragraph(draws) + "\n\n"
    for number in range(50):
        key = "".join(draws.pick("0123456789abcdef-") for _ in range(12 + number % 3))
        yield f"{INSTRUCTION}\n\n{NEEDLE}\n\n{QUESTION}\n{BEGUN_ANSWER} {key}.July"
    yield " ".join(LABELS)
    yield from (text[:_OWN_CHARS] for text in OWN_TEXTS.values())


def _byte_level(split: str | None, *, nfc: bool, trim_offsets: bool, bos: str = "") -> Tokenizer:
    """Byte-level BPE, cut into words by GPT-2's rule or by a regular expression of its own."""
    tokenizer = Tokenizer(models.BPE())
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split is None)
    tokenizer.pre_tokenizer = whole
    if split is not None:
        words = pre_tokenizers.Split(Regex(split), "isolated")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, whole])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=list(CONTROL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=_LONGEST_PIECE,
        show_progress=False,
    )
    tokenizer.train_from_iterator(training_text(), trainer)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    if bos:
        with_bos = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, tokenizer.token_to_id(bos))]
        )
        tokenizer.post_processor = processors.Sequence([tokenizer.post_processor, with_bos])
    return tokenizer


@cache
def _learnt_pieces() -> dict[str, Any]:
    """BPE over words that carry the space before them: vocabulary, merges, and no emoji."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        max_token_length=_LONGEST_PIECE,
        show_progress=False,
    )
    texts = [normalize("NFKC", text) for text in training_text() if "\U0001f389" not in text]
    trained.train_from_iterator(texts, trainer)
    counts = Counter(piece for text in texts for piece in trained.encode(text).tokens)
    return {**json.loads(trained.to_str())["model"], "counts": counts}


def _sentencepiece_bpe(*, eos: bool = False) -> Tokenizer:
    """As Llama 2's: spaces are letters, no word is cut out, unknown characters fall to bytes."""
    learnt = _learnt_pieces()
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += [SPACE, SPACE * 2, SPACE * 4, *learnt["vocab"]]
    merges = [(SPACE, SPACE), (SPACE * 2, SPACE * 2), *map(tuple, learnt["merges"])]
    tokenizer = Tokenizer(
        models.BPE(
            vocab={piece: place for place, piece in enumerate(dict.fromkeys(pieces))},
            merges=merges,
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    prepend, replace = normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)
    tokenizer.normalizer = normalizers.Sequence([prepend, replace])
    strip = decoders.Strip(" ", 1, 0)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), strip]
    )
    tokenizer.add_special_tokens(
        [AddedToken(piece, normalized=False) for piece in ("<unk>", "<s>", "</s>")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>" if eos else "<s> $A", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return tokenizer


def _unigram() -> Tokenizer:
    """As T5's: the likeliest pieces, runs of spaces made one, compatible characters made equal.

    Its weights are counted and not trained: the library's training differs from run to run.
    """
    counts = _learnt_pieces()["counts"]
    special = ("<unk>", "<bos>", "<start_of_turn>", "<end_of_turn>")
    words = sorted(_learnt_pieces()["vocab"])
    pieces = [(piece, log((counts[piece] + 0.5) / counts.total())) for piece in words]
    tokenizer = Tokenizer(models.Unigram([(piece, 0.0) for piece in special] + pieces, 0))
    single_spaces = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), single_spaces])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(list(special))
    return tokenizer


def _characters() -> Tokenizer:
    """One token for every character; those it does not know are all one token."""
    known = sorted(set("".join(training_text())))
    pieces = ["<unk>", *CONTROL_TOKENS, *known]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.add_special_tokens(list(CONTROL_TOKENS))
    return tokenizer


def _gpt2_chat() -> Any:
    backend = _byte_level(None, nfc=False, trim_offsets=True)
    return _wrapped(backend, chat_templates.CHATML_WITH_SYSTEM)


def _qwen2_thinking() -> Any:
    backend = _byte_level(QWEN2_SPLIT, nfc=True, trim_offsets=False)
    return _wrapped(backend, chat_templates.THINKING_SWITCH)


def _llama3_base() -> Any:
    bos = "<|endoftext|>"
    return _wrapped(_byte_level(LLAMA3_SPLIT, nfc=False, trim_offsets=True, bos=bos), None, bos)


def _llama2_chat() -> Any:
    return _wrapped(_sentencepiece_bpe(), chat_templates.INSTRUCTIONS, "<s>")


def _llama2_base() -> Any:
    return _wrapped(_sentencepiece_bpe(eos=True), None, "<s>")


def _unigram_chat() -> Any:
    return _wrapped(_unigram(), chat_templates.TURNS, "<bos>")


def _characters_chat() -> Any:
    return _wrapped(_characters(), chat_templates.CHATML)


def _characters_base() -> Any:
    return _wrapped(_characters(), None)


def _wrapped(backend: Tokenizer, template: str | None, bos: str | None = None) -> Any:
    wrap: Any = PreTrainedTokenizerFast
    return wrap(
        tokenizer_object=backend,
        bos_token=bos,
        chat_template=template,
        clean_up_tokenization_spaces=False,
    )


_BREEDS: dict[str, Callable[[], Any]] = {
    "gpt2-chat": _gpt2_chat,
    "qwen2-thinking": _qwen2_thinking,
    "llama3-base": _llama3_base,
    "llama2-chat": _llama2_chat,
    "llama2-base": _llama2_base,
    "unigram-chat": _unigram_chat,
    "characters-chat": _characters_chat,
    "characters-base": _characters_base,
}
ZOO = tuple(_BREEDS)
"""Names of the tokenizers trained here."""
CHATS = ("gpt2-chat", "qwen2-thinking", "llama2-chat", "unigram-chat", "characters-chat")
"""Those with a chat template."""


@cache
def transformers_tokenizer(name: str) -> Any:
    """One of the zoo as transformers gives it, built once."""
    return _BREEDS[name]()


@cache
def tokenizer(name: str) -> HfTokenizer:
    """One of the zoo behind the project's port, built once."""
    return HfTokenizer(transformers_tokenizer(name), name)


def with_template(name: str, template: str | None) -> HfTokenizer:
    """One of the zoo with another chat template."""
    backend = transformers_tokenizer(name).backend_tokenizer
    return HfTokenizer(_wrapped(backend, template), f"{name} with a template of the test")


def qwen3_folder() -> Path | None:
    """Qwen3's real tokenizer, where this machine has it."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "tokenizers"
    folder = Path(os.environ.get("RECALLBENCH_TEST_TOKENIZERS", beside)) / QWEN3
    return folder if (folder / "tokenizer.json").is_file() else None


@cache
def qwen3() -> HfTokenizer:
    """Qwen3's real tokenizer, loaded once; only where ``qwen3_folder`` is one."""
    return load_tokenizer(str(qwen3_folder()))
