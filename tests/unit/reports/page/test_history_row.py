"""A run's row has a cell for each length, and says what is no miss in words."""

from __future__ import annotations

from recallbench.domain import Outcome
from recallbench.reports.page.history_row import HistoryCell, history_row
from support.histories import entry_of, listed_nights
from support.records import HIT, always, record, records


def cells(*args: object, lengths: tuple[int, ...] = (1000,)) -> tuple[HistoryCell, ...]:
    (listed,) = listed_nights(entry_of(*args))  # type: ignore[arg-type] # records
    return history_row(listed, "2026-11-20", lengths, is_other=False).cells


def test_a_cell_has_its_trials_share_and_interval() -> None:
    (cell,) = cells(records(always(HIT)))

    assert (cell.hits, cell.share, cell.interval) == ("50/50", "100%", "92.9-100%")
    assert cell.colour == "r100"
    assert cell.words == ""


def test_a_cell_leads_to_its_trials_on_the_page_of_its_run() -> None:
    (cell,) = cells(records(always(HIT)))

    assert cell.link == "night-0/report.html#variant=v&length=1000"


def test_trials_without_recall_are_told_and_never_misses() -> None:
    held = [record(repeat=0), record(repeat=1, outcome=Outcome.ERRORED)]
    (cell,) = cells(held)

    assert (cell.hits, cell.share) == ("1/1", "100%")
    assert cell.words == "1 err, 48 owed"


def test_a_length_that_the_run_was_not_asked_at_has_no_number() -> None:
    _, cell = cells(records(always(HIT)), lengths=(1000, 2000))

    assert (cell.hits, cell.share, cell.interval) == ("", "", "")
    assert cell.colour == "none"
    assert cell.words == "not asked"
