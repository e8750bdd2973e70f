"""Which of the servers that are started take up one request after another."""

from __future__ import annotations

import pytest

from recallbench.engines.opened import _is_in_order


@pytest.mark.parametrize(
    "engine_args",
    [
        (),
        ("--enforce-eager",),
        ("--tensor-parallel-size", "8"),
        ("--max-num-batched-tokens=8192", "--async-scheduling"),
    ],
    ids=str,
)
def test_one_engine_keeps_the_order(engine_args: tuple[str, ...]) -> None:
    assert _is_in_order(engine_args)


@pytest.mark.parametrize(
    "engine_args",
    [
        ("--data-parallel-size", "2"),
        ("--data-parallel-size=2",),
        ("--data_parallel_size", "2"),
        ("--enforce-eager", "-dp", "2"),
        ("-dp=2",),
        ("--scheduling-policy", "priority"),
        ("--scheduling_policy=priority",),
        ("--long-prefill-token-threshold", "2048"),
        ("--max-num-partial-prefills=2",),
    ],
    ids=str,
)
def test_several_engines_another_policy_or_prompts_in_pieces_do_not(
    engine_args: tuple[str, ...],
) -> None:
    assert not _is_in_order(engine_args)
