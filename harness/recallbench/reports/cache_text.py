"""How a variant's prompts met the server's prefix cache, in sentences, the same in every report.

Guarantees that a share stands with its tokens and trials, that it says whether the cache was shared
or cold, and that whatever is wrong comes with what to do. Sentences have no full stop. Knows no
format.
"""

from __future__ import annotations

from recallbench.reports.notation import counted, written_share
from recallbench.stats.cache_use import CacheFinding, CacheUse


def cache_sentence(use: CacheUse) -> str:
    """Such as ``prefix cache: shared; 95% of 1,000 prompt tokens expected, 94% reported``."""
    tokens = counted(use.prompt_tokens, "prompt token")
    over = f"({counted(use.n, 'trial')})"
    if use.finding in {CacheFinding.COLD, CacheFinding.NOT_COLD}:
        return f"prefix cache: cold, none of {tokens} expected, {_reported(use)} {over}"
    if use.expected_tokens is None:
        return f"prefix cache: shared; of {tokens} {_reported(use)}, expected is not known {over}"
    share = _share(use.expected_tokens, use)
    return f"prefix cache: shared; {share} of {tokens} expected, {_reported(use)} {over}"


def cache_warning(use: CacheUse, kv_cache_tokens: int | None = None) -> str | None:
    """What is wrong, and what to do; None where nothing is.

    Args:
        use: of one variant.
        kv_cache_tokens: tokens that its server's KV cache holds; None is not known.
    """
    if use.finding is CacheFinding.NOT_TOLD and not use.expected_tokens:
        return None
    said = {
        CacheFinding.OFF: _off,
        CacheFinding.SHORT: lambda use: _short(use, kv_cache_tokens),
        CacheFinding.WARMER: _warmer,
        CacheFinding.NOT_COLD: _not_cold,
        CacheFinding.NOT_TOLD: _not_told,
    }.get(use.finding)
    return f"prefix cache: {said(use)}" if said else None


def cache_lines(use: CacheUse, kv_cache_tokens: int | None = None) -> tuple[str, ...]:
    """The sentence, and the warning as one; arguments as above."""
    warning = cache_warning(use, kv_cache_tokens)
    return (cache_sentence(use), *((f"warning: {warning}",) if warning else ()))


def _off(use: CacheUse) -> str:
    return (
        f"nothing was found there by any of the {counted(use.short, 'trial')} whose prefix had "
        "been sent before: it is off; start the server with --enable-prefix-caching"
    )


def _short(use: CacheUse, kv_cache_tokens: int | None) -> str:
    room = "" if kv_cache_tokens is None else f" of {kv_cache_tokens:,} tokens"
    return (
        f"{_of_compared(use.short, use)} found less there than expected, "
        f"{counted(use.short_tokens, 'token')} in all: evicted, as the KV cache{room} is too small "
        "for the prompts in flight (lower --concurrency, or give it more memory), or several "
        "replicas stand behind one address (ask one of them)"
    )


def _warmer(use: CacheUse) -> str:
    return (
        f"{_of_compared(use.warmer, use)} found more there than this run had sent: something else "
        "uses the server, or an earlier run has warmed it; times and prefill rates are not of "
        "this run alone"
    )


def _not_cold(use: CacheUse) -> str:
    return (
        f"{counted(use.reported_tokens or 0, 'token')} came from it although every request was "
        "salted: the server does not heed cache_salt; start it with --no-enable-prefix-caching"
    )


def _not_told(use: CacheUse) -> str:
    del use
    return (
        "the server reports no cached tokens, so that it may be off; start it with "
        "--enable-prompt-tokens-details"
    )


def _of_compared(number: int, use: CacheUse) -> str:
    return f"{number:,} of {counted(use.compared, 'trial')}"


def _reported(use: CacheUse) -> str:
    if use.reported_tokens is None:
        return "reported is not told"
    share = _share(use.reported_tokens, use) if use.reported_tokens else "none"
    return f"{share} reported"


def _share(tokens: int, use: CacheUse) -> str:
    return written_share(tokens / use.prompt_tokens if use.prompt_tokens else 0.0, decimals=0)
