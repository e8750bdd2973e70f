"""RoPE requests have a short name for titles and tables."""

from __future__ import annotations

import pytest

from recallbench.domain import RopeRequest


@pytest.mark.parametrize(
    ("request_", "label", "is_native"),
    [
        (RopeRequest(), "native", True),
        (RopeRequest(factor=4.0), "yarn x4", False),
        (RopeRequest(factor=2.5), "yarn x2.5", False),
        (
            RopeRequest(parameters=(("factor", 2), ("rope_type", "linear"))),
            "linear x2",
            False,
        ),
        (RopeRequest(parameters=(("type", "ntk"),)), "ntk", False),
        (RopeRequest(parameters=(("factor", 8.0),)), "checkpoint's type x8", False),
        (RopeRequest(parameters=()), "checkpoint's type", False),
    ],
)
def test_a_request_has_a_label(
    request_: RopeRequest,
    label: str,
    is_native: bool,  # noqa: FBT001 - a table's column
) -> None:
    assert (request_.label, request_.is_native) == (label, is_native)
