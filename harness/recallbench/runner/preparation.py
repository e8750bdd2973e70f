"""What a run needs before its prompts: model files, tokenizer, chat frame, plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from recallbench.engines.embedded_model import EMBEDDED, default_cache, ensure_embedded_model
from recallbench.engines.vllm_process import installed_vllm
from recallbench.errors import CheckpointError, SuiteError
from recallbench.prompts.chat_template import ChatFrame
from recallbench.prompts.hf_tokenizer import HfTokenizer, load_tokenizer
from recallbench.rope import CheckpointConfig, read_checkpoint, versions
from recallbench.suite import RunPlan, Serving, Suite, plan_run

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """A suite's model files on this machine."""

    paths: dict[str, str]
    """Folder or hub id of each model named in the suite."""
    configs: dict[str, CheckpointConfig | None]
    """Config of each; None where a folder holds only a tokenizer."""
    tokenizer: HfTokenizer
    """Of the suite's model, or the one the suite names."""
    tokenizer_name: str
    """How the user or the suite calls it."""
    frame: ChatFrame
    """What its chat template puts around a message."""


def find_models(suite: Suite, say: Say, served: str | None = None) -> Models:
    """Find or build the models, read their configs, load the tokenizer.

    Args:
        suite: names the models.
        say: told what takes time.
        served: the name under which an endpoint serves its model, where the suite names none.

    Raises:
        CheckpointError: a model or tokenizer cannot be found, read or built.
    """
    form = suite.form
    names = {variant.model for variant in suite.variants if variant.model}
    paths = {name: model_path(name, say) for name in names}
    name = form.tokenizer or form.model or next(iter(names), served)
    if name is None:
        raise SuiteError("no tokenizer known: give --model or --tokenizer")
    tokenizer = load_tokenizer(paths.get(name) or model_path(name, say))
    only_asked = form.endpoint is not None
    return Models(
        paths=paths,
        configs={
            name: None if only_asked else read_checkpoint(path) for name, path in paths.items()
        },
        tokenizer=tokenizer,
        tokenizer_name=name,
        frame=tokenizer.frame(thinking=form.prompt.thinking == "on"),
    )


def plan_for(suite: Suite, models: Models, endpoint_limit: int | None = None) -> RunPlan:
    """The plan of a suite on this machine's vLLM.

    Raises:
        SuiteError: a length fits nothing, or thinking does not go with the rest.
        RopeError: a RoPE cannot be served.
    """
    _check_thinking(suite, models)
    installed = installed_vllm()
    serving = Serving(
        vllm_version=installed.version if installed else versions.NEWEST,
        transformers_major=int(version("transformers").split(".")[0]) if installed else None,
        is_endpoint=suite.form.endpoint is not None,
        endpoint_limit=endpoint_limit,
    )
    return plan_run(suite, models.configs, serving)


def model_path(name: str, say: Say) -> str:
    """Folder or hub id of a model; the embedded one is built where it is not yet."""
    if name == EMBEDDED:
        return str(ensure_embedded_model(default_cache(), say))
    folder = Path(name).expanduser()
    if folder.is_dir():
        return str(folder)
    if name.startswith(("~", "/", "./", "../")):
        raise CheckpointError(
            f"model {name}: no such folder. Give a folder or a hub id; the 4-bit checkpoint of the "
            "embedded model is made by: scripts/environment quantize && .venv/quantize/bin/python "
            f"scripts/quantize_embedded.py {name}"
        )
    return name


def _check_thinking(suite: Suite, models: Models) -> None:
    prompt = suite.form.prompt
    if prompt.thinking == "off":
        return
    if not models.tokenizer.has_chat_template:
        raise SuiteError("prompt.thinking: on needs a chat template, and this tokenizer has none")
    if prompt.answer_prefix:
        raise SuiteError(
            "prompt.thinking: on does not go with a begun answer, which would end the thought "
            "before it begins; leave out prompt.answer_prefix"
        )
