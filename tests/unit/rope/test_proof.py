"""A proof says proved only for tables that are the ones asked for and long enough."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.rope.cos_sin import TableShape
from recallbench.rope.proof import (
    ProofStatus,
    RopeClaim,
    RopeReading,
    TableError,
    TableReading,
    judge,
    unverified,
    with_twin,
    written,
)

YARN: dict[str, Any] = {
    "rope_type": "yarn",
    "rope_theta": 1e5,
    "factor": 4.0,
    "original_max_position_embeddings": 8192,
}
EQUAL = TableError(largest=0.002, beyond_rounding=0.0, first_row=None)
OTHER = TableError(largest=1.9, beyond_rounding=1.8, first_row=1)


def table(**changes: Any) -> TableReading:
    held: dict[str, Any] = {
        "module": "model.layers.0.self_attn.rotary_emb",
        "rotary_class": "YaRNScalingRotaryEmbedding",
        "base": 1e5,
        "scaling_factor": 4.0,
        "magnitude": 1.1386,
        "rows": 32768,
        "columns": 64,
        "dtype": "bfloat16",
        "sha256": "a" * 64,
        "uses": 30,
    }
    return TableReading(**{**held, **changes})


def reading(
    *tables: TableReading,
    asked: TableError | None = EQUAL,
    plain: TableError | None = OTHER,
    **settings: Any,
) -> RopeReading:
    return RopeReading(
        tables=tables,
        against_asked=(asked,) * len(tables),
        against_plain=(plain,) * len(tables),
        settings={"max_model_len": 32768, **settings},
    )


def test_the_asked_table_of_enough_rows_is_proved() -> None:
    proof = judge(YARN, reading(table()))

    assert proof.status is ProofStatus.PROVED
    assert "32,768 x 64" in proof.reasons[0]


def test_another_table_is_a_mismatch_that_names_what_runs() -> None:
    proof = judge(YARN, reading(table(base=10_000.0), asked=OTHER))

    assert proof.status is ProofStatus.MISMATCH
    assert "asked for yarn x4 over 8,192 tokens, base 100,000" in proof.reasons[0]
    assert "base 10,000, factor 4, magnitude 1.139" in proof.reasons[0]
    assert "from position 1 on" in proof.reasons[0]


def test_a_request_without_effect_is_named_so() -> None:
    proof = judge(YARN, reading(table(rotary_class="RotaryEmbedding"), asked=OTHER, plain=EQUAL))

    assert proof.status is ProofStatus.MISMATCH
    assert "without any scaling" in proof.reasons[0]
    assert "no effect" in proof.reasons[0]


def test_a_table_shorter_than_the_context_is_a_mismatch() -> None:
    proof = judge(YARN, reading(table(rows=32767)))

    assert proof.status is ProofStatus.MISMATCH
    assert "32,767 positions and the engine serves 32,768" in proof.reasons[0]


@pytest.mark.parametrize(("rows", "status"), [(36864, "proved"), (36863, "mismatch")])
def test_longropes_rows_are_counted_behind_its_short_part(rows: int, status: str) -> None:
    asked = {"rope_type": "longrope", "original_max_position_embeddings": 4096}

    assert judge(asked, reading(table(rows=rows))).status == status


def test_one_wrong_table_of_two_is_a_mismatch() -> None:
    both = RopeReading(
        tables=(table(), table(module="other")),
        against_asked=(EQUAL, OTHER),
        against_plain=(OTHER, OTHER),
    )

    assert judge(YARN, both).status is ProofStatus.MISMATCH


def test_workers_that_disagree_are_a_mismatch() -> None:
    assert judge(YARN, reading(table(), workers_agree=False)).status is ProofStatus.MISMATCH


@pytest.mark.parametrize("held", [reading(), reading(table(), asked=None)])
def test_what_cannot_be_compared_is_unverified_with_a_reason(held: RopeReading) -> None:
    proof = judge(YARN, held)

    assert proof.status is ProofStatus.UNVERIFIED
    assert proof.reasons


def claim(**changes: Any) -> RopeClaim:
    shape = TableShape(head_dim=64, max_position_embeddings=8192)
    return RopeClaim(asked={**YARN, **changes}, shape=shape)


def test_equal_tables_for_unlike_requests_are_a_mismatch_of_the_later_one() -> None:
    proof = judge(YARN, reading(table()))

    twin = with_twin(proof, claim(), {"yarn2": (claim(factor=2.0), frozenset({"a" * 64}))})

    assert twin.status is ProofStatus.MISMATCH
    assert "those of variant yarn2" in twin.reasons[-1]


@pytest.mark.parametrize(
    "others",
    [
        {},
        {"same request": (claim(beta_fast=32), frozenset({"a" * 64}))},
        {"other table": (claim(factor=2.0), frozenset({"b" * 64}))},
        {"unread": (claim(factor=2.0), frozenset())},
    ],
)
def test_no_twin_leaves_the_proof_as_it_is(
    others: dict[str, tuple[RopeClaim, frozenset[str]]],
) -> None:
    proof = judge(YARN, reading(table()))

    assert with_twin(proof, claim(), others) is proof


def test_an_unread_engine_has_no_twin() -> None:
    proof = unverified("why")

    assert with_twin(proof, claim(), {"other": (claim(factor=2.0), frozenset())}) is proof


def test_a_claim_without_scaling_keeps_what_is_no_scaling() -> None:
    assert claim(partial_rotary_factor=0.5).plain == {
        "rope_type": "default",
        "rope_theta": 1e5,
        "partial_rotary_factor": 0.5,
    }


def test_a_claim_by_layer_expects_a_table_for_each() -> None:
    layers = {"full_attention": YARN, "sliding_attention": {"rope_theta": 1e4}}
    shape = TableShape(head_dim=64, max_position_embeddings=8192)

    full, sliding = RopeClaim(asked=layers, shape=shape).expected()

    assert (full,) == claim().expected()
    assert sliding != full


def test_parameters_are_written_in_a_few_words() -> None:
    assert written(YARN) == "yarn x4 over 8,192 tokens, base 100,000"
    assert written({}) == "default, base 10,000"
    assert written({"full_attention": YARN, "sliding_attention": {}}) == (
        "full_attention: yarn x4 over 8,192 tokens, base 100,000, "
        "sliding_attention: default, base 10,000"
    )
