"""Whether the RoPE that an engine runs is the one that was asked for. Pure.

The engine's tables are held against tables recomputed from the request (``frequencies``,
``cos_sin``), so an ignored key, a lost theta and a scaling type that does nothing all come out as
what they are: another table. What cannot be held against anything is unverified, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from recallbench.rope.cos_sin import TablePart, TableShape, expected_table, is_by_layer
from recallbench.rope.frequencies import base_of

_SHOWN_ERROR = 0.05


class ProofStatus(StrEnum):
    """How far the RoPE in effect is known."""

    PROVED = "proved"
    """Every table is the one asked for, and long enough."""
    MISMATCH = "mismatch"
    """The engine runs something else."""
    UNVERIFIED = "unverified"
    """It cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReading:
    """One rotary table of the engine, as its worker read it."""

    module: str
    """First module that uses it."""
    rotary_class: str
    """vLLM's class."""
    base: float | None
    """The class's own base."""
    scaling_factor: float | None
    """The class's own factor, where it has one."""
    magnitude: float | None
    """Factor on cos and sin, where the class has one."""
    rows: int
    """Positions it has."""
    columns: int
    """Rotated dimensions."""
    dtype: str
    """Its number type."""
    sha256: str
    """Of its bytes."""
    uses: int
    """Modules that use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableError:
    """How far a table is from an expected one."""

    largest: float
    """Largest difference of any value."""
    beyond_rounding: float
    """The part of a difference that the engine's arithmetic does not explain; 0 is equal."""
    first_row: int | None
    """First position that differs; None is none."""

    @property
    def is_equal(self) -> bool:
        """Whether the table is the expected one."""
        return self.first_row is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RopeReading:
    """What was read inside an engine."""

    tables: tuple[TableReading, ...]
    """Its distinct rotary tables."""
    against_asked: tuple[TableError | None, ...]
    """Each table against the one asked for; None where there is no formula."""
    against_plain: tuple[TableError | None, ...]
    """Each table against that of RoPE without scaling, at the checkpoint's own theta."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """``max_model_len``, effective ``rope_parameters``, number types, attention backends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RopeProof:
    """The verdict on one engine's RoPE."""

    status: ProofStatus
    """How far it is known."""
    reasons: tuple[str, ...]
    """Why it is a mismatch or unverified, or what was held against what."""
    reading: RopeReading | None = None
    """What it rests on; None where nothing could be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RopeClaim:
    """What an engine's tables are held against."""

    asked: Mapping[str, Any]
    """Whole RoPE parameters that were asked for."""
    shape: TableShape
    """What the table follows from besides them."""

    @property
    def plain(self) -> dict[str, Any]:
        """The same RoPE without any scaling."""
        kept = ("rope_theta", "partial_rotary_factor", "rope_dim")
        return {
            "rope_type": "default",
            **{key: self.asked[key] for key in kept if key in self.asked},
        }

    def expected(self) -> tuple[tuple[TablePart, ...] | None, ...]:
        """The tables that are asked for, one for each type of layer; None has no formula here."""
        sets = [self.asked]
        if is_by_layer(self.asked):
            sets = [held for held in self.asked.values() if isinstance(held, Mapping)]
        return tuple(expected_table(parameters, self.shape) for parameters in sets)


def unverified(reason: str, reading: RopeReading | None = None) -> RopeProof:
    """A proof that could not be made."""
    return RopeProof(status=ProofStatus.UNVERIFIED, reasons=(reason,), reading=reading)


def with_twin(
    proof: RopeProof, claim: RopeClaim, others: Mapping[str, tuple[RopeClaim, frozenset[str]]]
) -> RopeProof:
    """A proof that also knows the variants before it: unlike requests must have unlike tables.

    Args:
        proof: of this engine.
        claim: what was asked of it.
        others: by variant, what was asked and the hashes of the tables it ran with.
    """
    own = table_hashes(proof)
    twins = [name for name, (_, hashes) in others.items() if own and own == hashes]
    unlike = [name for name in twins if others[name][0].expected() != claim.expected()]
    if not unlike:
        return proof
    reason = (
        f"its rotary tables are those of variant {unlike[0]}, though "
        f"{written(claim.asked)} was asked for here and {written(others[unlike[0]][0].asked)} there"
    )
    reasons = proof.reasons if proof.status is ProofStatus.MISMATCH else ()
    return RopeProof(status=ProofStatus.MISMATCH, reasons=(*reasons, reason), reading=proof.reading)


def table_hashes(proof: RopeProof) -> frozenset[str]:
    """What the engine's tables are, as far as they could be read."""
    return (
        frozenset(table.sha256 for table in proof.reading.tables) if proof.reading else frozenset()
    )


def judge(asked: Mapping[str, Any], reading: RopeReading) -> RopeProof:
    """Hold a reading against the RoPE parameters that were asked for."""
    if not reading.tables:
        return unverified("the engine has no rotary table that could be read", reading)
    problems = [*_wrong_tables(asked, reading), *_short_tables(asked, reading)]
    if reading.settings.get("workers_agree") is False:
        problems.append("the engine's workers have different rotary tables")
    if not problems and reading.settings.get("all_asked_run") is False:
        problems.append(f"asked for {written(asked)}; a type of layer runs with another's table")
    if problems:
        return RopeProof(status=ProofStatus.MISMATCH, reasons=tuple(problems), reading=reading)
    unknown = [t for t, e in zip(reading.tables, reading.against_asked, strict=True) if e is None]
    if unknown:
        kind = asked.get("rope_type", "default")
        return unverified(
            f"no formula to recompute {unknown[0].rotary_class} ({kind}) with", reading
        )
    return RopeProof(
        status=ProofStatus.PROVED, reasons=tuple(map(_equal, reading.tables)), reading=reading
    )


def _equal(table: TableReading) -> str:
    return (
        f"{table.rotary_class}: all {table.rows:,} x {table.columns} values of cos and sin are the "
        f"recomputed ones, within {table.dtype}"
    )


def _wrong_tables(asked: Mapping[str, Any], reading: RopeReading) -> list[str]:
    against = zip(reading.tables, reading.against_asked, reading.against_plain, strict=True)
    return [
        f"asked for {written(asked)}; {_in_effect(table, plain)}. {_difference(error)}"
        for table, error, plain in against
        if error is not None and not error.is_equal
    ]


def _in_effect(table: TableReading, against_plain: TableError | None) -> str:
    if against_plain is not None and against_plain.is_equal:
        return (
            f"the engine runs RoPE without any scaling (base {table.base or 0:,.0f}): the request "
            "had no effect"
        )
    parts = [f"base {table.base:,.0f}" if table.base is not None else ""]
    parts.append(f"factor {table.scaling_factor:g}" if table.scaling_factor is not None else "")
    parts.append(f"magnitude {table.magnitude:.4g}" if table.magnitude is not None else "")
    return f"the engine runs {table.rotary_class} with {', '.join(filter(None, parts))}"


def _difference(error: TableError) -> str:
    share = "much" if error.largest > _SHOWN_ERROR else "little"
    return (
        f"Its table differs from the recomputed one from position {error.first_row:,} on, by up to "
        f"{error.largest:.3g} ({share} for values between -1 and 1)"
    )


def _short_tables(asked: Mapping[str, Any], reading: RopeReading) -> list[str]:
    served = reading.settings.get("max_model_len")
    if not isinstance(served, int):
        return []
    return [
        f"the table of {table.rotary_class} has {positions(table, asked):,} positions and the "
        f"engine serves {served:,} tokens: behind the table it reads foreign memory"
        for table in reading.tables
        if positions(table, asked) < served
    ]


def positions(table: TableReading, asked: Mapping[str, Any]) -> int:
    """Positions of one prompt that a table holds; LongRoPE's long part stands behind the short."""
    if asked.get("rope_type") != "longrope":
        return table.rows
    original = int(asked.get("original_max_position_embeddings", 0))
    return max(table.rows - original, original)


def written(parameters: Mapping[str, Any]) -> str:
    """RoPE parameters in a few words, such as ``yarn x4 over 32,768 tokens, base 1,000,000``."""
    if is_by_layer(parameters):
        layers = {k: held for k, held in parameters.items() if isinstance(held, Mapping)}
        return ", ".join(f"{name}: {written(held)}" for name, held in layers.items())
    kind, factor = parameters.get("rope_type", "default"), parameters.get("factor")
    original = parameters.get("original_max_position_embeddings")
    scale = f" x{factor:g}" if isinstance(factor, int | float) else ""
    over = f" over {original:,} tokens" if isinstance(original, int) else ""
    return f"{kind}{scale}{over}, base {base_of(parameters):,.0f}"
