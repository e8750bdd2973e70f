"""An engine's tables are read over HTTP; whatever answers, there is a proof and no exception."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from recallbench.engines.openai_client import OpenAIClient
from recallbench.engines.rope_reading import prove_rope
from recallbench.rope.cos_sin import TableShape, expected_table
from recallbench.rope.proof import ProofStatus, RopeClaim, RopeProof
from support.loopback import Answer, Reply, loopback

SHAPE = TableShape(head_dim=8, max_position_embeddings=32768)
YARN: dict[str, Any] = {
    "rope_type": "yarn",
    "rope_theta": 1e6,
    "factor": 4.0,
    "original_max_position_embeddings": 8192,
}
PLAIN: dict[str, Any] = {"rope_type": "default", "rope_theta": 1e6}
LOCAL: dict[str, Any] = {"rope_type": "default", "rope_theta": 1e4}
LAYERS: dict[str, Any] = {"full_attention": YARN, "sliding_attention": LOCAL}
TABLE: dict[str, Any] = {
    "module": "model.layers.0.self_attn.rotary_emb",
    "buffer": "cos_sin_cache",
    "uses": 2,
    "rotary_class": "YaRNScalingRotaryEmbedding",
    "base": 1e6,
    "scaling_factor": 4.0,
    "magnitude": 1.1386,
    "rows": 32768,
    "columns": 8,
    "dtype": "bfloat16",
    "sha256": "a" * 64,
}
SETTINGS = {"max_model_len": 32768, "dtype": "bfloat16", "attention_backends": ["FLASH_ATTN"]}
EQUAL = {"rows": 32768, "largest": 0.002, "beyond_rounding": -0.001, "first_row": None}
OTHER = {"rows": 32768, "largest": 1.9, "beyond_rounding": 1.8, "first_row": 1}


def read(*tables: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """One worker's account of its tables."""
    return {"tables": list(tables), **SETTINGS, **settings}


def worker(*runs: dict[str, Any], **changes: Any) -> Answer:
    """A worker whose n-th table is that of the n-th parameters, held against what is sent."""
    own = [_sent(parameters) for parameters in runs]

    def answer(path: str, body: dict[str, Any]) -> Reply:
        assert path == "/collective_rpc"
        if body["method"] == "recallbench_rope":
            tables = [{**TABLE, "sha256": str(n)} for n in range(len(own))]
            return Reply(body={"results": [read(*tables, **changes)]})
        place, parts = body["args"]
        return Reply(body={"results": [EQUAL if parts == own[place] else OTHER]})

    return answer


def _sent(parameters: dict[str, Any]) -> list[dict[str, Any]]:
    parts = expected_table(parameters, SHAPE)
    assert parts is not None
    return [
        {
            "inv_freq": list(part.rotation.inv_freq),
            "magnitude": part.rotation.magnitude,
            "rows": part.rows,
        }
        for part in parts
    ]


def prove(answer: Answer, asked: dict[str, Any] = YARN) -> RopeProof:
    async def proved(base_url: str) -> RopeProof:
        client = OpenAIClient(base_url, api_key=None, timeout_s=30)
        try:
            return await prove_rope(client, RopeClaim(asked=asked, shape=SHAPE))
        finally:
            await client.aclose()

    with loopback(answer) as server:
        return asyncio.run(proved(server.base_url))


def telling(results: Any) -> Answer:
    """A server that gives these results to the reading, and equal tables to any comparison."""

    def answer(_: str, body: dict[str, Any]) -> Reply:
        is_reading = body["method"] == "recallbench_rope"
        return Reply(body={"results": results if is_reading else [EQUAL]})

    return answer


def test_the_asked_table_is_proved_with_all_that_was_read() -> None:
    proof = prove(worker(YARN))

    assert proof.status is ProofStatus.PROVED
    assert proof.reading is not None
    assert [table.rows for table in proof.reading.tables] == [32768]
    assert proof.reading.settings == {
        **SETTINGS,
        "workers": 1,
        "workers_agree": True,
        "all_asked_run": True,
    }
    (asked,), (plain,) = proof.reading.against_asked, proof.reading.against_plain
    assert asked is not None
    assert plain is not None
    assert (asked.is_equal, plain.is_equal) == (True, False)


def test_longrope_is_sent_in_two_parts() -> None:
    longrope: dict[str, Any] = {
        "rope_type": "longrope",
        "rope_theta": 1e6,
        "short_factor": [1.0] * 4,
        "long_factor": [1.0, 2.0, 4.0, 8.0],
        "original_max_position_embeddings": 4096,
    }

    assert prove(worker(longrope, max_model_len=28672), longrope).status is ProofStatus.PROVED


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (PLAIN, "without any scaling"),
        ({**YARN, "rope_theta": 1e4}, "asked for yarn x4 over 8,192 tokens, base 1,000,000"),
    ],
)
def test_another_table_is_a_mismatch(runs: dict[str, Any], words: str) -> None:
    proof = prove(worker(runs))

    assert proof.status is ProofStatus.MISMATCH
    assert words in proof.reasons[0]


def test_a_table_shorter_than_the_served_length_is_a_mismatch() -> None:
    proof = prove(worker(YARN, max_model_len=32769))

    assert proof.status is ProofStatus.MISMATCH
    assert "32,768 positions and the engine serves 32,769" in proof.reasons[0]


@pytest.mark.parametrize(("second", "status"), [("a", "proved"), ("b", "mismatch")])
def test_every_worker_has_to_have_the_first_ones_tables(second: str, status: str) -> None:
    proof = prove(telling([read(TABLE), read({**TABLE, "sha256": second * 64})]))

    assert proof.status == status
    assert proof.reading is not None
    assert proof.reading.settings["workers"] == 2
    assert proof.reading.settings["workers_agree"] is (status == "proved")


def test_parameters_by_layer_are_held_against_a_table_each() -> None:
    proof = prove(worker(LOCAL, YARN), LAYERS)

    assert proof.status is ProofStatus.PROVED
    assert len(proof.reasons) == 2


def test_a_table_that_is_of_no_type_of_layer_is_a_mismatch() -> None:
    assert prove(worker(LOCAL, PLAIN), LAYERS).status is ProofStatus.MISMATCH


@pytest.mark.parametrize("runs", [(LOCAL,), (YARN,), (LOCAL, LOCAL)])
def test_a_type_of_layer_that_runs_with_anothers_table_is_a_mismatch(
    runs: tuple[dict[str, Any], ...],
) -> None:
    proof = prove(worker(*runs), LAYERS)

    assert proof.status is ProofStatus.MISMATCH
    assert "a type of layer runs with another's table" in proof.reasons[0]


def test_a_type_without_a_formula_is_unverified_and_its_table_is_kept() -> None:
    proof = prove(telling([read(TABLE)]), {**YARN, "rope_type": "fourier"})

    assert proof.status is ProofStatus.UNVERIFIED
    assert "no formula" in proof.reasons[0]
    assert proof.reading is not None
    assert proof.reading.against_asked == (None,)


def test_a_type_of_layer_without_a_formula_leaves_only_its_own_table_unverified() -> None:
    layers = {"full_attention": {"rope_type": "fourier"}, "sliding_attention": LOCAL}

    proof = prove(worker(LOCAL, YARN), layers)

    assert proof.status is ProofStatus.UNVERIFIED
    assert proof.reading is not None
    assert [error is None for error in proof.reading.against_asked] == [False, True]


def test_what_a_newer_probe_says_besides_is_kept_or_passed_over() -> None:
    proof = prove(telling([read({**TABLE, "turns": 7}, backend_version=[1, 2])]))

    assert proof.status is ProofStatus.PROVED
    assert proof.reading is not None
    assert proof.reading.settings["backend_version"] == [1, 2]


def test_no_table_at_all_is_unverified() -> None:
    proof = prove(telling([read()]))

    assert proof.status is ProofStatus.UNVERIFIED
    assert "no rotary table" in proof.reasons[0]


@pytest.mark.parametrize(
    "results",
    [
        ["<built-in method recallbench_rope>"],
        [read(TABLE), "a worker's own words"],
        [None],
        [],
        None,
        7,
        {"tables": []},
        [{}],
        [SETTINGS],
        [{**SETTINGS, "tables": "none"}],
        [read({key: value for key, value in TABLE.items() if key != "rows"})],
        [read({**TABLE, "rows": "many"})],
        [read(TABLE), {}],
        [read(TABLE), {"tables": [7]}],
    ],
    ids=lambda results: str(results)[:40],
)
def test_an_answer_that_is_not_understood_is_unverified_with_its_reason(results: Any) -> None:
    proof = prove(telling(results))

    assert proof.status is ProofStatus.UNVERIFIED
    assert "answer to recallbench_rope is not understood" in proof.reasons[0]


def test_what_a_worker_says_in_place_of_its_tables_is_told() -> None:
    proof = prove(telling([read(TABLE), "unknown method"]))

    assert "unknown method" in proof.reasons[0]
    assert "results are" in proof.reasons[0]


@pytest.mark.parametrize("error", [{}, {**EQUAL, "largest": "none"}, "words", None])
def test_a_comparison_that_is_not_understood_is_unverified(error: Any) -> None:
    def answer(_: str, body: dict[str, Any]) -> Reply:
        is_reading = body["method"] == "recallbench_rope"
        return Reply(body={"results": [read(TABLE) if is_reading else error]})

    assert prove(answer).status is ProofStatus.UNVERIFIED


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=404, body={"detail": "Not Found"}), "HTTP 404"),
        (Reply(status=401, body={}), "HTTP 401"),
        (Reply(status=500, body={"error": {"message": "worker died"}}), "worker died"),
        (Reply(hang_up=True), "no connection"),
        (Reply(body=b""), "not a JSON object"),
        (Reply(body=b"<html>"), "not a JSON object"),
        (Reply(body=[read(TABLE)]), "not a JSON object"),
        (Reply(body={"detail": "no such method"}), "not understood"),
    ],
    ids=str,
)
def test_an_engine_that_does_not_tell_is_unverified_with_its_words(
    reply: Reply, words: str
) -> None:
    proof = prove(lambda _path, _body: reply)

    assert proof.status is ProofStatus.UNVERIFIED
    assert words in proof.reasons[0]
    assert proof.reading is None


@pytest.mark.parametrize(
    "asked",
    [
        {"rope_type": "yarn"},
        {**YARN, "factor": "four"},
        {"rope_type": "longrope", "short_factor": 1, "long_factor": 1},
        {
            "rope_type": "longrope",
            "short_factor": [1.0] * 4,
            "long_factor": [1.0] * 4,
            "original_max_position_embeddings": 0,
        },
        {**YARN, "partial_rotary_factor": "half"},
    ],
    ids=str,
)
def test_a_request_that_no_table_follows_from_is_unverified(asked: dict[str, Any]) -> None:
    proof = prove(telling([read(TABLE)]), asked)

    assert proof.status is ProofStatus.UNVERIFIED
    assert proof.reasons[0].startswith("nothing to compare with: ")
