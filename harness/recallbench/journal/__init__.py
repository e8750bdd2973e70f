"""The run's folder: an append-only journal of trials and the facts of the run."""

from recallbench.journal.journal import Journal, read_journal
from recallbench.journal.run_folder import RunFolder

__all__ = ["Journal", "RunFolder", "read_journal"]
