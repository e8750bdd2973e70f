"""A real server over HTTP: who is answered, what is sent, and a run shown while it grows."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from recallbench.domain import Outcome
from recallbench.journal import Journal, RunFolder
from support.records import MISS, record, records
from support.served import KEY, Served, served
from support.stored_runs import stored_run

GOOD = "run-b/"
BROKEN = "run-a/"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two runs, the older one damaged, beside a secret and a link to it."""
    (tmp_path / "secret.csv").write_text("secret")
    root = tmp_path / "results"
    root.mkdir()
    stored_run(root / "run-a", {"native": records(lambda *_: Outcome.RECALLED)})
    (root / "run-a" / "run.json").write_text("{")
    path = stored_run(root / "run-b", {"native": records(lambda *_: MISS)})
    (path / "trials.csv").write_text("a,b\n")
    (path / "heatmap.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (path / "server-native.log").write_text("HF_TOKEN=secret")
    (path / "report.html").write_text("<script>secret</script>")
    (path / "link.csv").symlink_to(tmp_path / "secret.csv")
    (path / "folder.csv").mkdir()
    os.mkfifo(path / "pipe.csv")
    return root


@pytest.fixture
def server(root: Path) -> Iterator[Served]:
    with served(root) as running:
        yield running


def test_the_index_names_each_run_and_says_what_is_wrong_with_a_broken_one(
    server: Served,
) -> None:
    got = server.ask()

    assert got.status == 200
    assert got.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'href="./{GOOD}"' in got.text
    assert "run-a" in got.text
    assert "damaged" in got.text


def test_a_run_is_shown_as_its_live_page(server: Served) -> None:
    got = server.ask(GOOD)

    assert got.status == 200
    assert "livePoll" in got.text
    assert 'id="run-data"' in got.text


def test_a_run_as_the_folder_is_shown_at_once(root: Path) -> None:
    with served(root / "run-b") as server:
        got = server.ask()
        file = server.ask("trials.csv")

    assert 'id="run-data"' in got.text
    assert file.text == "a,b\n"


def test_a_broken_run_says_why_and_leaves_the_others(server: Served) -> None:
    got = server.ask(BROKEN)

    assert got.status == 500
    assert "run.json: damaged" in got.text
    assert "Traceback" not in got.text
    assert server.ask(GOOD).status == 200


@pytest.mark.parametrize("content", ['{"schema": 1}', '{"schema": 1, "variants": 3}', "[]"])
def test_a_run_of_another_form_is_no_end_of_the_viewer(
    server: Served, root: Path, content: str
) -> None:
    (root / "run-a" / "run.json").write_text(content)

    got = server.ask(BROKEN)

    assert got.status == 500
    assert "run-a cannot be shown" in got.text
    assert f'href="./{GOOD}"' in server.ask().text


def test_a_folder_without_runs_says_so_until_there_is_one(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        empty = server.ask()
        stored_run(tmp_path / "r", {"native": records(lambda *_: MISS)})
        full = server.ask()

    assert empty.status == 200
    assert "No runs under" in empty.text
    assert 'href="./r/"' in full.text


@pytest.mark.parametrize(
    "path",
    ["/", "", f"/{KEY}", f"/{KEY}x/", f"/{KEY[:-1]}/", f"//{KEY}x/", "http://127.0.0.1/"],
    ids=ascii,
)
def test_without_the_token_nothing_is_found(server: Served, path: str) -> None:
    got = server.ask_raw(path)

    assert (got.status, got.body) == (404, b"not found\n")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.csv",
        "%2e%2e/secret.csv",
        "run-b/../../secret.csv",
        "run-b/%2e%2e%2f%2e%2e%2fsecret.csv",
        "run-b/..%5c..%5csecret.csv",
        "%2fetc/passwd.csv",
        "/etc/hosts.csv",
        "run-b/link.csv",
        "run-b/folder.csv",
        "run-b/pipe.csv",
        "run-b/none.csv",
        "run-b/server-native.log",
        "run-b/report.html",
        "run-b/run.json/",
        "run-b",
        "none/",
        "none/trials.csv",
    ],
)
def test_nothing_but_a_runs_own_harmless_files_is_found(server: Served, path: str) -> None:
    got = server.ask(path)

    assert (got.status, got.body) == (404, b"not found\n")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("trials.csv", "text/csv; charset=utf-8"),
        ("run.json", "application/json"),
        ("trials.jsonl", "text/plain; charset=utf-8"),
        ("heatmap.svg", "image/svg+xml"),
    ],
)
def test_a_file_is_sent_as_it_is_and_shut_in(
    server: Served, root: Path, name: str, kind: str
) -> None:
    got = server.ask(f"{GOOD}{name}")

    assert got.status == 200
    assert got.body == (root / "run-b" / name).read_bytes()
    assert got.headers["Content-Type"] == kind
    assert "sandbox" in got.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["", GOOD, f"{GOOD}trials.csv", "none/"])
def test_every_answer_is_kept_to_this_site_and_out_of_caches(server: Served, path: str) -> None:
    headers = server.ask(path).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Server"] == "recallbench"


@pytest.mark.parametrize("path", ["", GOOD, f"{GOOD}trials.csv", "none/"])
def test_head_is_get_without_the_body(server: Served, path: str) -> None:
    got, head = server.ask(path), server.ask(path, method="HEAD")

    assert head.status == got.status
    assert head.body == b""
    for name in ("Content-Length", "Content-Type", "ETag"):
        assert head.headers[name] == got.headers[name]
    assert int(head.headers["Content-Length"]) == len(got.body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "NONSENSE"])
def test_no_other_method_is_taken(server: Served, method: str) -> None:
    got = server.ask(GOOD, method=method)

    assert (got.status, got.body) == (501, b"refused\n")
    assert got.headers["Connection"] == "close"
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]


def test_what_is_no_http_gets_nothing_of_it_back(server: Served) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(b"GET <b>/x HTTP/9.9.9\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert b"<b>" not in answer
    assert answer.endswith(b"refused\n")


def test_bytes_that_are_no_text_are_no_token(server: Served) -> None:
    request = b"GET /\xff\xe2\x80/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 404 ")


def test_another_sites_name_for_loopback_is_not_answered(server: Served) -> None:
    evil = server.ask(headers={"Host": f"evil.example:{server.port}"})
    forwarded = server.ask(headers={"Host": "localhost:9"})

    assert (evil.status, evil.body) == (404, b"not found\n")
    assert forwarded.status == 200


@pytest.mark.parametrize("path", ["", GOOD, BROKEN])
def test_who_has_the_state_is_told_so_and_gets_no_body(server: Served, path: str) -> None:
    tag = server.ask(path).headers["ETag"]
    again = server.ask(path, headers={"If-None-Match": tag})

    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == tag
    assert "Content-Length" not in again.headers


@pytest.mark.parametrize("path", ["", GOOD])
def test_a_trial_that_is_added_is_shown(server: Served, root: Path, path: str) -> None:
    before = server.ask(path)
    folder = RunFolder(root / "run-b")
    with Journal(folder.journal_path) as journal:
        journal.append(record(repeat=77, outcome=Outcome.RECALLED, variant="native"))
    tag = before.headers["ETag"]
    after = server.ask(path, headers={"If-None-Match": tag})

    assert after.status == 200
    assert after.headers["ETag"] != tag
    assert after.text != before.text


def test_a_line_that_is_being_written_is_left_out(server: Served, root: Path) -> None:
    whole = server.ask(GOOD)
    with RunFolder(root / "run-b").journal_path.open("ab") as journal:
        journal.write(b'{"variant": "nat')
    torn = server.ask(GOOD)

    assert torn.status == 200
    assert torn.headers["ETag"] != whole.headers["ETag"]
    assert _data(torn.text) == _data(whole.text)


def test_a_run_that_has_just_begun_is_shown(server: Served, root: Path) -> None:
    path = root / "run-b" / "trials.jsonl"
    path.write_bytes(b"")
    assert server.ask(GOOD).status == 200

    path.unlink()
    got = server.ask(GOOD)
    assert got.status == 500
    assert "trials.jsonl: cannot be read" in got.text


def test_one_connection_takes_several_requests_and_head_sends_no_body(server: Served) -> None:
    first, second, last = (
        f"{method} /{KEY}/none/ HTTP/1.1\r\nHost: localhost\r\n"
        for method in ("GET", "HEAD", "GET")
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(f"{first}\r\n{second}\r\n{last}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.count(b"HTTP/1.1 404 ") == 3
    assert answer.count(b"not found\n") == 2


def _data(html: str) -> str:
    """The trials in a page."""
    return html.partition('id="run-data">')[2].partition("</script>")[0]
