"""A run's haystack and the builder of its prompts, with what is kept of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Protocol

from recallbench.domain import Prompt, Trial
from recallbench.engines.embedded_model import default_cache
from recallbench.errors import PromptError
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.corpus_cache import cached_corpus
from recallbench.prompts.haystack import (
    Haystack,
    noise_haystack,
    prose_haystack,
    text_haystack,
)
from recallbench.prompts.hf_tokenizer import HfTokenizer, load_tokenizer
from recallbench.prompts.ladder_builder import LadderBuilder
from recallbench.prompts.needle import KeyFormat, Recipe
from recallbench.prompts.sources import fetch, read_files, without_control_tokens
from recallbench.runner.preparation import Models, Say
from recallbench.suite import RunPlan, Suite
from recallbench.suite.schema import BEGUN_ANSWER, FilesHaystack, UrlHaystack

_PROVED_REPEATS = 40
"""Repeats whose shortest prompts are built before an engine is started."""


class Builder(Protocol):
    """Builds the prompts of one layout."""

    def build(self, trial: Trial, extra_tokens: int = 0) -> Prompt:
        """The trial's prompt, ``extra_tokens`` shorter than asked.

        Raises:
            PromptError: it cannot be built.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptKit:
    """A prompt builder and what a run keeps of its parts."""

    builder: Builder
    """Builds any trial of the run."""
    facts: dict[str, Any]
    """For ``run.json``: tokenizer, template, haystack and recipe."""
    notes: tuple[str, ...]
    """What a user should know, in words."""

    def build(self, trial: Trial, extra_tokens: int = 0) -> Prompt:
        """The trial's prompt, ``extra_tokens`` shorter than asked."""
        return self.builder.build(trial, extra_tokens)


def prompt_kit(plan: RunPlan, models: Models, say: Say) -> PromptKit:
    """Read and tokenize the haystack, and prove that the shortest prompts can be built.

    Raises:
        CorpusError: the haystack cannot be had.
        PromptError: a length is too short for what has to be in a prompt.
    """
    notes: list[str] = []
    haystack = _haystack(plan.suite, models.tokenizer, notes, say)
    corpus = cached_corpus(
        haystack,
        models.tokenizer,
        max(plan.grid.lengths) + SPARE_TOKENS,
        fingerprint=models.tokenizer.fingerprint,
        cache=default_cache(),
        say=say,
    )
    if corpus.repeated:
        notes.append(
            f"haystack {corpus.name}: {haystack.pass_chars:,} characters long, so it is repeated "
            "where a prompt runs past its end"
        )
    recipe = _recipe(plan.suite, models)
    facts = _prompt_facts(plan.suite, haystack, corpus, recipe, models)
    kit = PromptKit(builder=_builder(plan, models, corpus, recipe), facts=facts, notes=tuple(notes))
    for trial in plan.trials:
        if trial.length_tokens == plan.grid.lengths[0] and trial.repeat < _PROVED_REPEATS:
            kit.build(trial)
    _check_same_prompts(plan, models, kit)
    return kit


def _haystack(suite: Suite, tokenizer: HfTokenizer, notes: list[str], say: Say) -> Haystack:
    form = suite.form.prompt.haystack
    if form == "noise":
        return noise_haystack()
    if isinstance(form, FilesHaystack):
        name, text = f"files {', '.join(form.files)}", read_files(form.files)
    elif isinstance(form, UrlHaystack):
        name, text = form.url, fetch(form.url, default_cache(), sha256=form.sha256, say=say)
    else:
        return prose_haystack(suite.form.seed)
    source_sha256 = hashlib.sha256(text.encode()).hexdigest()
    text, found = without_control_tokens(text, tokenizer.special_tokens)
    if found:
        counted = ", ".join(f"{token} x{count}" for token, count in found.items())
        notes.append(
            f"haystack {name}: control tokens of this model are broken up by a space: {counted}"
        )
    return replace(text_haystack(name, text), source_sha256=source_sha256)


def _recipe(suite: Suite, models: Models) -> Recipe:
    prompt = suite.form.prompt
    begun = "" if models.tokenizer.has_chat_template else BEGUN_ANSWER
    return Recipe(
        instruction=prompt.instruction,
        needle=prompt.needle,
        question=prompt.question,
        answer_prefix=begun if prompt.answer_prefix is None else prompt.answer_prefix,
        key=KeyFormat(
            kind="uuid" if prompt.key.kind == "uuid" else "characters",
            length=prompt.key.length,
            alphabet=prompt.key.characters,
        ),
    )


def _builder(plan: RunPlan, models: Models, corpus: Corpus, recipe: Recipe) -> Builder:
    prompt, seed = plan.suite.form.prompt, plan.suite.form.seed
    tokenizer, frame = models.tokenizer, models.frame
    if prompt.layout == "ladder":
        return LadderBuilder(
            tokenizer=tokenizer,
            frame=frame,
            corpus=corpus,
            recipe=recipe,
            seed=seed,
            grid=plan.grid,
        )
    return PromptBuilder(
        tokenizer=tokenizer,
        frame=frame,
        corpus=corpus,
        recipe=recipe,
        seed=seed,
        haystacks=prompt.haystacks,
    )


def _prompt_facts(
    suite: Suite, haystack: Haystack, corpus: Corpus, recipe: Recipe, models: Models
) -> dict[str, Any]:
    return {
        "layout": suite.form.prompt.layout,
        "haystacks": suite.form.prompt.haystacks,
        "tokenizer": models.tokenizer_name,
        "tokenizer_fingerprint": models.tokenizer.fingerprint,
        "chat_template": models.tokenizer.has_chat_template,
        "thinking_switch": models.frame.thinking_switch,
        "frame_head": models.frame.head,
        "frame_tail": models.frame.tail,
        "haystack": corpus.name,
        "haystack_source_sha256": haystack.source_sha256,
        "haystack_sha256": corpus.sha256,
        "haystack_tokens": len(corpus.encoding.ids),
        "haystack_repeated": corpus.repeated,
        "instruction": recipe.instruction,
        "needle": recipe.needle,
        "question": recipe.question,
        "answer_prefix": recipe.answer_prefix,
    }


def _check_same_prompts(plan: RunPlan, models: Models, kit: PromptKit) -> None:
    """Variants of another checkpoint are asked the same token ids: their tokenizer must agree."""
    if plan.serving.is_endpoint:
        return  # an endpoint's tokenizer is held against ours when it is connected
    prompt = kit.build(plan.trials[0])
    for name, path in models.paths.items():
        if path == models.tokenizer.source:
            continue
        other = load_tokenizer(path)
        if other.encode(prompt.text, at_start=True).ids != prompt.token_ids:
            raise PromptError(
                f"model {name}: its tokenizer reads the same prompt differently from that of "
                f"{models.tokenizer.source}, so the two cannot be compared on the same token ids; "
                "give each a run of its own"
            )
