"""Every error recallbench raises on purpose, and the exit code each one ends the program with.

    RecallbenchError               2  anything the user can mend; the message says how
    |-- SuiteError                 2  suite file or command-line option
    |-- CheckpointError            2  model folder, hub id or embedded model
    |-- RopeError                  2  RoPE parameters that cannot be merged or served
    |-- PreflightError             2  a serving configuration that would not recall
    |-- CorpusError                2  haystack text that cannot be read, fetched or used
    |-- PromptError                2  a prompt that cannot have the asked length
    |-- RunFolderError             2  run folder in use, damaged, or of another suite
    |-- ComparisonError            2  two variants that were not asked the same questions
    |-- EngineError                3  the engine or endpoint, as a whole, cannot serve
    |   |-- EngineStartError       3  it did not come up
    |   |-- EngineLostError        3  it was up and is gone
    |   `-- RopeMismatchError      3  it runs another RoPE than was asked for
    `-- RequestError               3  one request failed; the trial is errored, never a miss
        |-- ContextOverflowError   3  the server refused the length
        `-- RetryableRequestError  3  may go through when sent again

A message says where, what was got, what is allowed and what to do next.
"""

from __future__ import annotations


class RecallbenchError(Exception):
    """Root of all errors raised on purpose."""

    exit_code = 2


class SuiteError(RecallbenchError):
    """A suite file or a command-line option is wrong."""


class CheckpointError(RecallbenchError):
    """A model's files cannot be found, read or built."""


class RopeError(RecallbenchError):
    """RoPE parameters cannot be merged with the checkpoint's or served by this vLLM."""


class PreflightError(RecallbenchError):
    """A serving configuration is wrong in a way that is known before it is started."""


class CorpusError(RecallbenchError):
    """Haystack text cannot be read, fetched or used."""


class PromptError(RecallbenchError):
    """No prompt of the asked length and depth exists."""


class RunFolderError(RecallbenchError):
    """A run folder is in use, damaged, or belongs to another suite."""


class ComparisonError(RecallbenchError):
    """Two variants cannot be compared, as they were not asked the same questions."""


class EngineError(RecallbenchError):
    """The engine or endpoint, as a whole, cannot serve."""

    exit_code = 3


class EngineStartError(EngineError):
    """The engine did not come up."""


class EngineLostError(EngineError):
    """The engine was up and no longer answers."""


class RopeMismatchError(EngineError):
    """The engine runs another RoPE than was asked for; its trials would measure something else."""


class RequestError(RecallbenchError):
    """One request failed for good."""

    exit_code = 3


class ContextOverflowError(RequestError):
    """The server refused the request because prompt and answer are longer than its context."""


class RetryableRequestError(RequestError):
    """The request failed in a way that may pass: overload, time-out, broken connection."""
