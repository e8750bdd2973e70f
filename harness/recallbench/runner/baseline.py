"""The records that a variant is compared with: of a stored run, or of this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recallbench.domain import Prompt, Trial, TrialRecord
from recallbench.domain.gate_rules import BaselineRule
from recallbench.errors import ComparisonError, RunFolderError
from recallbench.gate.pairs import NAME_COVERS, check_prompts
from recallbench.journal import RunFolder, read_journal
from recallbench.stats import latest


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVariant:
    """One variant of a stored run."""

    folder: RunFolder
    """Where it is kept."""
    facts: dict[str, Any]
    """Its entry in ``run.json``."""
    run_facts: dict[str, Any]
    """The whole ``run.json``."""
    records: tuple[TrialRecord, ...]
    """Its latest records."""

    @property
    def name(self) -> str:
        """Name of the variant."""
        return str(self.facts["name"])

    @property
    def title(self) -> str:
        """Run and variant, as an error or a report names them."""
        return f"{self.folder.path.name}:{self.name}"


def stored_variant(folder: RunFolder, name: str | None, other: str | None = None) -> StoredVariant:
    """A variant of a run.

    Args:
        folder: the run.
        name: of the variant; None takes the only one, or the one called ``other``.
        other: what the variant is to be compared with.

    Raises:
        RunFolderError: there is no run, or it has no such variant, or several and none is named.
    """
    facts = folder.read_facts()
    entries = {entry["name"]: entry for entry in facts["variants"]}
    wanted = name or (next(iter(entries)) if len(entries) == 1 else other)
    if wanted not in entries:
        told = f"no variant {wanted!r}" if wanted else "several variants"
        raise RunFolderError(
            f"{folder.path}: {told}; it has {', '.join(entries)}: name one as {folder.path}:VARIANT"
        )
    records = latest(r for r in read_journal(folder.journal_path) if r.variant == wanted)
    return StoredVariant(folder=folder, facts=entries[wanted], run_facts=facts, records=records)


def check_questions(
    stored: Sequence[TrialRecord],
    trials: Sequence[Trial],
    build: Callable[[Trial], Prompt] | None,
) -> None:
    """Hold a baseline against the trials that are to be asked, before any is.

    Raises:
        ComparisonError: none is the same, or its prompt is another one.
    """
    records = {record.trial_id: record for record in stored}
    common = [trial for trial in trials if trial.trial_id in records]
    if not common:
        raise ComparisonError(
            f"the gate's baseline has none of this run's trials: {NAME_COVERS}; ask the baseline "
            "with this suite, or take its own suite (recallbench run BASELINE-FOLDER)"
        )
    if build is None:
        return
    first = common[0]
    hashes = records[first.trial_id].prompt_sha256, build(first).sha256
    check_prompts(first.trial_id, hashes, ("the gate's baseline", "this run"))


def baseline_records(
    rule: BaselineRule | None, variant: str, records: Sequence[TrialRecord]
) -> tuple[TrialRecord, ...] | None:
    """What a variant is held against; None without a rule, and for the baseline itself.

    Args:
        rule: the gate's rule.
        variant: name of the variant to be judged.
        records: of the run it is in.

    Raises:
        RunFolderError: the stored run cannot be read or has no such variant.
    """
    if rule is None:
        return None
    if rule.run is not None:
        return stored_variant(RunFolder(Path(rule.run)), rule.variant, variant).records
    if rule.variant == variant:
        return None
    return latest(record for record in records if record.variant == rule.variant)
