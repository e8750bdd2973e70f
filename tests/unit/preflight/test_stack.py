"""torch and CUDA are held against what each vLLM was built with, and nothing else is claimed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recallbench.preflight import Deployment, Severity
from recallbench.preflight.stack import cuda_drift, torch_drift

MEASURED = json.loads((Path(__file__).parent / "data" / "vllm_pins.json").read_text("utf-8"))


@pytest.mark.parametrize("vllm", sorted(MEASURED))
def test_the_table_agrees_with_the_wheels(vllm: str) -> None:
    torch = MEASURED[vllm]["torch"].removeprefix("==")
    sound = Deployment(vllm_version=vllm, torch_version=torch, cuda_version=MEASURED[vllm]["cuda"])

    assert list(torch_drift(sound)) == []
    assert list(cuda_drift(sound)) == []
    assert list(torch_drift(Deployment(vllm_version=vllm, torch_version="2.3.1"))) != []


def test_the_published_requirements_are_refused() -> None:
    """``vllm==0.8.5`` with ``torch==2.4.0``: a guide says so, pip cannot resolve it."""
    (found,) = torch_drift(Deployment(vllm_version="0.8.5", torch_version="2.4.0"))

    assert found.rule == "torch-drift"
    assert found.severity is Severity.ERROR
    assert "vllm 0.8.5 with torch 2.4.0" in found.what
    assert "2.6.0" in found.why
    assert "torch==2.6.0" in found.fix


@pytest.mark.parametrize(
    ("vllm", "torch"),
    [
        ("0.8.5", "2.6.0"),
        ("0.8.5", "2.6"),
        ("0.8.5.post1", "2.6.0+cu124"),
        ("v0.8.5", "2.6.0"),
        ("0.10", "2.7.1"),
        ("0.10", "2.8.0"),
        ("0.8.5", None),
        (None, "2.4.0"),
        ("0.5.5", "2.3.1"),
        ("0.34.0", "2.4.0"),
        ("0.34", "2.4.0"),
        ("0.8.5+cpu", "2.4.0"),
        ("0.8.5.dev10", "2.4.0"),
        ("0.10.2", "2.8.0a0+5228986c39.nv25.6"),
        ("0.10.2", "2.4.0+rocm6.3"),
        ("latest", "2.4.0"),
        ("0.8.5", "nightly"),
    ],
)
def test_no_drift_is_claimed(vllm: str | None, torch: str | None) -> None:
    assert list(torch_drift(Deployment(vllm_version=vllm, torch_version=torch))) == []


@pytest.mark.parametrize(
    ("vllm", "torch"),
    [
        ("0.8.5", "2.5.1"),
        ("0.9.0", "2.6.0"),
        ("0.10.1.1", "2.8.0"),
        ("0.10.2", "2.7.1"),
        ("0.10", "2.6.0"),
        ("0.11.0", "2.9.0"),
        ("0.19.1", "2.11.0"),
        ("0.33.0", "2.13.0"),
        ("0.8.5", "2.4.0+cu124"),
    ],
)
def test_drift_is_found(vllm: str, torch: str) -> None:
    (found,) = torch_drift(Deployment(vllm_version=vllm, torch_version=torch))

    assert found.rule == "torch-drift"


@pytest.mark.parametrize(
    ("vllm", "cuda"),
    [
        ("0.8.5", "12.4"),
        ("0.8.5", "12.1"),
        ("0.8.5", "12.8.1"),
        ("0.8.5", "cu124"),
        ("0.20.2", "13.0"),
        ("0.8.5", None),
        (None, "11.8"),
        ("0.8.5", "unknown"),
        ("0.34.0", "11.8"),
    ],
)
def test_cuda_of_the_same_major_version_is_sound(vllm: str | None, cuda: str | None) -> None:
    assert list(cuda_drift(Deployment(vllm_version=vllm, cuda_version=cuda))) == []


@pytest.mark.parametrize(
    ("vllm", "cuda", "severity", "built"),
    [
        ("0.8.5", "11.8", Severity.WARNING, "12.4"),
        ("0.20.2", "12.4", Severity.WARNING, "13.0"),
        ("0.20.2", "cu128", Severity.WARNING, "13.0"),
        ("0.10.2", "13.0", Severity.ADVICE, "12.8"),
    ],
)
def test_cuda_of_another_major_version(
    vllm: str, cuda: str, severity: Severity, built: str
) -> None:
    (found,) = cuda_drift(Deployment(vllm_version=vllm, cuda_version=cuda))

    assert found.rule == "cuda-drift"
    assert found.severity is severity
    assert f"CUDA {cuda}" in found.what
    assert built in found.why
    assert found.setting == "cuda_version"


def test_a_torch_built_for_another_cuda_is_an_error() -> None:
    deployment = Deployment(vllm_version="0.8.5", torch_version="2.6.0+cu118", cuda_version="11.8")

    (found,) = cuda_drift(deployment)

    assert found.severity is Severity.ERROR
    assert "2.6.0+cu118" in found.what
