"""The one HTTP client: the openai package, with bodies encoded by us and failures named by us.

A prompt of 128K token ids costs the package's typed parameters 1.8 s of CPU (it walks the list);
bytes passed through ``post`` piece by piece cost 4 ms, answer and all. Retries are the runner's
business, not the client's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from recallbench.engines.request_body import RequestBody
from recallbench.errors import (
    ContextOverflowError,
    EngineError,
    EngineLostError,
    RecallbenchError,
    RequestError,
    RetryableRequestError,
)

_OVERFLOW = re.compile(
    r"maximum context length|context[ _]length|max_model_len|maximum model length|context size"
    r"|max_tokens must be at least 1|prompt is too long|too many tokens|input is too long",
    re.IGNORECASE,
)
_REFUSED = frozenset({401, 403})
_PASSING = frozenset({408, 409, 425, 429})
_NOT_FOUND = 404
_SERVER_FAULT = 500
_UNAVAILABLE = 503
_SHOWN_CHARS = 400
# uvicorn, and so vLLM, closes connections that were idle for 5 s. One that is closed at the moment
# in which a request goes out costs that request, so ours end before.
_IDLE_S = 3.0
_NOTHING = msgspec.Raw()


class Details(msgspec.Struct):
    """``usage.prompt_tokens_details``."""

    cached_tokens: int | None = None


class Usage(msgspec.Struct):
    """``usage`` of a response."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: Details | None = None


class Message(msgspec.Struct):
    """``message`` of a chat choice; the thought stands under either name."""

    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None


class Choice(msgspec.Struct):
    """One choice of a completion or a chat."""

    text: str | None = None
    message: Message | None = None
    finish_reason: str | None = None
    token_ids: list[int] | None = None
    prompt_token_ids: msgspec.Raw = _NOTHING


class Response(msgspec.Struct):
    """What is read of a response; all else is skipped without being built."""

    choices: list[Choice]
    usage: Usage | None = None
    system_fingerprint: str | None = None
    prompt_token_ids: msgspec.Raw = _NOTHING

    @property
    def returned_ids(self) -> bytes | None:
        """JSON of the prompt's ids as the server read them; None where it does not tell."""
        for raw in (self.choices[0].prompt_token_ids, self.prompt_token_ids):
            if (told := bytes(raw)) not in (b"", b"null"):  # a set would hash megabytes
                return told
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A response and how long it took."""

    response: Response
    """What the server said."""
    latency_s: float
    """From sending to the whole response."""


class OpenAIClient:
    """Speaks with one OpenAI-compatible server."""

    def __init__(self, base_url: str, *, api_key: str | None, timeout_s: float) -> None:
        """Open no connection yet. ``base_url`` ends in the API's version, as in ``/v1``."""
        from httpx2 import Limits
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # takes 0.6 s to import

        self.base_url = base_url.rstrip("/")
        self._key = api_key or "none"
        self._timeout_s = timeout_s
        # OPENAI_ORG_ID in the environment is meant for OpenAI's own servers, not for this one.
        self._client = AsyncOpenAI(
            base_url=self.base_url,
            api_key=self._key,
            organization="",
            timeout=timeout_s,
            max_retries=0,
            # How many are open at once is the dispatcher's business; openai's own limit is 1000.
            http_client=DefaultAsyncHttpxClient(
                timeout=timeout_s,
                limits=Limits(
                    max_connections=None, max_keepalive_connections=None, keepalive_expiry=_IDLE_S
                ),
            ),
        )

    async def ask(self, path: str, content: bytes | RequestBody) -> Exchange:
        """POST a completion or chat.

        The body comes encoded: a million ids as a list take ten times the room while they wait.

        Raises:
            ContextOverflowError: the server refused the length.
            RetryableRequestError: time-out, broken connection, overload, server fault.
            RequestError: refused for another reason, or not answered in the API's form.
            EngineError: the key, the model or the address is refused; no other request can pass.
        """
        began = time.perf_counter()
        answer = await self._post(path, content)
        latency_s = time.perf_counter() - began
        try:
            response = msgspec.json.decode(answer, type=Response)
        except msgspec.MsgspecError as error:
            raise RequestError(f"{path}: not an OpenAI-style response ({error})") from error
        if not response.choices:
            raise RequestError(f"{path}: a response without choices")
        return Exchange(response=response, latency_s=latency_s)

    async def _post(self, path: str, content: bytes | RequestBody) -> bytes:
        import openai
        from httpx2 import Response as HttpResponse

        headers = {"Content-Type": "application/json"}
        if isinstance(content, RequestBody):  # with its length it is not sent as chunks
            headers["Content-Length"] = str(content.length_bytes)
        try:
            response = await self._client.post(
                path,
                cast_to=HttpResponse,
                content=content,
                options={"headers": headers},
            )
        except openai.OpenAIError as error:
            raise self._named(error, path) from error
        return response.content

    async def post_root(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST a JSON body to a path counted from the server's root; a JSON object back."""
        answer = await self._post(self.root + path, msgspec.json.encode(body))
        try:
            return dict(msgspec.json.decode(answer, type=dict[str, Any]))
        except msgspec.MsgspecError as error:
            raise RequestError(f"{path}: not a JSON object ({error})") from error

    async def get(self, path: str) -> dict[str, Any]:
        """GET a JSON object from a path below the base URL, or from a whole address.

        Raises:
            RequestError: any failure; its subclasses say which.
            EngineError: the key is refused.
        """
        content = await self._get(path)
        try:
            return dict(msgspec.json.decode(content or b"{}", type=dict[str, Any]))
        except msgspec.MsgspecError as error:
            raise RequestError(f"{path}: not a JSON object ({error})") from error

    async def get_text(self, path: str) -> str:
        """GET a text; paths and errors as in ``get``."""
        return (await self._get(path)).decode("utf-8", "replace")

    async def _get(self, path: str) -> bytes:
        import openai
        from httpx2 import Response as HttpResponse

        try:
            response = await self._client.get(path, cast_to=HttpResponse)
        except openai.OpenAIError as error:
            raise self._named(error, path) from error
        return response.content

    async def check(self) -> None:
        """Ask for signs of life.

        Raises:
            EngineLostError: no connection, or the server says that it is unhealthy.
        """
        import openai
        from httpx2 import Response as HttpResponse

        try:
            await self._client.get(f"{self.root}/health", cast_to=HttpResponse)
        except openai.APIStatusError as error:
            if error.status_code == _UNAVAILABLE:
                raise EngineLostError(
                    f"{self.base_url}: the server reports itself unhealthy"
                ) from error
        except openai.OpenAIError as error:
            raise EngineLostError(
                f"{self.base_url}: no connection: {self._shown(error)}"
            ) from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.close()

    @property
    def root(self) -> str:
        """Scheme, host and port of the server."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def _named(self, error: Exception, path: str) -> RecallbenchError:
        """Our error for one of the openai package's."""
        import openai

        where = path if path.startswith("http") else self.base_url + path
        if isinstance(error, openai.APITimeoutError):
            return RetryableRequestError(f"{where}: no answer within {self._timeout_s:g} s")
        if isinstance(error, openai.APIStatusError):
            return _for_status(
                error.status_code, f"{where}: HTTP {error.status_code}: {self._shown(error)}"
            )
        if isinstance(error, openai.APIConnectionError):
            return RetryableRequestError(
                f"{where}: no connection: {self._shown(error.__cause__ or error)}"
            )
        return RequestError(f"{where}: {self._shown(error)}")

    def _shown(self, error: BaseException) -> str:
        """The error's own words, short, without the API key."""
        import openai

        body = getattr(error, "body", None)
        told = body.get("message") if isinstance(body, dict) else None
        if told is None and isinstance(error, openai.APIStatusError):
            told = error.response.text
        text = str(told or error) or type(error).__name__
        text = text.replace(self._key, "***") if self._key != "none" else text
        return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "..."


def _for_status(status: int, message: str) -> RecallbenchError:
    if status in _REFUSED:
        return EngineError(
            f"{message}. Put a valid key into the variable named by endpoint.api_key_env"
        )
    if status == _NOT_FOUND:
        return EngineError(
            f"{message}. Check the base URL (it ends in /v1) and the served model's name"
        )
    if status in _PASSING or status >= _SERVER_FAULT:
        return RetryableRequestError(message)
    if _OVERFLOW.search(message):
        return ContextOverflowError(message)
    return RequestError(message)
