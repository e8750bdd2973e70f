"""A user's texts are read whole or refused with the place, and fetched once."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.errors import CorpusError
from recallbench.prompts.sources import (
    FETCH_LIMITS,
    FetchLimits,
    fetch,
    read_files,
    without_control_tokens,
)
from support.loopback import Loopback, Reply, loopback

LIMIT_S = 60
TEXT = "Call me anything. Some years ago\u2026\n"


def written(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_files_are_joined_in_order_by_a_blank_line(tmp_path: Path) -> None:
    one = written(tmp_path, "1.txt", b"One.")
    two = written(tmp_path, "2.txt", b"\xef\xbb\xbfTwo,\r\nand more.")

    assert read_files([two, one]) == "Two,\nand more.\n\nOne."


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"ab\xffc", "byte 2 is not UTF-8.*iconv"), (b" \n\t", "no text"), (b"", "no text")],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = written(tmp_path, "bad.txt", content)

    with pytest.raises(CorpusError, match=f"bad.txt.*{words}"):
        read_files([path])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.txt: cannot be read: No such file"):
        read_files([str(tmp_path / "none.txt")])


def fetched(server: Loopback, cache: Path, sha256: str | None = None) -> tuple[str, list[str]]:
    said: list[str] = []
    text = fetch(f"{server.base_url}/a.txt", cache, sha256=sha256, say=said.append)
    return text, said


def test_a_text_is_fetched_once_and_its_checksum_told(tmp_path: Path) -> None:
    checksum = hashlib.sha256(TEXT.encode()).hexdigest()
    with loopback(lambda _path, _body: Reply(body=TEXT.encode())) as server:
        first, said = fetched(server, tmp_path)
        again, silence = fetched(server, tmp_path, checksum)

    assert first == again == TEXT
    assert len(server.requests) == 1
    assert any(checksum in line for line in said)
    assert silence == []


def test_a_text_with_another_checksum_is_refused_and_not_kept(tmp_path: Path) -> None:
    with loopback(lambda _path, _body: Reply(body=TEXT.encode())) as server:
        with pytest.raises(CorpusError, match=r"sha256 is [0-9a-f]{64}, the suite wants 0{64}"):
            fetched(server, tmp_path, "0" * 64)
        assert fetched(server, tmp_path)[0] == TEXT

    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "words"),
    [(Reply(status=404, body={}), "Not Found"), (Reply(hang_up=True), "cannot be fetched")],
)
def test_a_server_that_does_not_give_it_is_told_of(
    tmp_path: Path, reply: Reply, words: str
) -> None:
    with (
        loopback(lambda _path, _body: reply) as server,
        pytest.raises(CorpusError, match=f"{words}.*files:"),
    ):
        fetched(server, tmp_path)
    assert not list(tmp_path.rglob("*.txt"))


def test_where_there_is_no_network_the_way_out_is_told(tmp_path: Path) -> None:
    with loopback(lambda _path, _body: Reply()) as server:
        pass

    with pytest.raises(CorpusError, match=r"cannot be fetched: .*refused.*save the text"):
        fetched(server, tmp_path)


@contextmanager
def connections(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server of one connection, byte by byte as a test wants it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: serve(server.accept()[0]))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/a.txt"
        finally:
            thread.join()


def refusal(cache: Path, url: str, limits: FetchLimits = FETCH_LIMITS) -> str:
    with pytest.raises(CorpusError) as caught:
        fetch(url, cache, sha256=None, say=lambda _: None, limits=limits)
    assert not [path for path in cache.rglob("*") if path.is_file()]
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "broke after 4 of 10 bytes"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
            "cannot be fetched: IncompleteRead",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", "cannot be fetched"),
        (b"GOPHER\r\n\r\n", "cannot be fetched: GOPHER"),
        (b"", "cannot be fetched: Remote end closed"),
    ],
)
def test_what_is_not_whole_is_refused_and_not_kept(
    tmp_path: Path, answer: bytes, words: str
) -> None:
    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(4096)
            connection.sendall(answer)

    with connections(serve) as url:
        assert words in refusal(tmp_path, url)


def test_a_server_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    given_up = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            given_up.wait(LIMIT_S)

    with connections(serve) as url:
        told = refusal(tmp_path, url, FetchLimits(silence_s=0.01))
        given_up.set()

    assert "cannot be fetched: timed out" in told


def test_a_server_that_drips_is_given_up_after_the_whole_time(tmp_path: Path) -> None:
    given_up = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nd")
            given_up.wait(LIMIT_S)

    with connections(serve) as url:
        told = refusal(tmp_path, url, FetchLimits(whole_s=0.0))
        given_up.set()

    assert "not whole after 0 s" in told


def test_a_text_that_is_too_large_is_given_up(tmp_path: Path) -> None:
    with loopback(lambda _path, _body: Reply(body=b"x" * 1000)) as server:
        told = refusal(tmp_path, f"{server.base_url}/a.txt", FetchLimits(most_bytes=999))

    assert "larger than 999 bytes" in told


@pytest.mark.parametrize("url", ["http://host name/x", "http://[::1/x", "http://127.0.0.1:x/"])
def test_an_address_that_is_none_is_told_of(tmp_path: Path, url: str) -> None:
    assert refusal(tmp_path, url).startswith(f"haystack {url}: cannot be fetched: ")


def test_what_was_kept_and_has_another_checksum_is_told_of_with_the_way_out(
    tmp_path: Path,
) -> None:
    with loopback(lambda _path, _body: Reply(body=TEXT.encode())) as server:
        fetched(server, tmp_path)

        with pytest.raises(CorpusError, match=r"from the cache; remove .*haystacks.*: sha256 is"):
            fetched(server, tmp_path, "0" * 64)


def test_a_text_that_is_no_utf8_is_told_of_with_its_place(tmp_path: Path) -> None:
    with (
        loopback(lambda _path, _body: Reply(body=b"caf\xe9")) as server,
        pytest.raises(CorpusError, match=r"a\.txt: byte 3 is not UTF-8"),
    ):
        fetched(server, tmp_path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read: Is a directory"):
        read_files([str(tmp_path)])


@given(st.lists(st.sampled_from(["<|end|>", "<s>", "<", "|end|>", "s>", " ", "a"]), max_size=30))
def test_no_control_token_is_left_however_they_are_put_together(parts: list[str]) -> None:
    text = "".join(parts)
    broken, found = without_control_tokens(text, ["<|end|>", "<s>"])

    assert "<|end|>" not in broken
    assert "<s>" not in broken
    assert broken.replace(" ", "") == text.replace(" ", "")
    assert sum(found.values()) == text.count("<|end|>") + text.count("<s>")


def test_control_tokens_are_broken_up_and_counted() -> None:
    text, found = without_control_tokens(
        "a <|im_end|> b <s> c <s>", ["<|im_end|>", "<s>", "</s>", "x"]
    )

    assert text == "a < |im_end|> b < s> c < s>"
    assert found == {"<|im_end|>": 1, "<s>": 2}
