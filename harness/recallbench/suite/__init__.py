"""A suite: YAML and command line in, frozen plan out."""

from recallbench.suite.loading import differing_keys, load_suite, parse_suite
from recallbench.suite.options import Options, suite_with, with_allowed
from recallbench.suite.planning import PlannedVariant, RunPlan, Serving, plan_run
from recallbench.suite.resolved import Suite, resolve
from recallbench.suite.schema import SuiteFile
from recallbench.suite.trials import trials_of

__all__ = [
    "Options",
    "PlannedVariant",
    "RunPlan",
    "Serving",
    "Suite",
    "SuiteFile",
    "differing_keys",
    "load_suite",
    "parse_suite",
    "plan_run",
    "resolve",
    "suite_with",
    "trials_of",
    "with_allowed",
]
