"""Deployment files, read for the vLLM engines they start. Nothing that is read is ever run."""

from recallbench.lint.invocation import Invocation, Scan, Skipped, Unparsed
from recallbench.lint.reading import find_invocations

__all__ = ["Invocation", "Scan", "Skipped", "Unparsed", "find_invocations"]
