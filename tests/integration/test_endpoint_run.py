"""A standing server, asked by token ids (vLLM) and by chat messages (transformers serve)."""

from __future__ import annotations

import asyncio
import json
import signal
from array import array
from pathlib import Path

import pytest

from recallbench.domain import AnswerBudget, Prompt, whole_tokens
from recallbench.engines.completions_engine import CompletionsEngine
from recallbench.engines.openai_client import OpenAIClient
from recallbench.engines.vllm_process import ServerFacts
from recallbench.errors import ContextOverflowError, EngineError, RequestError
from recallbench.prompts.hf_tokenizer import HfTokenizer, load_tokenizer
from support import runs
from support.program import Ended, Program, recallbench

KEY = "sk-recallbench-secret"
SMALL = ("--length", "256,400", "--depths", "0,0.5,1", "--trials", "2")


@pytest.fixture(scope="session")
def tokenizer(checkpoint: Path) -> HfTokenizer:
    return load_tokenizer(str(checkpoint))


def ask_endpoint(url: str, folder: Path, *options: str | Path) -> Ended:
    return recallbench("run", "smoke", "--endpoint", url, *SMALL, "--out", folder, *options)


@pytest.mark.usefixtures("checkpoint")
def test_vllm_is_asked_by_token_ids_and_its_count_is_ours(
    vllm: ServerFacts, tmp_path: Path
) -> None:
    ended = ask_endpoint(vllm.base_url, tmp_path / "run")

    assert ended.code == 0, ended.err
    assert runs.outcomes(tmp_path / "run") == {"recalled": 12}
    assert {t["prompt_tokens"] for t in runs.trials(tmp_path / "run")} == {256, 400}
    variant = runs.facts(tmp_path / "run")["variants"][0]
    assert variant["engine"]["api"] == "completions"
    assert variant["engine"]["notes"] == []
    assert variant["rope_label"] == "as deployed"
    assert variant["rope_effective"]["status"] == "unverified"
    assert "without hf_overrides" in variant["rope_effective"]["reasons"][0]
    assert variant["engine"]["kv_cache_tokens"] > 0
    assert variant["engine"]["dtype"] == "bfloat16"
    assert variant["engine"]["fingerprint"].startswith("vllm-")
    assert "unverified" in ended.out


@pytest.mark.usefixtures("checkpoint")
def test_a_deployed_server_passes_a_gate_with_a_part_of_its_trials(
    vllm: ServerFacts, tmp_path: Path
) -> None:
    suite = tmp_path / "gate.yaml"
    suite.write_text(
        """
        suite: deployed
        seed: 1
        grid: {lengths: [256], depths: [0, 0.5, 1], trials: 1}
        prompt:
          answer_prefix: The pass key for {label} is
        answer: {max_tokens: 16}
        gate: {floor: 0.9, tolerance: 0.3, until: decided, max_trials: 20}
        """,
        encoding="utf-8",
    )

    ended = recallbench(
        *("run", suite, "--model", "smollm2-135m", "--endpoint", vllm.base_url),
        *("--out", tmp_path / "run", "--format", "json"),
    )

    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["gate"]["verdict"] == "pass"
    assert 6 <= len(runs.trials(tmp_path / "run")) < 60


@pytest.mark.usefixtures("checkpoint")
def test_the_api_key_is_sent_and_written_nowhere(vllm: ServerFacts, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ended = recallbench(
        *("run", "smoke", "--endpoint", vllm.base_url, "--length", "256", "--depths", "0.5"),
        *("--trials", "1", "--out", folder),
        RECALLBENCH_API_KEY=KEY,
    )

    assert ended.code == 0, ended.err
    assert KEY not in ended.out + ended.err
    assert [path for path in folder.iterdir() if KEY.encode() in path.read_bytes()] == []


@pytest.mark.usefixtures("checkpoint")
def test_ctrl_c_drains_and_the_run_resumes_with_no_trial_twice(
    vllm: ServerFacts, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    options = ("--trials", "5", "--concurrency", "2")
    program = Program(
        *("run", "smoke", "--endpoint", vllm.base_url, *SMALL[:4], *options, "--out", folder)
    )
    program.wait_for(r"native: \d+/30 trials")
    program.send(signal.SIGINT)
    ended = program.end()

    assert ended.code == 130
    assert "waiting for the requests in flight" in ended.err
    drained = len(runs.trials(folder))
    assert 0 < drained < 30

    resumed = recallbench("run", "--resume", folder)

    assert resumed.code == 0, resumed.err
    ids = [trial["trial_id"] for trial in runs.trials(folder)]
    assert len(ids) == len(set(ids)) == 30
    assert f"{drained} of them done before" in resumed.err


@pytest.mark.usefixtures("checkpoint")
def test_resuming_with_another_suite_is_refused_and_names_the_keys(
    vllm: ServerFacts, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    assert ask_endpoint(vllm.base_url, folder).code == 0

    refused = recallbench(
        *("run", "smoke", "--endpoint", vllm.base_url, *SMALL[:4], "--trials", "3"),
        *("--seed", "7", "--resume", folder),
    )

    assert refused.code == 2
    assert "grid.trials: 2 in the run, 3 now" in refused.err
    assert "seed: 1 in the run, 7 now" in refused.err
    assert len(runs.trials(folder)) == 12


@pytest.mark.usefixtures("checkpoint")
def test_a_used_folder_is_refused_with_the_ways_out(vllm: ServerFacts, tmp_path: Path) -> None:
    assert ask_endpoint(vllm.base_url, tmp_path / "run").code == 0

    refused = ask_endpoint(vllm.base_url, tmp_path / "run")

    assert refused.code == 2
    assert "--resume" in refused.err
    assert "--out" in refused.err


@pytest.mark.usefixtures("checkpoint")
def test_a_length_beyond_the_endpoints_context_is_refused_before_anything_is_asked(
    vllm: ServerFacts, tmp_path: Path
) -> None:
    ended = recallbench(
        *("run", "smoke", "--endpoint", vllm.base_url, "--length", "2040"),
        *("--out", tmp_path / "run"),
    )

    assert ended.code == 2
    assert "2,040" in ended.err
    assert "2,048" in ended.err
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("checkpoint")
def test_transformers_serve_is_asked_by_messages_whose_count_is_exact(
    transformers_server: str, checkpoint: Path, tmp_path: Path
) -> None:
    suite = tmp_path / "chat.yaml"
    suite.write_text(
        f"suite: chat\nmodel: {checkpoint}\nendpoint: {{url: '{transformers_server}'}}\n"
        "grid: {lengths: [300, 421], depths: [0.5, 1], trials: 1}\n"
        "answer: {max_tokens: 24}\nengine: {concurrency: 1}\n",
        encoding="utf-8",
    )

    ended = recallbench("run", suite, "--out", tmp_path / "run")

    assert ended.code == 0, ended.err
    trials = runs.trials(tmp_path / "run")
    assert [trial["prompt_tokens"] for trial in trials] == [300, 300, 421, 421]
    assert {trial["outcome"] for trial in trials} <= {"recalled", "missed"}
    engine = runs.facts(tmp_path / "run")["variants"][0]["engine"]
    assert engine["api"] == "chat"
    assert any("prompt must be a string" in note for note in engine["notes"])
    assert any("repetition_penalty" in note for note in engine["notes"])


@pytest.mark.usefixtures("checkpoint")
def test_a_begun_answer_is_refused_where_only_messages_are_taken(
    transformers_server: str, checkpoint: Path, tmp_path: Path
) -> None:
    ended = ask_endpoint(transformers_server, tmp_path / "run", "--model", checkpoint)

    assert ended.code == 3
    assert "prompt.answer_prefix" in ended.err


def complete(vllm: ServerFacts, tokenizer: HfTokenizer, ids: array[int], model: str = "") -> str:
    """What one request by token ids gives."""

    async def asked() -> str:
        client = OpenAIClient(vllm.base_url, api_key=None, timeout_s=600)
        engine = CompletionsEngine(client, tokenizer, model=model or vllm.model_id)
        prompt = Prompt(
            tokens=(whole_tokens(ids),),
            head="",
            message=(),
            tail="",
            needle_span=(0, 1),
            achieved_depth=0.0,
            key="x",
        )
        try:
            return (await engine.complete(prompt, AnswerBudget(answer_tokens=4))).text
        finally:
            await engine.aclose()

    return asyncio.run(asked())


def test_a_prompt_that_ends_inside_a_character_does_not_leak_into_the_answer(
    vllm: ServerFacts, tokenizer: HfTokenizer
) -> None:
    """vLLM #48853: its own text would hold the whole prompt, key included."""
    ids = tokenizer.encode("The pass key is 73914206. Remember it. \U0001f9ed").ids[:-1]

    assert "73914206" not in complete(vllm, tokenizer, ids)


def test_a_prompt_longer_than_the_context_is_an_overflow(
    vllm: ServerFacts, tokenizer: HfTokenizer
) -> None:
    with pytest.raises(ContextOverflowError, match="2048"):
        complete(vllm, tokenizer, array("I", [100] * 3000))


def test_a_token_id_out_of_the_vocabulary_is_a_failed_request(
    vllm: ServerFacts, tokenizer: HfTokenizer
) -> None:
    with pytest.raises(RequestError, match="out of vocabulary"):
        complete(vllm, tokenizer, array("I", [100, 4_000_000]))


def test_an_unknown_model_ends_the_engine_not_the_trial(
    vllm: ServerFacts, tokenizer: HfTokenizer
) -> None:
    with pytest.raises(EngineError, match="served model"):
        complete(vllm, tokenizer, array("I", [100]), model="nobody")
