"""A version is taken by its numbers, and the turning points stand in the order of releases."""

from __future__ import annotations

import pytest

from recallbench.errors import RopeError
from recallbench.rope import versions
from recallbench.rope.versions import release, release_if_any


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("0.26.0", (0, 26, 0)),
        ("0.8.5.post1", (0, 8, 5)),
        ("0.33.0rc1+cpu", (0, 33, 0)),
        ("0.12.0.dev3+g1234567.cu129", (0, 12, 0)),
        ("v0.11.1", (0, 11, 1)),
        ("1.0", (1, 0)),
    ],
)
def test_only_the_numbers_of_a_version_count(version: str, numbers: tuple[int, ...]) -> None:
    assert release(version) == numbers


@pytest.mark.parametrize("version", ["latest", "", "0.26.x", "main"])
def test_a_version_without_numbers_is_refused_by_name(version: str) -> None:
    with pytest.raises(RopeError, match=rf"vLLM version '{version}': expected numbers"):
        release(version)


@pytest.mark.parametrize(
    ("version", "turned"),
    [("0.11.0", False), ("0.11.1", True), ("0.11.2", True), ("0.12", True), ("0.9.2", False)],
)
def test_a_version_is_before_or_after_a_turning_point(version: str, *, turned: bool) -> None:
    assert (release(version) >= versions.FLAGS_GONE) is turned


@pytest.mark.parametrize("version", [None, "", "latest"])
def test_an_unknown_version_is_before_every_one(version: str | None) -> None:
    assert release_if_any(version) < release("0.0.1")
    assert release_if_any("0.26.0+cpu") == (0, 26, 0)


def test_no_turning_point_is_newer_than_the_newest_version() -> None:
    points = [value for value in vars(versions).values() if isinstance(value, tuple)]

    assert len(points) >= 10
    assert max(points) < release(versions.NEWEST)
