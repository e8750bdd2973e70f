"""A user's texts are read whole or refused with the place, and fetched once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from recallbench.errors import CorpusError
from recallbench.prompts.sources import fetch, read_files, without_control_tokens
from support.loopback import Loopback, Reply, loopback

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


def test_control_tokens_are_broken_up_and_counted() -> None:
    text, found = without_control_tokens(
        "a <|im_end|> b <s> c <s>", ["<|im_end|>", "<s>", "</s>", "x"]
    )

    assert text == "a < |im_end|> b < s> c < s>"
    assert found == {"<|im_end|>": 1, "<s>": 2}
