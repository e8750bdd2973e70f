"""What a run tells while it goes on, to stderr: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from recallbench.domain import Outcome, TrialRecord

_LINES_A_VARIANT = 10
_TRIALS_A_LINE = 20
_MINUTES_FROM_S = 120
_UNMEASURED = frozenset({Outcome.ERRORED, Outcome.OVERFLOW})


class Listener(Protocol):
    """Told what a run is doing."""

    def say(self, text: str) -> None:
        """Something a user should read, kept on the screen."""
        ...

    def phase(self, variant: str, text: str) -> None:
        """What an engine is at, replaced by the next; maybe while another variant is asked."""
        ...

    def begin(self, variant: str, done: int, total: int, *, at_most: bool = False) -> None:
        """A variant's trials begin, some of them done in an earlier session.

        With ``at_most`` the end may come long before ``total``: when a verdict is settled.
        """
        ...

    def trial(self, record: TrialRecord) -> None:
        """One trial is done."""
        ...

    def end(self) -> None:
        """A variant is over."""
        ...


class Count:
    """Counts a variant's trials for display."""

    def __init__(self, done: int, total: int, *, at_most: bool = False) -> None:
        """Begin with the trials of earlier sessions."""
        self.done = done
        self.total = total
        self.at_most = at_most
        self.recalled = 0
        self.measured = 0
        self.unmeasured = 0

    def add(self, record: TrialRecord) -> None:
        """Count one trial."""
        self.done += 1
        self.recalled += record.outcome is Outcome.RECALLED
        self.measured += record.outcome.is_measured
        self.unmeasured += record.outcome in _UNMEASURED

    @property
    def lines(self) -> int:
        """How many lines a log should have by now."""
        if self.at_most:
            return self.done // _TRIALS_A_LINE
        return self.done * _LINES_A_VARIANT // max(self.total, 1)

    @property
    def progress(self) -> str:
        """Trials done, and how many there are or are at most."""
        return f"{self.done}{' of at most ' if self.at_most else '/'}{self.total}"

    @property
    def words(self) -> str:
        """Recall so far, and failures if there are any."""
        failed = f", errors: {self.unmeasured}" if self.unmeasured else ""
        return f"{self.recalled}/{self.measured} recalled{failed}"


class LineListener:
    """Plain lines: for CI logs and pipes."""

    def __init__(self, console: Console) -> None:
        """Write to ``console``."""
        self._console = console
        self._count = Count(0, 0)
        self._variant = ""

    def say(self, text: str) -> None:
        """A line."""
        self._console.print(escape(text), highlight=False, soft_wrap=True)

    def phase(self, variant: str, text: str) -> None:
        """A line."""
        self.say(f"{variant}: {text}")

    def begin(self, variant: str, done: int, total: int, *, at_most: bool = False) -> None:
        """A line."""
        self._variant, self._count = variant, Count(done, total, at_most=at_most)
        resumed = f", {done} of them done before" if done else ""
        until = "until the verdict is settled, at most " if at_most else ""
        self.say(f"{variant}: {until}{total} trials{resumed}")

    def trial(self, record: TrialRecord) -> None:
        """A line at every tenth of the variant, and for each trial that failed."""
        count = self._count
        before = count.lines
        count.add(record)
        if record.outcome in _UNMEASURED:
            self.say(f"{self._variant}: {record.trial_id}: {record.outcome.value}: {record.error}")
        if count.lines > before:
            self.say(f"{self._variant}: {count.progress} trials, {count.words}")

    def end(self) -> None:
        """Nothing: the summary follows."""


class LiveListener:
    """A bar with rate and time left: for terminals."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        """Draw on ``console``; ``clock`` counts seconds."""
        self._lines = LineListener(console)
        self._clock = clock
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[words]}"),
            console=console,
        )
        self._task: TaskID | None = None
        self._shown = ""
        self._beside = ""
        self._count = Count(0, 0)
        self._begun_s = 0.0
        self._done_before = 0

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop drawing, leave the last state."""
        self._bars.stop()

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._lines.say(text)

    def phase(self, variant: str, text: str) -> None:
        """Beside a bar that only shows that something is going on, or at the end of another's."""
        if self._task is not None and variant != self._shown:
            self._beside = f"{variant}: {text}"
            self._update(words=self._words())
            return
        self._show(variant)
        self._update(words=escape(text))

    def begin(self, variant: str, done: int, total: int, *, at_most: bool = False) -> None:
        """A fresh bar."""
        self._count = Count(done, total, at_most=at_most)
        self._begun_s, self._done_before = self._clock(), done
        self._show(variant)
        if self._task is not None:
            words = self._count.progress
            self._bars.reset(self._task, total=total, completed=done, words=words)

    def trial(self, record: TrialRecord) -> None:
        """Move the bar."""
        self._count.add(record)
        if record.outcome in _UNMEASURED:
            self.say(f"{record.trial_id}: {record.outcome.value}: {record.error}")
        self._update(words=self._words(), completed=self._count.done)

    def end(self) -> None:
        """Leave the bar as it stands."""
        if self._task is not None:
            self._bars.stop_task(self._task)
        self._task = None
        self._beside = ""

    def _words(self) -> str:
        """Trials, rate, time left of this session where it is known, and recall so far."""
        count = self._count
        elapsed_s = max(self._clock() - self._begun_s, 1e-3)
        rate = (count.done - self._done_before) / elapsed_s
        left_s = (count.total - count.done) / rate if rate else 0
        left = f"{left_s / 60:.0f} min left" if left_s > _MINUTES_FROM_S else f"{left_s:.0f} s left"
        parts = [count.progress, f"{rate:.2f}/s", *([] if count.at_most else [left]), count.words]
        parts += [f"({escape(self._beside)})"] if self._beside else []
        return "  ".join(parts)

    def _show(self, variant: str) -> None:
        if self._task is None:
            self._shown = variant
            self._task = self._bars.add_task(escape(variant), total=None, words="")

    def _update(self, *, words: str, completed: int | None = None) -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=completed, words=words)
