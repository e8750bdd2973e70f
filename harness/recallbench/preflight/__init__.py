"""What is wrong with a serving configuration, said before it is started. Pure."""

from recallbench.preflight.deployment import Deployment
from recallbench.preflight.finding import Finding, Severity

__all__ = ["Deployment", "Finding", "Severity"]
