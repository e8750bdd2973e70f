"""Loopback is told apart, and a request under another site's name is noticed."""

from __future__ import annotations

import pytest

from recallbench.viewer.hosts import is_loopback, is_meant_here, written_origin


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_is_known_by_name_and_address(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "::", "10.0.0.1", "example.org", "localhost.evil", ""]
)
def test_all_else_is_reached_by_others(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "header", ["127.0.0.1:8000", "localhost", "localhost:9999", "[::1]:80", "127.0.0.1"]
)
def test_on_loopback_a_request_to_loopback_is_answered_whatever_its_port(header: str) -> None:
    assert is_meant_here(header, bound_to="127.0.0.1")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "evil.example#localhost",
        "localhost:80:evil",
        "[::1].evil",
        "10.0.0.1",
    ],
)
def test_on_loopback_a_request_under_another_name_is_not(header: str | None) -> None:
    assert not is_meant_here(header, bound_to="127.0.0.1")


def test_elsewhere_any_name_may_be_the_machines() -> None:
    assert is_meant_here("gpu-7.example:8000", bound_to="192.0.2.1")


@pytest.mark.parametrize(
    ("host", "origin"), [("127.0.0.1", "http://127.0.0.1:81"), ("::1", "http://[::1]:81")]
)
def test_an_origin_has_brackets_where_they_are_needed(host: str, origin: str) -> None:
    assert written_origin(host, 81) == origin
