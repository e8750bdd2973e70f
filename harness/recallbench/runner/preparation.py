"""Everything a run needs before an engine: model files, tokenizer, chat frame, plan, haystack."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from recallbench.domain import Prompt, Trial
from recallbench.engines.embedded_model import EMBEDDED, default_cache, ensure_embedded_model
from recallbench.engines.vllm_process import installed_vllm
from recallbench.errors import CheckpointError, PromptError, SuiteError
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.chat_template import ChatFrame
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
from recallbench.rope import CheckpointConfig, read_checkpoint, versions
from recallbench.suite import RunPlan, Serving, Suite, plan_run
from recallbench.suite.schema import BEGUN_ANSWER, FilesHaystack, UrlHaystack

Say = Callable[[str], None]
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
class Models:
    """A suite's model files on this machine."""

    paths: dict[str, str]
    """Folder or hub id of each model named in the suite."""
    configs: dict[str, CheckpointConfig | None]
    """Config of each; None where a folder holds only a tokenizer."""
    tokenizer: HfTokenizer
    """Of the suite's model, or the one the suite names."""
    tokenizer_name: str
    """How the user or the suite calls it."""
    frame: ChatFrame
    """What its chat template puts around a message."""


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


def find_models(suite: Suite, say: Say, served: str | None = None) -> Models:
    """Find or build the models, read their configs, load the tokenizer.

    Args:
        suite: names the models.
        say: told what takes time.
        served: the name under which an endpoint serves its model, where the suite names none.

    Raises:
        CheckpointError: a model or tokenizer cannot be found, read or built.
    """
    form = suite.form
    names = {variant.model for variant in suite.variants if variant.model}
    paths = {name: model_path(name, say) for name in names}
    name = form.tokenizer or form.model or next(iter(names), served)
    if name is None:
        raise SuiteError("no tokenizer known: give --model or --tokenizer")
    tokenizer = load_tokenizer(paths.get(name) or model_path(name, say))
    only_asked = form.endpoint is not None
    return Models(
        paths=paths,
        configs={
            name: None if only_asked else read_checkpoint(path) for name, path in paths.items()
        },
        tokenizer=tokenizer,
        tokenizer_name=name,
        frame=tokenizer.frame(thinking=form.prompt.thinking == "on"),
    )


def plan_for(suite: Suite, models: Models, endpoint_limit: int | None = None) -> RunPlan:
    """The plan of a suite on this machine's vLLM.

    Raises:
        SuiteError: a length fits nothing, or thinking does not go with the rest.
        RopeError: a RoPE cannot be served.
    """
    _check_thinking(suite, models)
    installed = installed_vllm()
    serving = Serving(
        vllm_version=installed.version if installed else versions.NEWEST,
        transformers_major=int(version("transformers").split(".")[0]) if installed else None,
        is_endpoint=suite.form.endpoint is not None,
        endpoint_limit=endpoint_limit,
    )
    return plan_run(suite, models.configs, serving)


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


def model_path(name: str, say: Say) -> str:
    """Folder or hub id of a model; the embedded one is built where it is not yet."""
    if name == EMBEDDED:
        return str(ensure_embedded_model(default_cache(), say))
    folder = Path(name).expanduser()
    if folder.is_dir():
        return str(folder)
    if name.startswith(("~", "/", "./", "../")):
        raise CheckpointError(
            f"model {name}: no such folder. Give a folder or a hub id; the 4-bit checkpoint of the "
            "embedded model is made by: scripts/environment quantize && .venv/quantize/bin/python "
            f"scripts/quantize_embedded.py {name}"
        )
    return name


def _check_thinking(suite: Suite, models: Models) -> None:
    prompt = suite.form.prompt
    if prompt.thinking == "off":
        return
    if not models.tokenizer.has_chat_template:
        raise SuiteError("prompt.thinking: on needs a chat template, and this tokenizer has none")
    if prompt.answer_prefix:
        raise SuiteError(
            "prompt.thinking: on does not go with a begun answer, which would end the thought "
            "before it begins; leave out prompt.answer_prefix"
        )


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
