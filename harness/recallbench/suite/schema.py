"""The suite file's form. Unknown keys are refused; each field's meaning stands beside it.

pydantic checks the form here and nowhere else: ``resolved`` turns it into the core's own values.
"""

from __future__ import annotations

import string
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from recallbench.domain.layout import CONCURRENCY, Layout
from recallbench.suite.form import Form, Length, Name, ascending
from recallbench.suite.gate_form import GateForm

INSTRUCTION = (
    "A pass key is hidden somewhere in the text below. Read the text and remember the pass key: "
    "you will be asked for it at the end."
)
NEEDLE = "The pass key for {label} is {key}. Remember it. {key} is the pass key for {label}."
QUESTION = "What is the pass key for {label}? Answer with the pass key only."
BEGUN_ANSWER = "The pass key for {label} is"

_ALPHABETS = {
    "digits": string.digits,
    "letters": string.ascii_lowercase,
    "alphanumeric": string.ascii_lowercase + string.digits,
    "hex": string.digits + "abcdef",
}


def _holds_key(text: str) -> str:
    if "{key}" not in text:
        raise ValueError("the needle must hold {key}, or there is nothing to recall")
    return text


def _no_key(text: str) -> str:
    if "{key}" in text:
        raise ValueError("{key} may stand in the needle only, or the answer is given away")
    return text


def _as_switch(value: object) -> object:
    """YAML reads a bare ``on`` and ``off`` as true and false."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


PublicText = Annotated[str, AfterValidator(_no_key)]
Depth = Annotated[float, Field(ge=0, le=1)]


class GridForm(Form):
    """Which cells, and how often."""

    lengths: Annotated[list[Length], Field(min_length=1), AfterValidator(ascending)] | None = None
    """Whole-prompt lengths in tokens; null takes those of 8,000 to 128,000 that fit."""
    depths: Annotated[list[Depth], Field(min_length=1), AfterValidator(ascending)] = [
        0.0, 0.25, 0.5, 0.75, 1.0,
    ]  # fmt: skip
    """Needle depths, 0 first to 1 last."""
    trials: Annotated[int, Field(ge=1)] = 5
    """Trials in each cell."""
    only: Annotated[list[str], Field(min_length=1)] | None = None
    """Names of the trials to ask; null is all of them."""


class KeyForm(Form):
    """What keys look like."""

    kind: Literal["digits", "letters", "alphanumeric", "hex", "uuid", "custom"] = "digits"
    """An alphabet by name, ``uuid``, or ``custom`` with an alphabet of one's own."""
    length: Annotated[int, Field(ge=4, le=64)] = 8
    """Characters in a key; a uuid has its own length."""
    alphabet: Annotated[str, Field(min_length=2)] | None = None
    """The characters of a ``custom`` key."""

    @model_validator(mode="after")
    def _alphabet_goes_with_custom(self) -> KeyForm:
        if (self.alphabet is not None) != (self.kind == "custom"):
            raise ValueError("alphabet goes with kind: custom, and custom needs one")
        characters = set(self.alphabet or "01")
        if len(characters) == 1 or any(character.isspace() for character in characters):
            raise ValueError("alphabet needs two different characters, and no white space")
        return self

    @property
    def characters(self) -> str:
        """The alphabet to draw from."""
        return self.alphabet or _ALPHABETS.get(self.kind, string.digits)


class FilesHaystack(Form):
    """The user's own text files, joined in this order."""

    files: Annotated[list[str], Field(min_length=1)]
    """Paths, relative ones from the suite file's folder."""


class UrlHaystack(Form):
    """A text on the web, fetched once into the cache."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    """Its address."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Checksum the text must have; null takes what comes and records it."""


def _haystack_tag(value: object) -> str | None:
    if isinstance(value, UrlHaystack) or (isinstance(value, dict) and {"url", "sha256"} & {*value}):
        return "[url]"
    if isinstance(value, FilesHaystack | dict):
        return "[files]"
    return "[made]" if value in ("noise", "prose") else None


HaystackForm = Annotated[
    Annotated[Literal["noise", "prose"], Tag("[made]")]
    | Annotated[FilesHaystack, Tag("[files]")]
    | Annotated[UrlHaystack, Tag("[url]")],
    Discriminator(
        _haystack_tag,
        custom_error_type="haystack",
        custom_error_message="allowed are noise, prose, files: [PATH, ...] and url: ADDRESS",
    ),
]


class PromptForm(Form):
    """The recipe of a prompt."""

    layout: Layout = "single"
    """``single``: one needle a prompt. ``ladder``: one haystack a repeat holds a labelled needle
    for every cell, and each prompt is the beginning of it and one question: multi-key recall."""
    haystacks: Literal["trial", "repeat"] | Annotated[int, Field(ge=1)] = "trial"
    """What shares one: nothing but a trial itself; all trials of one repeat; or so many haystacks
    for all repeats in turn. Shared ones are cheaper to compute, and trials that share one count
    together for less. null: ``trial``; ``repeat`` in a ladder, which has no other."""
    haystack: HaystackForm = "prose"
    """``noise`` (a few sentences repeated), ``prose`` (varied), or a text of one's own."""
    key: KeyForm = KeyForm()
    """What keys look like."""
    instruction: PublicText = INSTRUCTION
    """Opens the message."""
    needle: Annotated[str, AfterValidator(_holds_key)] = NEEDLE
    """The planted sentences, with {key} and {label}."""
    question: PublicText = QUESTION
    """Closes the message, may hold {label}."""
    answer_prefix: PublicText | None = None
    """Begun answer; null: none for chats, "The pass key for {label} is" for base models."""
    thinking: Annotated[Literal["off", "on"], BeforeValidator(_as_switch)] = "off"
    """Whether the model may think first; off goes through the chat template."""

    @model_validator(mode="before")
    @classmethod
    def _haystacks_of_layout(cls, content: object) -> object:
        """Fill in what shares a haystack, so that a run's own suite says it."""
        if not isinstance(content, dict) or content.get("haystacks") is not None:
            return content
        is_ladder = content.get("layout") == "ladder"
        return {**content, "haystacks": "repeat" if is_ladder else "trial"}


class AnswerForm(Form):
    """How much a model may write."""

    max_tokens: Annotated[int, Field(ge=1)] = 64
    """Tokens for the answer."""
    thinking_tokens: Annotated[int, Field(ge=1)] = 8192
    """Tokens for the thought before it, with thinking on."""
    thinking_end: Annotated[str, Field(min_length=1)] = "</think>"
    """What closes a thought in the model's text."""


class EngineForm(Form):
    """How a local vLLM server is started and how any server is asked."""

    args: list[str] = []
    """Further arguments of vLLM's server, for all variants."""
    env: dict[str, str] = {}
    """Environment variables of vLLM's server."""
    concurrency: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Requests in flight at most; null: 8, and 256 in a ladder, most of whose prompts cost next to
    nothing, so that those of one haystack are all on their way while the next is computed."""
    cache: Literal["shared", "cold"] = "shared"
    """``shared`` sends prompts in the order in which the server's prefix cache helps most;
    ``cold`` salts every request, so that none is helped by another."""
    overlap: bool = False
    """Whether the next variant's engine starts while the present one works, where memory allows."""
    start_timeout_s: Annotated[int, Field(ge=1)] = 1800
    """How long a server may take to come up."""
    request_timeout_s: Annotated[int, Field(ge=1)] = 1200
    """How long one request may take."""
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    """Requests for one trial at most, the first included."""


class EndpointForm(Form):
    """A server that stands already."""

    url: Annotated[str, Field(pattern=r"^https?://[^/@]+(/|$)")]
    """Base URL of its OpenAI-compatible API, such as http://host:8000/v1."""
    model: str | None = None
    """Name it serves the model under; null asks it."""
    api_key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "RECALLBENCH_API_KEY"
    """Environment variable that holds the key; the key itself is never written anywhere."""
    api: Literal["auto", "completions", "chat"] = "auto"
    """Token ids through completions, messages through chat, or whichever the server takes."""


def _rope_tag(value: object) -> str | None:
    if isinstance(value, dict):
        return "[parameters]"
    if value == "native":
        return "[native]"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "[factor]" if is_number else None


RopeForm = Annotated[
    Annotated[Literal["native"], Tag("[native]")]
    | Annotated[float, Field(ge=1, allow_inf_nan=False), Tag("[factor]")]
    | Annotated[dict[str, Any], Tag("[parameters]")],
    Discriminator(
        _rope_tag,
        custom_error_type="rope",
        custom_error_message="allowed are native, a YaRN factor of 1 or more, and RoPE parameters",
    ),
]
TAGGED_FORMS: dict[int | str, type[BaseModel] | None] = {
    "[made]": None,
    "[files]": FilesHaystack,
    "[url]": UrlHaystack,
    "[native]": None,
    "[factor]": None,
    "[parameters]": None,
    "[key]": None,
    "[level]": None,
    "[by length]": None,
}
"""Names of union branches in pydantic's paths, which are no keys to a user, and their forms."""


class VariantForm(Form):
    """One serving configuration."""

    name: Name
    """Unique name; part of file names."""
    model: str | None = None
    """Another checkpoint with the same tokenizer, such as an FP8 or AWQ one."""
    rope: RopeForm = "native"
    """``native``, a YaRN factor, or RoPE parameters to merge over the checkpoint's own."""
    hf_overrides: dict[str, Any] | None = None
    """vLLM's --hf-overrides sent as they are, in place of rope: a deployment's own."""
    max_model_len: Annotated[int, Field(ge=1)] | None = None
    """Context length to serve; null derives it."""
    quantization: str | None = None
    """vLLM's --quantization."""
    kv_cache_dtype: str | None = None
    """vLLM's --kv-cache-dtype."""
    dtype: str | None = None
    """vLLM's --dtype."""
    args: list[str] = []
    """Further arguments of vLLM's server for this variant."""
    env: dict[str, str] = {}
    """Further environment variables for this variant."""
    allow: list[str] = []
    """Preflight rules that do not stop it, and rope-mismatch: measured although RoPE is wrong."""
    lengths: Annotated[list[Length], Field(min_length=1), AfterValidator(ascending)] | None = None
    """The grid's lengths that this variant is asked; null is all."""

    @model_validator(mode="after")
    def _one_rope(self) -> VariantForm:
        if self.hf_overrides is not None and self.rope != "native":
            raise ValueError("rope and hf_overrides both set the RoPE; give one of them")
        return self


class SuiteFile(Form):
    """A whole suite."""

    suite: Name
    """Its name; part of the run folder's."""
    description: str = ""
    """What it is for."""
    model: str | None = None
    """Hub id, folder, or smollm2-135m, the embedded model."""
    tokenizer: str | None = None
    """Tokenizer folder or hub id; null takes the model's."""
    seed: int = 0
    """Seed of every random draw."""
    grid: GridForm = GridForm()
    """Which cells, and how often."""
    prompt: PromptForm = PromptForm()
    """The recipe of a prompt."""
    answer: AnswerForm = AnswerForm()
    """How much a model may write."""
    engine: EngineForm = EngineForm()
    """How the server is started and asked."""
    endpoint: EndpointForm | None = None
    """Ask this server and start none."""
    variants: Annotated[list[VariantForm], Field(min_length=1)] = [VariantForm(name="native")]
    """Serving configurations; each is one engine start and is asked the same trials."""
    gate: GateForm | None = None
    """What every variant is held against; null: the run ends without a verdict."""

    @property
    def concurrency(self) -> int:
        """Requests in flight at most."""
        return self.engine.concurrency or CONCURRENCY[self.prompt.layout]

    @model_validator(mode="after")
    def _ladder_is_one_haystack(self) -> SuiteFile:
        prompt = self.prompt
        if prompt.layout == "ladder" and prompt.haystacks != "repeat":
            raise ValueError(
                f"prompt.haystacks: got {prompt.haystacks!r}; a ladder has one haystack a repeat, "
                "which holds the needles of all its cells: leave haystacks out, or use layout: "
                "single"
            )
        if prompt.layout == "ladder":
            asked = prompt.question + (prompt.answer_prefix or "")
            lacking = [name for name, text in (("needle", prompt.needle), ("question", asked))
                       if "{label}" not in text]  # fmt: skip
            if lacking:
                raise ValueError(
                    f"prompt.{lacking[0]}: a ladder has many needles, and {{label}} tells which "
                    "one is asked for: write it into needle and question"
                )
        return self

    @model_validator(mode="after")
    def _drawing_brings_new_haystacks(self) -> SuiteFile:
        haystacks = self.prompt.haystacks
        if isinstance(haystacks, int) and self.gate and self.gate.until == "decided":
            raise ValueError(
                f"prompt.haystacks: got {haystacks}; with gate.until: decided trials are drawn "
                f"until the verdict is settled, and {haystacks} haystacks in turn bring no new "
                "one: allowed are trial and repeat"
            )
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> SuiteFile:
        names = [variant.name for variant in self.variants]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"variants: the name {twice[0]!r} stands twice")
        return self

    @model_validator(mode="after")
    def _baseline_is_a_variant(self) -> SuiteFile:
        baseline = self.gate.baseline if self.gate else None
        names = [variant.name for variant in self.variants]
        if baseline and baseline.run is None and baseline.variant not in names:
            raise ValueError(
                f"gate.baseline.variant: got {baseline.variant!r}; allowed is a variant of this "
                f"suite ({', '.join(names)}), or name a stored run's folder: gate.baseline.run"
            )
        return self

    @model_validator(mode="after")
    def _lengths_are_of_the_grid(self) -> SuiteFile:
        for variant in self.variants:
            strange = set(variant.lengths or ()) - set(self.grid.lengths or variant.lengths or ())
            if strange:
                raise ValueError(
                    f"variants: {variant.name} has the length {min(strange)}, which grid.lengths "
                    f"does not have: {self.grid.lengths}"
                )
        return self
