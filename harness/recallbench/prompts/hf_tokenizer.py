"""The tokenizer port on Hugging Face tokenizers, exactly as vLLM uses them for a prompt.

vLLM tokenizes a rendered chat without adding special tokens (the template writes them), and a plain
text with them. Source: vllm 0.32 entrypoints/openai (chat: add_special_tokens defaults to false;
completions: to true).
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from recallbench.domain import Encoding
from recallbench.errors import CheckpointError, PromptError
from recallbench.prompts.chat_template import BARE_FRAME, ChatFrame, chat_frame


class HfTokenizer:
    """A tokenizer folder or hub id, loaded through transformers."""

    def __init__(self, loaded: Any, source: str) -> None:  # noqa: ANN401 - transformers has no types
        """Wrap a loaded tokenizer; use ``load_tokenizer``."""
        self._loaded = loaded
        self.source = source
        """Where it was loaded from."""
        self.has_chat_template = bool(loaded.chat_template)
        """Whether prompts are chats; otherwise they are plain text, as for base models."""
        self._backend = loaded.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._start_ids = array("I", () if self.has_chat_template else self._bos_ids())

    def encode(self, text: str, *, at_start: bool = False) -> Encoding:
        """Tokens of ``text``; ``at_start`` puts BOS before it where the tokenizer itself would."""
        encoded = self._backend.encode(text, add_special_tokens=False)
        offsets = encoded.offsets
        before = self._start_ids if at_start else array("I")
        zeros = array("I", bytes(4 * len(before)))
        return Encoding(
            ids=before + array("I", encoded.ids),
            starts=zeros + array("I", [start for start, _ in offsets]),
            ends=zeros + array("I", [end for _, end in offsets]),
        )

    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of ``token_ids``, special tokens left out."""
        return str(self._backend.decode(list(token_ids), skip_special_tokens=True))

    def frame(self, *, thinking: bool) -> ChatFrame:
        """What the chat template puts around a user's message; nothing for base models.

        Raises:
            PromptError: the template cannot be split around the message.
        """
        return chat_frame(self._render, thinking=thinking) if self.has_chat_template else BARE_FRAME

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """Texts that the tokenizer reads as control tokens wherever they stand."""
        added = self._loaded.added_tokens_decoder.values()
        return tuple(sorted(token.content for token in added if token.special))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over vocabulary, merges, normalization and chat template."""
        whole = self._backend.to_str() + "\x00" + str(self._loaded.chat_template)
        return hashlib.sha256(whole.encode()).hexdigest()

    def _bos_ids(self) -> list[int]:
        """The special tokens the tokenizer puts before a text; what it puts behind is left out."""
        marked = self._backend.encode("a", add_special_tokens=True)
        plain = self._backend.encode("a", add_special_tokens=False)
        lead = 0
        while marked.ids[lead : lead + len(plain.ids)] != plain.ids and lead < len(marked.ids):
            lead += 1
        return list(marked.ids[:lead])

    def _render(self, message: str, thinking: bool) -> str:  # noqa: FBT001 - the Render type
        """One user message as the template renders it; both usual names of the switch are set."""
        from jinja2 import TemplateError  # only needed where there is a template

        try:
            rendered = self._loaded.apply_chat_template(
                [{"role": "user", "content": message}],
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=thinking,
                thinking=thinking,
            )
        except (TemplateError, TypeError, ValueError) as error:
            raise PromptError(
                f"chat template of {self.source}: it cannot render one user message: {error}"
            ) from error
        return str(rendered)


def load_tokenizer(source: str) -> HfTokenizer:
    """Load a tokenizer from a folder or the hub.

    Raises:
        CheckpointError: there is none, or it cannot say which characters a token stands for.
    """
    from transformers import AutoTokenizer  # heavy: loaded when a tokenizer is

    try:
        loaded = AutoTokenizer.from_pretrained(source)
    except Exception as error:  # tokenizers raises a plain one for a file that it cannot read
        where = "folder" if Path(source).is_dir() else "hub id or folder"
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
        raise CheckpointError(
            f"tokenizer {source}: no tokenizer could be loaded from this {where}: {reason}. "
            "Name a folder that holds tokenizer.json, or a hub id that this machine can reach"
        ) from error
    if not getattr(loaded, "is_fast", False):
        raise CheckpointError(
            f"tokenizer {source}: {type(loaded).__name__} has no fast (tokenizers) form and cannot "
            "say which characters a token stands for; save a tokenizer.json for it first "
            "(AutoTokenizer.from_pretrained(..., use_fast=True).save_pretrained(DIR))"
        )
    return HfTokenizer(loaded, source)
