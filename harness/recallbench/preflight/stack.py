"""torch and CUDA versions that do not belong to a vLLM: each release is built for one torch.

Guarantees no claim about builds that are not the one on the package index (``+cpu``, ``+rocm``,
vendors' own), nor about releases outside the table. Sources: ``Requires-Dist: torch==`` of vllm
0.6.0 to 0.33.0's wheels, and the CUDA runtime that those torch wheels require.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from recallbench.preflight.deployment import Deployment
from recallbench.preflight.finding import Finding, Severity

_Release = tuple[int, ...]
# From this vllm on, this torch.
_TORCH_PINS: tuple[tuple[_Release, str], ...] = (
    ((0, 6, 0), "2.4.0"),
    ((0, 6, 4), "2.5.1"),
    ((0, 8, 0), "2.6.0"),
    ((0, 9, 0), "2.7.0"),
    ((0, 10, 0), "2.7.1"),
    ((0, 10, 2), "2.8.0"),
    ((0, 11, 1), "2.9.0"),
    ((0, 14, 0), "2.9.1"),
    ((0, 17, 0), "2.10.0"),
    ((0, 20, 0), "2.11.0"),
    ((0, 27, 0), "2.13.0"),
    ((0, 33, 0), "2.14.0"),
)
_FIRST_UNKNOWN = (0, 34)
_CUDA_BUILDS = {
    "2.4.0": "12.1",
    "2.5.1": "12.4",
    "2.6.0": "12.4",
    "2.7.0": "12.6",
    "2.7.1": "12.6",
    "2.8.0": "12.8",
    "2.9.0": "12.8",
    "2.9.1": "12.8",
    "2.10.0": "12.8",
    "2.11.0": "13.0",
    "2.13.0": "13.0",
    "2.14.0": "13.0",
}
_ANY_PATCH = 999
_FULL = 3


def torch_drift(deployment: Deployment) -> Iterator[Finding]:
    """A torch that is not the one this vLLM was built for."""
    pinned = _torch_pins(deployment.vllm_version)
    given = _version(deployment.torch_version)
    if not pinned or given is None or any(_agree(given, pin) for pin in pinned):
        return
    wanted = " or ".join(pinned)
    yield Finding(
        rule="torch-drift",
        severity=Severity.ERROR,
        what=f"vllm {deployment.vllm_version} with torch {deployment.torch_version}",
        why=f"this vLLM is built for torch {wanted} alone and its package says so: pip refuses "
        "the pair, and where it is forced the compiled kernels do not load or misread torch's data",
        fix=f"leave the torch pin out, vLLM brings its own, or pin torch=={pinned[-1]}",
        setting="torch_version",
    )


def cuda_drift(deployment: Deployment) -> Iterator[Finding]:
    """A CUDA of another major version than this vLLM and its torch were built with.

    Within one major version CUDA is compatible, and the wheels bring their own libraries: CUDA 12.1
    under a vLLM built with 12.4 is sound.
    """
    built = sorted({_CUDA_BUILDS[pin] for pin in _torch_pins(deployment.vllm_version)})
    majors = {_major(build) for build in built}
    wheel = _torch_cuda(deployment.torch_version)
    given = _major(deployment.cuda_version)
    if not built:
        return
    if wheel is not None and wheel not in majors:
        yield _wrong_wheel(deployment, built[-1])
    elif given is not None and given not in majors:
        yield _wrong_image(deployment, built[-1], older=given < min(m for m in majors if m))


def _wrong_wheel(deployment: Deployment, built: str) -> Finding:
    return Finding(
        rule="cuda-drift",
        severity=Severity.ERROR,
        what=f"vllm {deployment.vllm_version} with torch {deployment.torch_version}",
        why=f"this vLLM's kernels are linked with CUDA {built}, this torch brings another major "
        "version: the libraries that the kernels ask for are not there",
        fix="install torch from where vLLM takes it, without a build for another CUDA",
        setting="torch_version",
    )


def _wrong_image(deployment: Deployment, built: str, *, older: bool) -> Finding:
    return Finding(
        rule="cuda-drift",
        severity=Severity.WARNING if older else Severity.ADVICE,
        what=f"vllm {deployment.vllm_version} on CUDA {deployment.cuda_version}",
        why=f"this vLLM and its torch are built with CUDA {built} and bring its libraries; kernels "
        "that are compiled at start use the toolkit of the host, which is of another major version"
        + (", and a driver of that age cannot run them" if older else ""),
        fix=f"use a CUDA {built.partition('.')[0]} base image, or the vLLM image of this release",
        setting="cuda_version",
    )


def _torch_pins(vllm: str | None) -> tuple[str, ...]:
    """The torch versions a vLLM is built for, oldest first: ``0.10`` has several."""
    version = _version(vllm)
    if version is None or version.local is not None or version.is_devrelease:
        return ()
    if version.release >= _FIRST_UNKNOWN:
        return ()
    release = version.release[:_FULL]
    last = release if len(release) == _FULL else (*release, _ANY_PATCH)
    pins = [pin for since, pin in _TORCH_PINS if since <= release]
    later = [pin for since, pin in _TORCH_PINS if release < since <= last]
    return (*pins[-1:], *later)


def _agree(given: Version, pin: str) -> bool:
    """Whether a torch is the pinned one, as far as it is given; vendors' builds are not judged."""
    vendor = given.local is not None and not re.fullmatch(r"cu\d+|cpu", given.local)
    wanted = Version(pin).release
    return vendor or given.is_prerelease or given.release == wanted[: len(given.release)]


def _torch_cuda(torch: str | None) -> int | None:
    """The CUDA major version of a torch build such as ``2.6.0+cu118``."""
    version = _version(torch)
    return _major(version.local) if version and version.local else None


def _major(cuda: str | None) -> int | None:
    """12 of ``12.4``, of ``12.4.1`` and of ``cu124``; None where it is none of these."""
    found = re.fullmatch(r"(?:(\d+)(?:\.\d+)*|cu(\d+)\d)", (cuda or "").strip())
    return int(found[1] or found[2]) if found else None


def _version(text: str | None) -> Version | None:
    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None
