"""When recall falls, the likely cause by name. Pure: knows no clock, file, network or engine."""

from recallbench.diagnosis.budget import key_end_chars
from recallbench.diagnosis.examination import diagnose
from recallbench.diagnosis.facts import ServingFacts, serving_facts
from recallbench.diagnosis.pattern import Diagnosis, Pattern

__all__ = [
    "Diagnosis",
    "Pattern",
    "ServingFacts",
    "diagnose",
    "key_end_chars",
    "serving_facts",
]
