"""A run's page holds all that a reader looks for, and needs no other file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from recallbench.artifacts.report_page import report_html
from recallbench.artifacts.run_results import RunResults, read_results
from recallbench.journal import RunFolder
from support.records import HIT, MISS, always, records
from support.stored_runs import published, stored_run

HOSTILE = "</script><script>alert(1)</script><!-- \" ' & \x00 \u202e \ud800"
LOADING = {"src", "srcset", "data", "poster", "background", "action", "ping"}


class Loads(HTMLParser):
    """Collects what a page would load, and the texts of its elements by tag."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[tuple[str, str]] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            loads = name in LOADING or (name == "href" and tag != "a")
            if loads or name == "style" or name.startswith("on"):
                self.loads.append((name, value or ""))


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="run-data">(.*?)</script>', page)
    assert found
    held: dict[str, Any] = json.loads(found[1])
    return held


@pytest.fixture(scope="session")
def quantized(tmp_path_factory: pytest.TempPathFactory) -> RunResults:
    folder = tmp_path_factory.mktemp("page") / "quantization-h200"
    return read_results(RunFolder(published("quantization-h200", folder)))


def test_a_page_loads_nothing_and_has_no_inline_handler_or_style(quantized: RunResults) -> None:
    parser = Loads()
    parser.feed(report_html(quantized))

    assert parser.loads == []
    assert parser.tags.count("script") == 2
    assert parser.tags.count("style") == 1


def test_the_page_of_3200_trials_is_below_3_megabytes_and_holds_them_all(
    quantized: RunResults,
) -> None:
    page = report_html(quantized)

    assert len(page.encode()) < 3_000_000
    data = data_of(page)
    assert len(data["trials"]) == 3200
    assert len(data["questions"]) == 800
    assert len(data["differences"]) == 6


def test_equal_results_make_equal_bytes(quantized: RunResults) -> None:
    assert report_html(quantized) == report_html(quantized)


def test_every_part_is_there(quantized: RunResults) -> None:
    page = report_html(quantized)

    for part in ("variants", "recall", "trials", "cost", "findings", "made"):
        assert f'<section id="{part}"' in page
    assert "this run did not keep its findings" in page
    assert page.count('<figure class="heatmap"') == 4


def hostile_run(folder: Path) -> RunFolder:
    held = [replace(r, answer=HOSTILE, error=HOSTILE) for r in records(always(MISS))]
    run = RunFolder(stored_run(folder, {"v": held}))
    facts = run.read_facts()
    facts.pop("schema")
    entry = facts["variants"][0]
    entry["model"] = HOSTILE.replace("\ud800", "")
    entry["error"] = "first line\n</pre><script>alert(2)</script>"
    entry["preflight"] = [
        {
            "rule": "r",
            "severity": "warning",
            "what": "<i>what</i>",
            "why": "why",
            "fix": "fix",
            "setting": None,
            "allowed": True,
        }
    ]
    run.write_facts(facts)
    return run


def test_text_from_outside_stays_text(tmp_path: Path) -> None:
    page = report_html(read_results(hostile_run(tmp_path / "run")))
    parser = Loads()
    parser.feed(page)

    assert parser.tags.count("script") == 2
    assert "\x00" not in page
    assert "\u202e" not in re.sub(r"<script type=.*?</script>", "", page, flags=re.DOTALL)
    page.encode("utf-8")
    assert data_of(page)["trials"][0][3] == HOSTILE
    assert "first line\n&lt;/pre&gt;" in page
    assert "&lt;i&gt;what&lt;/i&gt;" in page
    assert "(allowed)" in page


def test_only_a_live_page_asks_its_server(tmp_path: Path) -> None:
    results = read_results(RunFolder(stored_run(tmp_path / "run", {"v": records(always(HIT))})))

    assert "connect-src" not in report_html(results)
    assert "connect-src &#39;self&#39;" in report_html(results, is_live=True)


def test_a_run_without_a_single_trial_has_a_page(tmp_path: Path) -> None:
    results = read_results(RunFolder(stored_run(tmp_path / "run", {"v": ()})))

    page = report_html(results)

    assert "no recall measured" in page
    assert "50 trials errored, refused or not asked yet: never counted as a miss." in page
