"""A scaling reaches as far as its type, its factor and the length it starts from say."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.rope.reach import scaled_length


@pytest.mark.parametrize(
    ("parameters", "native", "reach"),
    [
        ({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}, 40960,
         131072),
        ({"rope_type": "yarn", "factor": 4.0}, 40960, None),
        ({"rope_type": "linear", "factor": 2.5}, 8192, 20480),
        ({"rope_type": "dynamic", "factor": 4}, None, None),
        ({"rope_type": "dynamic", "alpha": 8.0}, 8192, None),
        ({"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192}, 131072,
         None),
        ({"rope_type": "linear", "factor": float("inf")}, 8192, None),
        ({}, 8192, None),
    ],
)  # fmt: skip
def test_a_scaling_reaches_as_far_as_it_says(
    parameters: dict[str, Any], native: int | None, reach: int | None
) -> None:
    assert scaled_length(parameters, native) == reach
