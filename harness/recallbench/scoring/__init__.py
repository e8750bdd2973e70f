"""From a completion to an outcome."""

from recallbench.scoring.answer import Scored, ScoringRule, score

__all__ = ["Scored", "ScoringRule", "score"]
