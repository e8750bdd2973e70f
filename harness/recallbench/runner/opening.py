"""Which engine a planned variant gets: a vLLM of our own, or the standing endpoint."""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from recallbench.engines.endpoint import EndpointRequest, LocalCounter, Served, served_by
from recallbench.engines.openai_client import OpenAIClient
from recallbench.engines.opened import (
    LocalStart,
    OpenedEngine,
    connected_endpoint,
    started_vllm,
)
from recallbench.errors import SuiteError
from recallbench.journal import RunFolder
from recallbench.runner.preparation import Models
from recallbench.runner.progress import Listener
from recallbench.runner.room_beside import why_no_room
from recallbench.suite import PlannedVariant, RunPlan, Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRoom:
    """Brings up the engines of one run."""

    plan: RunPlan
    """What is to be served."""
    models: Models
    """Where the models are."""
    folder: RunFolder
    """Where logs go."""
    listener: Listener
    """Told how a start goes on."""
    served: Served | None
    """The endpoint's model, if an endpoint is asked."""

    def open(self, planned: PlannedVariant) -> AbstractAsyncContextManager[OpenedEngine]:
        """The engine of a variant, up while the block runs."""
        form = self.plan.suite.form
        if form.endpoint and self.served:
            frame, tokenizer = self.models.frame, self.models.tokenizer
            return connected_endpoint(
                endpoint_client(self.plan.suite),
                self.served,
                EndpointRequest(
                    api=form.endpoint.api,
                    thinking=form.prompt.thinking == "on",
                    begun_answer=bool(form.prompt.answer_prefix) or not tokenizer.has_chat_template,
                    is_cold=form.engine.cache == "cold",
                ),
                LocalCounter(tokenizer, frame.head, frame.tail),
            )
        return started_vllm(
            self.local_start(planned),
            self.models.tokenizer,
            lambda text: self.listener.phase(planned.variant.name, text),
        )

    async def why_no_room(self, planned: PlannedVariant) -> str | None:
        """Why a variant's vLLM does not fit beside what is up, in words; None if it does."""
        return await asyncio.to_thread(why_no_room, self.local_start(planned))

    def local_start(self, planned: PlannedVariant) -> LocalStart:
        """How vLLM is started for a variant."""
        assert planned.max_model_len, "a local variant has a context length"  # noqa: S101 - an invariant
        engine = self.plan.suite.form.engine
        return LocalStart(
            variant=planned.variant,
            model_path=self.models.paths[planned.variant.model],
            hf_overrides=planned.override.hf_overrides if planned.override else None,
            max_model_len=planned.max_model_len,
            kv_cache_gib=self.plan.kv_cache_gib(planned),
            log_path=self.folder.log_path(planned.variant.name),
            start_timeout_s=engine.start_timeout_s,
            request_timeout_s=engine.request_timeout_s,
            rope=planned.claim,
            is_cold=engine.cache == "cold",
        )


def endpoint_client(suite: Suite) -> OpenAIClient:
    """A client for the suite's endpoint, with the key from the environment."""
    endpoint = suite.form.endpoint
    if endpoint is None:
        raise SuiteError("no endpoint in the suite; give --endpoint URL")
    return OpenAIClient(
        endpoint.url,
        api_key=os.environ.get(endpoint.api_key_env),
        timeout_s=suite.form.engine.request_timeout_s,
    )


async def ask_served(suite: Suite, model_path: str | None) -> Served:
    """What the suite's endpoint serves.

    Raises:
        EngineError: it cannot be reached, or does not serve what the suite names.
    """
    endpoint = suite.form.endpoint
    named = endpoint.model if endpoint else None
    names = {named} if named else {suite.form.model, model_path}
    client = endpoint_client(suite)
    try:
        return await served_by(client, {name for name in names if name})
    finally:
        await client.aclose()
