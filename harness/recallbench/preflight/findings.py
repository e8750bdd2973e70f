"""Everything that is wrong with one deployment: RoPE, length, versions, memory, long settings."""

from __future__ import annotations

from dataclasses import replace

from recallbench.preflight.case import Case
from recallbench.preflight.check import rope_findings, worst_first
from recallbench.preflight.dual_chunk import dual_chunk
from recallbench.preflight.finding import Finding, Severity
from recallbench.preflight.memory import kv_memory
from recallbench.preflight.million import million
from recallbench.preflight.stack import cuda_drift, torch_drift


def findings(
    case: Case, *, gpu_memory_bytes: int | None = None, weights_bytes: int | None = None
) -> tuple[Finding, ...]:
    """All findings on a deployment, worst first.

    Args:
        case: the deployment with its checkpoint.
        gpu_memory_bytes: memory of each GPU; None where it is unknown or there is none.
        weights_bytes: size of the weights, where that is known.
    """
    deployment = replace(case.deployment, vllm_version=case.version)
    config = case.config if case.is_known else None
    found = [*_malformed(case), *rope_findings(case)]
    found += [*torch_drift(case.deployment), *cuda_drift(case.deployment)]
    found += [*dual_chunk(deployment, config), *million(deployment, config)]
    if gpu_memory_bytes is not None:
        found += kv_memory(
            deployment, config, gpu_memory_bytes=gpu_memory_bytes, weights_bytes=weights_bytes
        )
    return worst_first(found)


def _malformed(case: Case) -> list[Finding]:
    """Values that vLLM cannot read either."""
    return [
        Finding(
            rule="malformed",
            severity=Severity.ERROR,
            what=f"--{setting.replace('_', '-')} has a value that vLLM cannot read: {reason}",
            why="the server does not start",
            fix="correct the value; mind the quotes around JSON",
            setting=setting,
        )
        for setting, reason in sorted(case.deployment.malformed.items())
    ]
