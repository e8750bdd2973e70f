"""``recallbench view`` as a process: it prints its address, serves, and ends when it is told to."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recallbench.__main__ import run
from support.records import MISS, records
from support.stored_runs import stored_run

LIMIT_S = 60
ANY = "0.0.0.0"  # noqa: S104 - what is warned of
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/[\w-]{32}/\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "results"
    root.mkdir()
    stored_run(root / "r", {"native": records(lambda *_: MISS)})
    return root


@contextmanager
def viewing(*arguments: str | Path, cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """The program, for as long as the block runs."""
    command = [sys.executable, "-m", "recallbench", "view", *map(str, arguments)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def page(address: str) -> bytes:
    with urllib.request.urlopen(address.strip(), timeout=LIMIT_S) as answer:  # noqa: S310 - http
        content = answer.read()
    assert isinstance(content, bytes)
    return content


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop_and_ends_with_0(
    root: Path, number: signal.Signals
) -> None:
    with viewing(root) as process:
        address = first_line(process)
        assert ADDRESS.fullmatch(address)
        assert b'href="./r/"' in page(address)
        process.send_signal(number)
        out, err = process.communicate(timeout=LIMIT_S)

    assert (process.returncode, out, err) == (0, "", "")


def test_a_signal_right_after_the_address_ends_it_too(root: Path) -> None:
    with viewing(root) as process:
        assert ADDRESS.fullmatch(first_line(process))
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)

        assert process.wait(LIMIT_S) == 0


def test_results_is_the_folder_if_none_is_given(root: Path) -> None:
    with viewing(cwd=root.parent) as process:
        assert b'href="./r/"' in page(first_line(process))


def test_two_viewers_have_two_keys(root: Path) -> None:
    with viewing(root) as one, viewing(root) as other:
        keys = {first_line(each).split("/")[3] for each in (one, other)}

    assert len(keys) == 2


def test_another_interface_is_warned_of_and_loopback_is_not(root: Path) -> None:
    with viewing(root, "--host", ANY) as process:
        assert process.stderr
        warning = process.stderr.readline()
        address = first_line(process)

    assert f"--host {ANY}: " in warning
    assert "nothing is encrypted" in warning
    assert ANY not in address


@pytest.mark.parametrize("name", ["none", "file"])
def test_what_is_no_folder_is_an_error(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    assert run(["view", str(tmp_path / name)]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_a_port_that_is_taken_is_an_error(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with viewing(root) as process:
        port = first_line(process).split(":")[2].split("/")[0]

        assert run(["view", str(root), "--port", port]) == 2

    told = capsys.readouterr().err
    assert f"--port {port}: cannot be listened on: Address already in use" in told


def test_a_host_that_is_not_this_machines_is_an_error(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["view", str(root), "--host", "192.0.2.1"]) == 2
    assert "--host 192.0.2.1" in capsys.readouterr().err


def test_it_opens_a_browser_if_asked(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, browser = tmp_path / "seen", tmp_path / "browser"
    os.mkfifo(seen)
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))

    with viewing(root, "--open") as process:
        assert first_line(process) == seen.read_text()


def test_it_opens_none_if_not(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, browser = tmp_path / "seen", tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\ntouch {seen}\n")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))

    with viewing(root) as process:
        page(first_line(process))

    assert not seen.exists()
