"""A run's folder: its files by name, and ``run.json``, the facts that are no trial."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recallbench.errors import RunFolderError

SCHEMA = 1
"""Version of ``run.json``; raised when a key changes its meaning."""
PAGE = "report.html"
"""Name of a run's page."""


class RunFolder:
    """Paths of one run, and its ``run.json``."""

    def __init__(self, path: Path) -> None:
        """Name a folder; nothing is read or made."""
        self.path = path

    @property
    def facts_path(self) -> Path:
        """``run.json``."""
        return self.path / "run.json"

    @property
    def journal_path(self) -> Path:
        """``trials.jsonl``."""
        return self.path / "trials.jsonl"

    @property
    def page_path(self) -> Path:
        """``report.html``."""
        return self.path / PAGE

    def heatmap_path(self, variant: str) -> Path:
        """The heatmap of one variant as PNG."""
        return self.path / f"heatmap-{file_name(variant)}.png"

    def heatmap_svg_path(self, variant: str) -> Path:
        """The same heatmap as SVG."""
        return self.path / f"heatmap-{file_name(variant)}.svg"

    def log_path(self, variant: str) -> Path:
        """The server's log of one variant."""
        return self.path / f"server-{file_name(variant)}.log"

    def create(self) -> None:
        """Make the folder.

        Raises:
            RunFolderError: it holds a run already, or cannot be made.
        """
        if self.facts_path.exists() or self.journal_path.exists():
            raise RunFolderError(
                f"{self.path}: holds a run already. Go on with it (--resume {self.path}), choose "
                "another folder (--out DIR), or remove it"
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(f"{self.path}: cannot be made: {error.strerror}") from error

    def write_facts(self, facts: Mapping[str, Any]) -> None:
        """Replace ``run.json`` in one step: a reader sees the old or the new one, never a part."""
        text = json.dumps({"schema": SCHEMA, **facts}, indent=2, ensure_ascii=False) + "\n"
        with tempfile.NamedTemporaryFile(
            "w", dir=self.path, delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).chmod(0o644)
        Path(file.name).replace(self.facts_path)

    def read_facts(self) -> dict[str, Any]:
        """The contents of ``run.json``.

        Raises:
            RunFolderError: there is none, it is damaged, or of a newer format.
        """
        try:
            facts = json.loads(self.facts_path.read_text(encoding="utf-8"))
        except OSError as error:
            raise RunFolderError(
                f"{self.path}: no run here: run.json cannot be read ({error.strerror}); name a "
                "folder that `recallbench run` made"
            ) from error
        except ValueError as error:
            raise RunFolderError(f"{self.facts_path}: damaged: {error}") from error
        if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
            raise RunFolderError(
                f"{self.facts_path}: not in format {SCHEMA}, which this recallbench reads; use the "
                "recallbench that wrote the run"
            )
        for entry in facts.get("variants", ()):
            _in_present_form(entry)
        return facts


def _in_present_form(entry: dict[str, Any]) -> None:
    """Before 0.2 there was no proof, only the word for none."""
    if isinstance(entry.get("rope_effective"), str):
        reasons = ["its RoPE was not read when this run was made"]
        entry["rope_effective"] = {
            "status": entry["rope_effective"],
            "reasons": reasons,
            "tables": [],
            "against_asked": [],
            "settings": {},
        }


def file_name(variant: str) -> str:
    """A variant's name as part of a file name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", variant)
