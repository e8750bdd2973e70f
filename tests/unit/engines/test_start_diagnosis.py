"""The diagnosis of real logs of failed starts, vLLM 0.32 on a CPU host, shortened."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from recallbench.engines.start_diagnosis import diagnose, port_taken

DATA = Path(__file__).parent / "data"


def log(name: str) -> list[str]:
    return (DATA / f"{name}.log").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("name", "cause", "advice"),
    [
        ("awq-of-plain-checkpoint", "not quantized with awq", "such as fp8"),
        ("empty-folder", "/models/void holds no model", "Correct model"),
        ("fp8-on-cpu", "fp8 does not run on this CPU", "Leave out the variant's quantization"),
        ("hub-unreachable", "hub cannot be reached", "local folder as model"),
        ("kv-cache-too-small", "100000 tokens; 46464 would fit", "shorter lengths"),
        ("longer-than-config", "100000 tokens, and the model's config allows 8192", "rope"),
        ("malformed-length", "invalid human_readable_int_or_auto value: 'twelve'", "engine_args"),
        ("no-kv-memory", "leaves no memory for the KV cache", "VLLM_CPU_KVCACHE_SPACE"),
        ("no-such-folder", "no folder /models/nothere", "Correct model"),
        ("no-tokenizer", "tokenizer cannot be loaded", "tokenizer files"),
        ("no-vllm", "vLLM is not installed", "pip install 'recallbench[vllm]'"),
        ("offline", "hub cannot be reached", "hf download"),
        ("port-taken", "port was taken", "Start again"),
        ("rope-flag", "no --rope-scaling", "variant's rope"),
        ("rope-without-type", "lack rope_type", "variant's rope"),
        ("too-many-workers", "Not enough allowed NUMA nodes", "decrease DP/TP/PP"),
        ("unknown-architecture", "model type mystery", "Update vLLM"),
        ("unknown-argument", "unrecognized arguments: --no-such-flag", "engine_args"),
        ("unknown-dtype", "invalid choice: 'bloat16'", "'bfloat16'"),
        ("unknown-kv-cache-dtype", "invalid choice: 'fp9'", "'fp8_e5m2'"),
        ("unknown-quantization", "no quantization fp9", "'fp8_per_block'"),
        ("unknown-rope-type", "no rope_type nosuch", "variant's rope"),
        ("unrecognized-model", "Unrecognized model in /models/empty", "`model_type` key"),
        ("yarn-without-original", "lack original_max_position_embeddings", "variant's rope"),
    ],
)
def test_a_real_log_is_told_by_cause_and_advice(name: str, cause: str, advice: str) -> None:
    told = diagnose(log(name), 1)

    assert cause in told
    assert advice in told
    assert len(told.splitlines()) == 1


def test_only_a_taken_port_is_worth_another_port() -> None:
    taken = [path.stem for path in DATA.glob("*.log") if port_taken(log(path.stem))]

    assert taken == ["port-taken"]


def test_a_warning_is_no_cause() -> None:
    """With VLLM_ALLOW_LONG_MAX_MODEL_LEN vLLM warns in the words it would fail with."""
    lines = [
        (
            "(APIServer pid=1) WARNING 11-20 10:00:00 [model.py:1] User-specified max_model_len "
            "(9) is greater than the derived max_model_len (max_position_embeddings=8 or "
            "model_max_length=None in model's config.json)."
        ),
        "INFO 11-20 10:00:01 [a.py:1] torch.OutOfMemoryError: CUDA out of memory.",
        "(EngineCore_DP0 pid=2) ERROR 11-20 10:00:02 [core.py:1] RuntimeError: it broke",
    ]

    assert diagnose(lines, 1) == "vLLM ended with RuntimeError: it broke"


def test_the_exception_at_the_root_is_told_and_not_those_that_point_at_it() -> None:
    lines = [
        "(Worker pid=3) ERROR 11-20 10:00:02 [w.py:1]     raise ValueError('quoted code')",
        "(Worker pid=3) ERROR 11-20 10:00:02 [w.py:1] lib.errors.OddError: the root",
        "Exception: WorkerProc initialization failed. See stack trace for root cause.",
        "RuntimeError: Engine core initialization failed. See root cause above.",
    ]

    assert diagnose(lines, 1) == "vLLM ended with lib.errors.OddError: the root"


def test_an_exception_that_points_at_a_lost_one_is_better_than_nothing() -> None:
    lines = ["RuntimeError: Engine core initialization failed. See root cause above."]

    assert diagnose(lines, 1) == f"vLLM ended with {lines[0]}"


@pytest.mark.parametrize("returncode", [128 + signal.SIGKILL, -signal.SIGKILL])
def test_a_kill_is_told_as_lack_of_host_memory(returncode: int) -> None:
    assert "host ran out of memory" in diagnose(["Starting to load model x..."], returncode)


@pytest.mark.parametrize(
    "line",
    [
        "ERROR 11-20 10:00:00 [m.py:1] Worker proc VllmWorker-0 died unexpectedly (exit code: -9)",
        "RuntimeError: See root cause above. Failed core proc(s): {'EngineCore': -9}",
    ],
)
def test_the_kill_of_a_worker_is_told_as_lack_of_host_memory(line: str) -> None:
    assert "host ran out of memory" in diagnose([line], 1)


@pytest.mark.parametrize(
    ("lines", "returncode", "expected"),
    [
        (
            ["Starting to load model x...", "odd words"],
            None,
            "It was still busy. Last seen: loading weights.",
        ),
        (["odd words", ""], 5, "It ended with exit code 5. Last seen: odd words."),
        ([], 128 + signal.SIGSEGV, "SIGSEGV ended it. Last seen: nothing, it wrote no log."),
        ([], 255, "It ended with exit code 255. Last seen: nothing, it wrote no log."),
    ],
)
def test_without_a_cause_the_last_thing_seen_is_told(
    lines: list[str], returncode: int | None, expected: str
) -> None:
    assert diagnose(lines, returncode) == expected
