"""Lengths as vLLM writes them, depths as fractions, and clear words for anything else."""

from __future__ import annotations

import click
import pytest

from recallbench.cli.parameters import Depths, Lengths


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("8000", (8_000,)),
        ("8k", (8_000,)),
        ("8K", (8_192,)),
        ("1m", (1_000_000,)),
        ("1M", (1_048_576,)),
        ("300, 8_000,128k", (300, 8_000, 128_000)),
    ],
)
def test_lengths_read_as_vllm_reads_them(text: str, lengths: tuple[int, ...]) -> None:
    assert Lengths().convert(text, None, None) == lengths


@pytest.mark.parametrize("text", ["", "0", "-1", "8kk", "1.5k", "eight", "8000,", "k"])
def test_anything_else_is_no_length(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no token count; write 8000, 8k"):
        Lengths().convert(text, None, None)


def test_depths_are_fractions() -> None:
    assert Depths().convert("0,.25,1", None, None) == (0.0, 0.25, 1.0)


@pytest.mark.parametrize("text", ["50", "-0.1", "1.01", "nan", "middle", "", "0.5,"])
def test_anything_else_is_no_depth(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"from 0 to 1|0 is first, 1 is last"):
        Depths().convert(text, None, None)
