"""What one of two compared variants ran and what it cost, each fact under its name.

Guarantees that what is not known is None and never a number, and that a run folder of an older
recallbench, which keeps fewer facts, is read too. Knows no format, and does not know whether two
arms were asked the same: that is for a comparison to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recallbench.reports.notation import written_share
from recallbench.reports.rope_text import rope_word
from recallbench.stats.cost import Cost, Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFact:
    """One thing that is or is not known of an arm."""

    key: str
    """Its name in JSON."""
    label: str
    """Its name for people, with the unit."""
    value: str | float | None = None
    """The value itself; None is not known."""
    text: str | None = None
    """The value for people; None is not known."""
    n: int | None = None
    """Requests it is over; None where it is over none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One of two variants."""

    title: str
    """What it is called."""
    facts: tuple[ArmFact, ...]
    """Settings, then cost; the same keys in the same order for every arm."""
    notes: tuple[str, ...] = ()
    """What a reader must know before believing its cost, without a full stop."""

    @property
    def rows(self) -> tuple[tuple[str, str | None], ...]:
        """Label and text of each fact."""
        return tuple((fact.label, fact.text) for fact in self.facts)

    def text_of(self, key: str) -> str | None:
        """The text of one fact; None where it is not known.

        Raises:
            KeyError: no fact has that key.
        """
        return {fact.key: fact.text for fact in self.facts}[key]


def arm_of(entry: Mapping[str, Any], title: str, cost: Cost | None) -> Arm:
    """What a variant ran and cost.

    Args:
        entry: the variant's entry in ``run.json``.
        title: what to call it.
        cost: what its trials cost; None is not known.
    """
    engine: Mapping[str, Any] = entry.get("engine") or {}
    facts = (*_settings(entry, engine), *_start(engine), *_costs(cost), *_room(engine))
    return Arm(title=title, facts=facts, notes=tuple(_notes(cost)))


def shared_rows(arms: tuple[Arm, Arm]) -> tuple[tuple[str, str | None, str | None], ...]:
    """Label and both texts of each fact that at least one of two arms knows."""
    pairs = zip(arms[0].facts, arms[1].facts, strict=True)
    return tuple((a.label, a.text, b.text) for a, b in pairs if (a.text, b.text) != (None, None))


def _settings(entry: Mapping[str, Any], engine: Mapping[str, Any]) -> Iterator[ArmFact]:
    yield _said("model", "checkpoint", entry.get("model") or engine.get("served_model"))
    yield _said("rope", "RoPE", f"{entry['rope_label']}, {rope_word(entry)}")
    context = engine.get("max_model_len") or entry.get("max_model_len")
    yield _number("max_model_len", "context, tokens", context)
    yield _said("version", "vLLM", engine.get("version"))
    for key, label in (
        ("dtype", "dtype"),
        ("quantization", "quantization"),
        ("kv_cache_dtype", "KV cache dtype"),
    ):
        yield _said(key, label, _asked_and_run(entry.get(key), engine.get(key)))
    yield _said("attention_backend", "attention", engine.get("attention_backend"))


def _start(engine: Mapping[str, Any]) -> Iterator[ArmFact]:
    yield _number("startup_s", "start-up, s", engine.get("startup_s"), ".0f")


def _costs(cost: Cost | None) -> Iterator[ArmFact]:
    figures = (
        ("mean_first_token_s", "time to first token, s", ".3g"),
        ("prefill_tokens_per_s", "prefill of one request, tokens/s", ",.0f"),
        ("prompt_tokens_per_s", "prompts of all requests, tokens/s", ",.0f"),
        ("median_latency_s", "median latency, s", ".3g"),
        ("cached_share", "prompt tokens from the cache", ""),
    )
    for key, label, form in figures:
        yield _figure(key, label, getattr(cost, key, None), form)


def _room(engine: Mapping[str, Any]) -> Iterator[ArmFact]:
    yield _number("kv_cache_tokens", "KV cache, tokens", engine.get("kv_cache_tokens"))
    most = engine.get("kv_max_concurrency")
    yield _number("kv_max_concurrency", "requests of full length at once", most, ",.1f")


def _notes(cost: Cost | None) -> Iterator[str]:
    if cost is not None and cost.is_own is False:
        yield (
            f"the server counted {cost.finished or 0:,} requests and the journal "
            f"{cost.answered:,}: the server's figures are not of these trials alone"
        )


def _asked_and_run(asked: str | None, run: str | None) -> str | None:
    if asked is None or asked == run:
        return run
    return f"{asked} asked" if run is None else f"{asked} asked, {run} runs"


def _said(key: str, label: str, text: str | None) -> ArmFact:
    return ArmFact(key=key, label=label, value=text, text=text)


def _number(key: str, label: str, value: float | None, form: str = ",") -> ArmFact:
    text = None if value is None else format(value, form)
    return ArmFact(key=key, label=label, value=value, text=text)


def _figure(key: str, label: str, figure: Figure | None, form: str) -> ArmFact:
    if figure is None:
        return ArmFact(key=key, label=label)
    number = format(figure.value, form) if form else written_share(figure.value)
    text = f"{number} (n = {figure.n:,})"
    return ArmFact(key=key, label=label, value=figure.value, text=text, n=figure.n)
