"""Misses that hang on how a request was served: in company, or from a warm prefix cache.

Trials are compared within their cell only, as the order of a run makes both conditions go with
length and depth. Where no cell has trials of both kinds, nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from recallbench.diagnosis.case import Case, recall_of, value_of
from recallbench.diagnosis.commands import engine_command, run_command
from recallbench.diagnosis.exact import Stratum, fewer_hits
from recallbench.diagnosis.flight import accompanied, coarsest_step_s
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import Suspicion
from recallbench.diagnosis.wording import told, trials_told
from recallbench.domain import TrialRecord
from recallbench.stats import Proportion

_WITHOUT, _LEAST_FALL = 0.85, 0.2
"""Recall without the condition at least, and how much lower it is with it at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Recall with and without a condition, in the cells that have trials of both kinds."""

    strata: tuple[Stratum, ...]
    """With the condition against without it, a stratum for each cell."""

    @property
    def suspect(self) -> Proportion:
        """Recall with the condition."""
        sides = [stratum.suspect for stratum in self.strata]
        return Proportion(k=sum(side.k for side in sides), n=sum(side.n for side in sides))

    @property
    def other(self) -> Proportion:
        """Recall without it."""
        sides = [stratum.other for stratum in self.strata]
        return Proportion(k=sum(side.k for side in sides), n=sum(side.n for side in sides))

    @property
    def fall(self) -> float:
        """Recall lost under the condition."""
        return value_of(self.other) - value_of(self.suspect)

    def suspicion(self, diagnosis: Callable[[Comparison], Diagnosis]) -> Suspicion:
        """How likely it is by chance, and what to tell where the condition alone is at fault."""
        p_value = fewer_hits(self.strata)
        if value_of(self.other) < _WITHOUT or self.fall < _LEAST_FALL:
            return Suspicion(p_value=p_value)
        return Suspicion(
            p_value=p_value,
            strength=self.fall,
            diagnosis=diagnosis(self),
            silences=frozenset({Pattern.LOW_EVERYWHERE}),
        )


def suspect_conditions(case: Case) -> tuple[Suspicion, ...]:
    """Company and cache, each where it can be compared."""
    return (*_concurrency(case), *_cache(case))


def not_compared(case: Case) -> tuple[str, ...]:
    """Conditions that are not ruled out, as no cell has trials with and without them."""
    together = case.facts.concurrency != 1 and _by_company(case) is None
    warm = _by_cache(case) is None
    kinds = (
        (together, "alone and in company: concurrency is not ruled out"),
        (warm, "with and without cached tokens: the prefix cache is not ruled out"),
    )
    return tuple(f"no cell has trials {kind}" for missing, kind in kinds if missing)


def compare(case: Case, condition: Callable[[TrialRecord], bool | None]) -> Comparison | None:
    """Cells with measured trials under a condition and without it; None without such a cell.

    Args:
        case: the variant.
        condition: whether a trial was asked under the condition; None is unknown.
    """
    cells: defaultdict[tuple[int, float], dict[bool, list[TrialRecord]]]
    cells = defaultdict(lambda: {True: [], False: []})
    for record in case.measured:
        held = condition(record)
        if held is not None:
            cells[record.length_tokens, record.depth][held].append(record)
    strata = tuple(_stratum(sides) for sides in cells.values() if sides[True] and sides[False])
    return Comparison(strata=strata) if strata else None


def _stratum(sides: Mapping[bool, list[TrialRecord]]) -> Stratum:
    return Stratum(suspect=recall_of(sides[True]), other=recall_of(sides[False]))


def _concurrency(case: Case) -> tuple[Suspicion, ...]:
    if case.facts.concurrency == 1:
        return ()
    compared = _by_company(case)
    if compared is None:
        return ()

    def diagnosis(seen: Comparison) -> Diagnosis:
        return _under_concurrency(case, seen)

    return (compared.suspicion(diagnosis),)


def _by_company(case: Case) -> Comparison | None:
    company = accompanied(case.records)
    return compare(case, lambda record: company.get(record.trial_id))


def _under_concurrency(case: Case, seen: Comparison) -> Diagnosis:
    return Diagnosis(
        pattern=Pattern.MISSES_UNDER_CONCURRENCY,
        what=(
            f"Recall is {told(seen.suspect)} where other requests were in flight and "
            f"{told(seen.other)} in the same cells where a request was alone."
        ),
        why=(
            "batching, not the model: kernels or cascade attention that err in a batch, KV blocks "
            "reused too early, or a KV cache offloaded wrongly"
        ),
        next_command=run_command(case.facts, case.variant, "--concurrency=1"),
        evidence=_flights_told(case),
    )


def _flights_told(case: Case) -> tuple[str, ...]:
    company = accompanied(case.records)
    unclear = sum(record.trial_id not in company for record in case.measured)
    asked, step_s = case.facts.concurrency, coarsest_step_s(case.records) or 0.0
    return (
        *((f"up to {asked} requests in flight were asked for",) if asked else ()),
        f"flights are reckoned from a clock with steps of {step_s:g} s",
        f"{trials_told(unclear)} left out: not known whether alone",
    )


def _cache(case: Case) -> tuple[Suspicion, ...]:
    compared = _by_cache(case)
    if compared is None:
        return ()

    def diagnosis(seen: Comparison) -> Diagnosis:
        return _with_warm_cache(case, seen)

    return (compared.suspicion(diagnosis),)


def _by_cache(case: Case) -> Comparison | None:
    return compare(case, _is_warm)


def _is_warm(record: TrialRecord) -> bool | None:
    return None if record.cached_tokens is None else record.cached_tokens > 0


def _with_warm_cache(case: Case, seen: Comparison) -> Diagnosis:
    unknown = sum(record.cached_tokens is None for record in case.measured)
    restart = (
        ". Restart the server with --no-enable-prefix-caching before asking again"
        if case.facts.endpoint
        else ""
    )
    return Diagnosis(
        pattern=Pattern.MISSES_WITH_WARM_CACHE,
        what=(
            f"Recall is {told(seen.suspect)} where tokens came from the prefix cache and "
            f"{told(seen.other)} in the same cells where none did."
        ),
        why=(
            "prefix caching, not the model: cached blocks are damaged, or of another prompt or "
            f"state (hybrid models, speculative decoding, a KV cache in few bits){restart}"
        ),
        next_command=engine_command(case.facts, case.variant, "--no-enable-prefix-caching"),
        evidence=(f"{trials_told(unknown)} without a count of cached tokens left out",)
        if unknown
        else (),
    )
