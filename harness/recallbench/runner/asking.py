"""Asks one trial: builds its prompt, sends it, retries what may pass, scores what came back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from recallbench.domain import (
    AnswerBudget,
    Completion,
    Engine,
    Outcome,
    Prompt,
    Trial,
    TrialRecord,
)
from recallbench.errors import (
    ContextOverflowError,
    PromptError,
    RequestError,
    RetryableRequestError,
)
from recallbench.schedule.standing import Standing
from recallbench.scoring import ScoringRule, score

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """All that asking a trial of one variant takes."""

    variant: str
    """Name of the variant."""
    engine: Engine
    """Its engine."""
    build: Callable[[Trial], Prompt]
    """Makes the prompt when it is due."""
    standing: Standing
    """What the server's prefix cache should hold."""
    budget: AnswerBudget
    """What the model may generate."""
    rule: ScoringRule
    """How answers are judged."""
    attempts: int
    """Requests for one trial at most."""
    say: Callable[[str], None]
    """Told of each retry."""
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits between attempts, in seconds."""

    async def ask(self, trial: Trial) -> TrialRecord:
        """The record of one trial; a failure of the request is recorded, never scored.

        Raises:
            EngineError: the engine is gone or refuses everything; the trial stays owed.
        """
        try:
            prompt = self.build(trial)
        except PromptError as error:
            return self._failed(trial, None, Outcome.ERRORED, error, attempts=0)
        expected = self.standing.expected(prompt)
        self.standing.sent(prompt)
        record = await self._answered(trial, prompt)
        if record.latency_s is not None:
            self.standing.add(prompt)
        return replace(record, expected_cached_tokens=expected)

    async def _answered(self, trial: Trial, prompt: Prompt) -> TrialRecord:
        """What became of the trial, asked again where a failure may pass."""
        attempt = 0
        while True:
            attempt += 1
            try:
                completion = await self.engine.complete(prompt, self.budget)
            except ContextOverflowError as error:
                return self._failed(trial, prompt, Outcome.OVERFLOW, error, attempts=attempt)
            except RetryableRequestError as error:
                if attempt >= self.attempts:
                    await self.engine.check()
                    return self._failed(trial, prompt, Outcome.ERRORED, error, attempts=attempt)
                await self._pause(trial, attempt, error)
            except RequestError as error:
                return self._failed(trial, prompt, Outcome.ERRORED, error, attempts=attempt)
            else:
                return self._judged(trial, prompt, replace(completion, attempts=attempt))

    async def _pause(self, trial: Trial, attempt: int, error: Exception) -> None:
        """Wait longer after each attempt, by a random part: retries must not march in step."""
        longest = min(_FIRST_WAIT_S * 2 ** (attempt - 1), _LONGEST_WAIT_S)
        wait_s = longest * (0.5 + random.random() / 2)
        self.say(
            f"{trial.trial_id}: attempt {attempt} of {self.attempts} failed, "
            f"next in {wait_s:.1f} s: {error}"
        )
        await self.wait(wait_s)

    def _judged(self, trial: Trial, prompt: Prompt, completion: Completion) -> TrialRecord:
        counted = completion.prompt_tokens
        if counted != trial.length_tokens:
            told = (
                "reports no prompt_tokens" if counted is None else f"read {counted:,} prompt tokens"
            )
            error = RequestError(
                f"the server {told}, {trial.length_tokens:,} were sent: not scored, as the prompt "
                "may have been cut or changed"
            )
            record = self._failed(
                trial, prompt, Outcome.ERRORED, error, attempts=completion.attempts
            )
            return self._with_counts(record, completion)
        scored = score(completion, prompt.key, self.rule)
        record = replace(
            self._blank(trial, prompt, scored.outcome), answer=scored.answer, thought=scored.thought
        )
        return self._with_counts(record, completion)

    def _with_counts(self, record: TrialRecord, completion: Completion) -> TrialRecord:
        return replace(
            record,
            finish_reason=completion.finish_reason,
            prompt_tokens=completion.prompt_tokens,
            cached_tokens=completion.cached_tokens,
            completion_tokens=completion.completion_tokens,
            latency_s=round(completion.latency_s, 6),
            attempts=completion.attempts,
            fingerprint=completion.fingerprint,
        )

    def _failed(
        self,
        trial: Trial,
        prompt: Prompt | None,
        outcome: Outcome,
        error: Exception,
        *,
        attempts: int,
    ) -> TrialRecord:
        return replace(self._blank(trial, prompt, outcome), error=str(error), attempts=attempts)

    def _blank(self, trial: Trial, prompt: Prompt | None, outcome: Outcome) -> TrialRecord:
        return TrialRecord(
            variant=self.variant,
            trial_id=trial.trial_id,
            length_tokens=trial.length_tokens,
            depth=trial.depth,
            repeat=trial.repeat,
            outcome=outcome,
            key=prompt.key if prompt else "",
            achieved_depth=round(prompt.achieved_depth, 6) if prompt else None,
            prompt_sha256=prompt.sha256 if prompt else None,
            distractors=prompt.distractors if prompt else 0,
            needle_context=prompt.needle_context if prompt else None,
            finished_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
