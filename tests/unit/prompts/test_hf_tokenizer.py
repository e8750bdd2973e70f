"""The port on real tokenizers: BOS where they put it, templates as they render them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recallbench.errors import CheckpointError, PromptError
from recallbench.prompts.chat_template import BARE_FRAME
from recallbench.prompts.hf_tokenizer import load_tokenizer
from support import chat_templates
from support.kits import TOKENIZERS, tokenizer_of
from support.tokenizer_zoo import CHATS, ZOO, tokenizer, transformers_tokenizer, with_template

TEXTS = ("Hello, the miller.\n\nJuly 1234", "  two spaces", "\U0001f389 \u6cb3e\u0301", "a", "")


@pytest.mark.parametrize("name", TOKENIZERS)
@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_transformers_without_special_ones(name: str, text: str) -> None:
    of = tokenizer_of(name)

    encoding = of.encode(text)

    assert encoding.ids.tolist() == of._loaded(text, add_special_tokens=False).input_ids
    assert len(encoding.ids) == len(encoding.starts) == len(encoding.ends)
    assert list(encoding.ends) == sorted(encoding.ends)


@pytest.mark.parametrize(
    ("name", "bos"),
    [("llama3-base", "<|endoftext|>"), ("llama2-base", "<s>"), ("characters-base", None)],
)
def test_a_base_model_gets_its_bos_at_the_start_and_no_eos(name: str, bos: str | None) -> None:
    of = tokenizer(name)
    ids = of.encode("The river.").ids.tolist()
    before = [of._loaded.convert_tokens_to_ids(bos)] if bos else []

    assert of.encode("The river.", at_start=True).ids.tolist() == before + ids
    assert of.encode("", at_start=True).ids.tolist() == before


@pytest.mark.parametrize("name", CHATS)
def test_a_chat_template_writes_its_bos_itself(name: str) -> None:
    of = tokenizer(name)

    assert of.encode("The river.", at_start=True) == of.encode("The river.")
    assert of.frame(thinking=False).head.startswith(of._loaded.bos_token or "<|im_start|>")


@pytest.mark.parametrize("name", ZOO)
def test_special_tokens_are_left_out_of_decoded_text(name: str) -> None:
    of = tokenizer(name)
    text = "The pass key is 1234."
    special = of.special_tokens[0]

    assert of.decode(of.encode(f"{text}{special}").ids) == text


@pytest.mark.parametrize(
    ("name", "thinking", "head", "tail", "switch"),
    [
        (
            "gpt2-chat",
            False,
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n",
            "<|im_end|>\n<|im_start|>assistant\n",
            False,
        ),
        (
            "qwen2-thinking",
            False,
            "<|im_start|>user\n",
            "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
            True,
        ),
        (
            "qwen2-thinking",
            True,
            "<|im_start|>user\n",
            "<|im_end|>\n<|im_start|>assistant\n",
            True,
        ),
        ("llama2-chat", False, "<s>[INST] ", " [/INST]", False),
        (
            "unigram-chat",
            True,
            "<bos><start_of_turn>user\n",
            "<end_of_turn>\n<start_of_turn>model\n",
            False,
        ),
    ],
)
def test_a_template_is_split_around_the_message(
    name: str,
    thinking: bool,  # noqa: FBT001 - a table's column
    head: str,
    tail: str,
    switch: bool,  # noqa: FBT001 - a table's column
) -> None:
    frame = tokenizer(name).frame(thinking=thinking)

    assert (frame.head, frame.tail, frame.thinking_switch) == (head, tail, switch)


def test_a_base_model_has_no_frame() -> None:
    assert not tokenizer("llama3-base").has_chat_template
    assert tokenizer("llama3-base").frame(thinking=False) == BARE_FRAME


@pytest.mark.parametrize("template", ["SHOUTING", "ECHOING", "ONE_LINE", "MUTE", "PARTS"])
def test_a_template_that_does_not_keep_the_message_is_refused(template: str) -> None:
    of = with_template("gpt2-chat", getattr(chat_templates, template))

    with pytest.raises(PromptError, match="unchanged into the prompt exactly once"):
        of.frame(thinking=False)


@pytest.mark.parametrize(
    ("template", "words"),
    [("REFUSING", "Only conversations of three"), ("ADDING", "concatenate|can only"), ("TORN", "")],
)
def test_a_template_that_fails_is_told_of_by_name(template: str, words: str) -> None:
    of = with_template("gpt2-chat", getattr(chat_templates, template))

    with pytest.raises(
        PromptError, match=f"^chat template of gpt2-chat.* one user message: .*{words}"
    ):
        of.frame(thinking=False)


def test_the_fingerprint_tells_tokenizers_and_templates_apart() -> None:
    kinds = [tokenizer(name) for name in ("gpt2-chat", "qwen2-thinking", "llama2-chat")]
    twins = [with_template("gpt2-chat", chat_templates.CHATML) for _ in range(2)]

    assert len({of.fingerprint for of in (*kinds, *twins)}) == 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    transformers_tokenizer("gpt2-chat").save_pretrained(tmp_path)
    return tmp_path


def changed(folder: Path, **changes: Any) -> None:
    path = folder / "tokenizer.json"
    content = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_saved_tokenizer_is_loaded_as_it_was(folder: Path) -> None:
    loaded = load_tokenizer(str(folder))

    assert loaded.source == str(folder)
    assert loaded.fingerprint == tokenizer("gpt2-chat").fingerprint


def test_truncation_and_padding_kept_in_a_file_are_not_obeyed(folder: Path) -> None:
    end = {"direction": "Right", "stride": 0, "strategy": "LongestFirst"}
    pad = {"direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": "<|im_end|>"}
    changed(
        folder,
        truncation={**end, "max_length": 8},
        padding={**pad, "strategy": {"Fixed": 16}, "pad_to_multiple_of": None},
    )
    loaded = load_tokenizer(str(folder))

    assert loaded.encode("a").ids == tokenizer("gpt2-chat").encode("a").ids
    assert len(loaded.encode("a river " * 50).ids) > 50


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', "\x00"])
def test_a_damaged_file_is_told_of_with_its_folder(folder: Path, content: str) -> None:
    (folder / "tokenizer.json").write_text(content, encoding="utf-8")

    with pytest.raises(CheckpointError, match=f"tokenizer {folder}: no tokenizer .* this folder: "):
        load_tokenizer(str(folder))


def test_a_file_of_a_newer_library_is_told_of_with_its_folder(folder: Path) -> None:
    changed(folder, pre_tokenizer={"type": "FromTheFuture"})

    with pytest.raises(CheckpointError, match=f"tokenizer {folder}: .* did not match any variant"):
        load_tokenizer(str(folder))


def test_a_folder_without_a_tokenizer_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"Name a folder that holds tokenizer\.json"):
        load_tokenizer(str(tmp_path))


def test_a_model_that_is_nowhere_is_told_of() -> None:
    with pytest.raises(CheckpointError, match=r"no/such-model: .* this hub id or folder: "):
        load_tokenizer("no/such-model")
