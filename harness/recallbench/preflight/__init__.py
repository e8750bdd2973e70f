"""What is wrong with a serving configuration, said before it is started. Pure."""

from recallbench.preflight.case import Case, case_of
from recallbench.preflight.check import is_allowed
from recallbench.preflight.deployment import Deployment
from recallbench.preflight.finding import Finding, Severity
from recallbench.preflight.findings import findings
from recallbench.preflight.rule_names import MISMATCHES, ROPE_MISMATCH, RULE_NAMES

__all__ = [
    "MISMATCHES",
    "ROPE_MISMATCH",
    "RULE_NAMES",
    "Case",
    "Deployment",
    "Finding",
    "Severity",
    "case_of",
    "findings",
    "is_allowed",
]
