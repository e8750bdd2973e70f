"""Expected tables have the parts that an engine's have."""

from __future__ import annotations

import math
from typing import Any

import pytest

from recallbench.errors import RopeError
from recallbench.rope.cos_sin import (
    TableShape,
    expected_table,
    is_by_layer,
    is_same_table,
    rotary_dim,
)

SHAPE = TableShape(head_dim=8, max_position_embeddings=131072)
LONGROPE: dict[str, Any] = {
    "rope_type": "longrope",
    "rope_theta": 1e4,
    "short_factor": [1.0, 1.0, 1.0, 1.0],
    "long_factor": [1.0, 2.0, 4.0, 8.0],
    "original_max_position_embeddings": 4096,
}


def test_a_plain_table_has_one_part_to_its_end() -> None:
    parts = expected_table({"rope_type": "default", "rope_theta": 1e4}, SHAPE)

    assert parts is not None
    assert [part.rows for part in parts] == [None]
    assert parts[0].rotation.inv_freq == pytest.approx((1.0, 0.1, 0.01, 0.001))


def test_longrope_has_a_short_and_a_long_part_and_one_magnitude() -> None:
    parts = expected_table(LONGROPE, SHAPE)

    assert parts is not None
    assert [part.rows for part in parts] == [4096, None]
    assert parts[0].rotation.inv_freq == pytest.approx((1.0, 0.1, 0.01, 0.001))
    assert parts[1].rotation.inv_freq == pytest.approx((1.0, 0.05, 0.0025, 0.000125))
    magnitude = math.sqrt(1 + math.log(32) / math.log(4096))
    assert [part.rotation.magnitude for part in parts] == pytest.approx([magnitude, magnitude])


def test_longrope_takes_magnitudes_that_are_given() -> None:
    parts = expected_table({**LONGROPE, "short_mscale": 1.1, "long_mscale": 1.2}, SHAPE)

    assert parts is not None
    assert [part.rotation.magnitude for part in parts] == [1.1, 1.2]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"long_factor": [1.0]}, "long_factor has 1 numbers; longrope needs 4"),
        ({"short_factor": [1.0] * 5}, "short_factor has 5"),
    ],
)
def test_factors_of_another_number_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(RopeError, match=told):
        expected_table({**LONGROPE, **changes}, SHAPE)


def test_longrope_without_its_factors_is_refused() -> None:
    with pytest.raises(RopeError, match="long_factor"):
        expected_table({k: v for k, v in LONGROPE.items() if k != "long_factor"}, SHAPE)


@pytest.mark.parametrize(
    ("parameters", "width"),
    [({}, 128), ({"partial_rotary_factor": 0.25}, 32), ({"rope_dim": 64}, 64)],
)
def test_the_rotated_width_is_the_parameters_own(parameters: dict[str, Any], width: int) -> None:
    assert rotary_dim(parameters, 128) == width


def test_dynamic_is_stretched_by_the_length_over_the_trained_one() -> None:
    dynamic = {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 4.0}
    trained = expected_table({**dynamic, "max_trained_positions": 32768}, SHAPE)

    assert trained == expected_table(dynamic, SHAPE)
    assert trained != expected_table({**dynamic, "max_trained_positions": 131072}, SHAPE)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"long_mscale": 1.1 * (1 + 1e-12)}, True),
        ({"long_mscale": 1.2}, False),
        ({"long_factor": [1.0, 2.0, 4.0, 8.1]}, False),
        ({"original_max_position_embeddings": 2048}, False),
        (
            {"short_factor": [1.0] * 2, "long_factor": [1.0, 2.0], "partial_rotary_factor": 0.5},
            False,
        ),
        ({"rope_type": "default"}, False),
    ],
    ids=str,
)
def test_tables_are_the_same_but_for_rounding(changes: dict[str, Any], *, same: bool) -> None:
    held = {**LONGROPE, "short_mscale": 1.1, "long_mscale": 1.1}
    one, other = expected_table(held, SHAPE), expected_table({**held, **changes}, SHAPE)

    assert one is not None
    assert other is not None
    assert is_same_table(one, other) is is_same_table(other, one) is same


@pytest.mark.parametrize(
    "changes",
    [
        {"short_factor": 1.0},
        {"long_factor": ["1", None, 2, 3]},
        {"original_max_position_embeddings": 0},
        {"original_max_position_embeddings": 1},
        {"original_max_position_embeddings": "long"},
        {"partial_rotary_factor": "half"},
        {"rope_dim": "all"},
    ],
    ids=str,
)
def test_values_that_nothing_follows_from_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RopeError, match=r"^rope: "):
        expected_table({**LONGROPE, **changes}, SHAPE)


def test_parameters_by_layer_are_known() -> None:
    assert is_by_layer({"full_attention": {"rope_type": "default"}})
    assert not is_by_layer({"rope_type": "default"})
