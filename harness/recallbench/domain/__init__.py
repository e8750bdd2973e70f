"""Frozen values and the two ports. Knows no file, network, clock or library."""

from recallbench.domain.completion import AnswerBudget, Completion
from recallbench.domain.outcome import Outcome
from recallbench.domain.ports import Encoding, Engine, Tokenizer
from recallbench.domain.prompt import Prompt, SharedPrefix, TextSlice
from recallbench.domain.record import TrialRecord
from recallbench.domain.token_slice import TokenSlice, TokenStock, whole_tokens
from recallbench.domain.trial import Grid, Trial
from recallbench.domain.variant import RopeRequest, Variant

__all__ = [
    "AnswerBudget",
    "Completion",
    "Encoding",
    "Engine",
    "Grid",
    "Outcome",
    "Prompt",
    "RopeRequest",
    "SharedPrefix",
    "TextSlice",
    "TokenSlice",
    "TokenStock",
    "Tokenizer",
    "Trial",
    "TrialRecord",
    "Variant",
    "whole_tokens",
]
