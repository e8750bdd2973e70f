"""A run's page in a real browser: from disk, by mouse and by keyboard, with hostile texts."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from recallbench.domain import Outcome, TrialRecord
from recallbench.gate.compared import Compared
from recallbench.gate.comparison import compare
from recallbench.journal import RunFolder, read_journal
from recallbench.reports.comparison_words import difference_phrase, discordant
from recallbench.reports.notation import printable, written_depth, written_length
from recallbench.reports.points import written_points, written_points_interval
from recallbench.stats import latest
from support.browser import Violation
from support.pages import HOSTILE, LONG, SPELLED, answered, hostile_run, selected, written_page
from support.records import DEPTHS, HIT, MISS, always, record, records
from support.stored_runs import published, stored_run

VARIANTS = ("bf16", "fp8", "fp8-kv", "w4a16")
TOLD = "#trials-told"
ARTICLES = "#trial-list article"
NAMES = (HOSTILE["attribute"], "a\x00\u202eb")
"""Of hostile variants."""


@pytest.fixture(scope="module")
def quantized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published run of four variants, as a page."""
    folder = tmp_path_factory.mktemp("quantized")
    return written_page(published("quantization-h200", folder / "run"), folder / "report.html")


@pytest.fixture(scope="module")
def journal(quantized: Path) -> tuple[TrialRecord, ...]:
    """Its records."""
    return latest(read_journal(RunFolder(quantized.parent / "run").journal_path))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose texts all mean harm, as a page."""
    folder = tmp_path_factory.mktemp("hostile")
    return written_page(hostile_run(folder / "run", NAMES), folder / "report.html")


def small_page(folder: Path, variants: dict[str, list[TrialRecord]]) -> Path:
    return written_page(stored_run(folder / "run", variants), folder / "report.html")


def told(page: Page) -> str:
    return page.inner_text(TOLD)


def cell(variant: int, length: int, depth: int | None) -> str:
    place = ":not([data-depth])" if depth is None else f'[data-depth="{depth}"]'
    return f'figure[data-variant="{variant}"] a.cell[data-length="{length}"]{place}'


def counts(trials: list[TrialRecord]) -> str:
    held = Counter(trial.outcome for trial in trials)
    return ", ".join(f"{held[outcome]} {outcome}" for outcome in Outcome if held[outcome])


def listed(page: Page) -> list[str]:
    ids: list[str] = page.locator(ARTICLES).evaluate_all("all => all.map((each) => each.id)")
    return ids


def shown_cells(page: Page) -> list[list[str | None]]:
    """Of cells, captions and the scale: colour, mark and text."""
    shown: list[list[str | None]] = page.locator("a.cell, figcaption, #scale").evaluate_all(
        """all => all.map((each) => [each.className, each.getAttribute("aria-current"),
          each.textContent])"""
    )
    return shown


def says(page: Page, place: str) -> str:
    return page.locator(place).locator(".unseen").text_content() or ""


def widths(page: Page) -> tuple[int, int]:
    wide, inner = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    return wide, inner


def test_it_opens_from_disk_with_what_was_not_recalled_misses_first(
    page: Page, quantized: Path, journal: tuple[TrialRecord, ...]
) -> None:
    page.goto(quantized.as_uri())

    lost = [trial for trial in journal if trial.outcome is not Outcome.RECALLED]
    assert (
        told(page) == f"{len(lost)} of {len(journal):,} trials were not recalled: {counts(lost)}."
    )
    assert page.locator(ARTICLES).count() == 25
    assert set(page.locator(f"{ARTICLES} h3 .outcome").all_inner_texts()) == {"missed"}
    page.click("#trial-more")
    assert page.locator(ARTICLES).count() == len(lost)
    assert page.locator("#trial-more").is_hidden()
    assert page.evaluate("document.activeElement.id") == listed(page)[25]


def test_a_run_without_misses_says_so_with_its_trials(page: Page, tmp_path: Path) -> None:
    path = small_page(tmp_path, {"v": list(records(always(HIT)))})

    page.goto(path.as_uri())

    assert told(page) == "All 50 trials were recalled."
    assert listed(page) == []


def test_a_run_without_trials_says_so(page: Page, tmp_path: Path) -> None:
    page.goto(small_page(tmp_path, {"v": []}).as_uri())

    assert told(page) == "No trial has been asked yet."


def test_a_cell_lists_its_trials_and_is_marked(
    page: Page, quantized: Path, journal: tuple[TrialRecord, ...]
) -> None:
    page.goto(quantized.as_uri())

    page.click(cell(3, 3, 1))

    trials = selected(journal, variant="w4a16", length=4096, depth=0.25)
    assert told(page) == (
        f"{len(trials)} trials of w4a16 at 4,096 tokens, depth 25%: {counts(trials)}."
    )
    assert page.evaluate("location.hash") == "#variant=w4a16&length=4096&depth=0.25"
    assert page.locator("a.cell[aria-current]").count() == 1
    assert page.locator(cell(3, 3, 1)).get_attribute("aria-current") == "true"
    page.click("#trial-more")
    shown = page.locator(f"{ARTICLES} h3").all_inner_texts()
    assert len(shown) == len(trials)
    assert all("w4a16" in head and "depth 25%" in head for head in shown)


def test_all_depths_of_a_length_and_a_cards_length_are_the_same_selection(
    page: Page, quantized: Path
) -> None:
    page.goto(quantized.as_uri())
    page.click(cell(1, 2, None))
    by_cell = told(page), page.evaluate("location.hash")

    page.click("#trial-clear")
    page.click('.card a[href="#variant=fp8&length=2048"]')

    assert (told(page), page.evaluate("location.hash")) == by_cell
    assert by_cell[0].startswith("200 trials of fp8 at 2,048 tokens: ")


def test_a_link_shows_the_same_in_a_fresh_page(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())
    page.click(cell(3, 3, 1))
    page.uncheck("#outcome-recalled")
    page.select_option("#against", "bf16")
    other = page.context.new_page()

    other.goto(page.url)

    assert other.inner_text(TOLD) == told(page)
    assert "Listed: 13 missed" in told(page)
    assert listed(other) == listed(page)
    assert shown_cells(other) == shown_cells(page)
    assert other.locator("#outcome-recalled").is_checked() is False
    expect(other.locator(TOLD)).to_be_in_viewport()


def test_outcomes_are_filtered_with_their_counts_and_leave_the_history_alone(
    page: Page, quantized: Path
) -> None:
    page.goto(f"{quantized.as_uri()}#variant=w4a16")
    before = page.evaluate("history.length")

    page.uncheck("#outcome-recalled")
    page.uncheck("#outcome-missed")

    labels = page.locator("#trial-outcomes label").all_inner_texts()
    assert [label.split() for label in labels[:3]] == [
        ["recalled", "755"],
        ["missed", "42"],
        ["truncated", "3"],
    ]
    assert told(page).endswith("Listed: 3 truncated.")
    assert page.locator(ARTICLES).count() == 3
    assert page.evaluate("location.hash").endswith("&outcome=truncated,overflow,errored")
    assert page.evaluate("history.length") == before


def test_the_way_back_leads_through_the_selections(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())
    first = told(page)
    page.click(cell(0, 0, 0))
    second = told(page)
    page.click(cell(1, 0, 0))

    page.go_back()
    expect(page.locator(TOLD)).to_have_text(second)
    assert page.locator(cell(0, 0, 0)).get_attribute("aria-current") == "true"
    page.go_back()
    expect(page.locator(TOLD)).to_have_text(first)
    page.go_forward()
    expect(page.locator(TOLD)).to_have_text(second)


def test_a_link_to_a_part_of_the_page_keeps_the_selection(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())
    first = told(page)
    page.click(cell(3, 3, 1))
    second = told(page)

    page.click('nav a[href="#findings"]')
    # The page hears of a followed link by an event that comes after the click.
    page.wait_for_function("history.state !== null")
    assert told(page) == second
    page.reload()
    assert told(page) == second
    page.go_back()
    page.go_back()
    expect(page.locator(TOLD)).to_have_text(first)


def test_choices_select_too_and_are_set_by_a_cell(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())

    page.select_option("#trial-length", "512 tokens")
    assert told(page).startswith("800 trials at 512 tokens: ")
    page.select_option("#trial-depth", "75%")
    assert told(page).startswith("160 trials at 512 tokens, depth 75%: ")
    page.click(cell(2, 1, 4))
    chosen = [page.locator(f"#trial-{part} option:checked").inner_text() for part in PARTS]
    assert chosen == ["fp8-kv", "1,024 tokens", "100%"]
    page.click("#trial-clear")
    assert told(page).startswith("50 of 3,200 trials were not recalled")
    assert page.evaluate("location.hash") == ""


PARTS = ("variant", "length", "depth")


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("variant=x%00y", 'This page has no variant "x\\x00y".'),
        ("length=1", 'This page has no length "1".'),
        ("depth=", 'This page has no depth "".'),
        ("against=none", 'This page has no variant "none".'),
        ("outcome=lost", 'This page has no outcome "lost".'),
        ("trial=%3Cb%3E", 'This page has no trial "<b>".'),
    ],
)
def test_what_the_page_does_not_have_is_said_and_ignored(
    page: Page, quantized: Path, fragment: str, said: str
) -> None:
    page.goto(f"{quantized.as_uri()}#{fragment}")

    assert told(page).startswith(f"{said} 50 of 3,200 trials were not recalled")


def test_a_pasted_link_is_followed_without_loading_again(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())

    page.evaluate("location.hash = '#variant=fp8&length=4096'")

    expect(page.locator(TOLD)).to_have_text(
        "200 trials of fp8 at 4,096 tokens: 198 recalled, 2 missed."
    )


@pytest.mark.parametrize("against", [0, 3])
def test_differences_are_those_of_a_comparison(
    page: Page, quantized: Path, journal: tuple[TrialRecord, ...], against: int
) -> None:
    page.goto(quantized.as_uri())
    before = shown_cells(page)
    page.select_option("#against", VARIANTS[against])

    for other in set(range(4)) - {against}:
        ours, theirs = (VARIANTS[against], VARIANTS[other])
        sides = [selected(journal, variant=name) for name in (ours, theirs)]
        found = compare(sides[0], sides[1], (ours, theirs))
        for part in (*found.cells, *found.lengths):
            depth = None if part.depth is None else DEPTHS.index(part.depth)
            place = cell(other, LENGTHS.index(part.length_tokens or 0), depth)
            assert_is_part(page, place, part)
        assert difference_phrase(found.overall).split("(")[1].split(")")[0] in page.inner_text(
            "#against-told"
        )
    assert "is the one compared with" in page.locator("figcaption").all_inner_texts()[against]
    page.select_option("#against", "")
    assert shown_cells(page) == before


def assert_is_part(page: Page, place: str, part: Compared) -> None:
    """A cell says a part's numbers, and has their colour where the scale ends at 50 points."""
    difference, interval = part.pairs.difference, part.interval
    assert difference is not None
    assert interval is not None
    points = written_points(difference)
    seen = page.locator(place).locator("[aria-hidden]").all_text_contents()
    assert seen == [points, discordant(part), f"n {part.pairs.n}"]
    assert f"(95% interval {written_points_interval(interval)})" in says(page, place)
    side = "loss" if difference < 0 else "gain"
    colour = f"cell {side}{round(20 * abs(difference) / 0.5)}"
    assert page.locator(place).get_attribute("class") == colour


LENGTHS = (512, 1024, 2048, 4096)


def test_a_difference_is_told_in_words_in_both_directions(page: Page, quantized: Path) -> None:
    page.goto(f"{quantized.as_uri()}#against=bf16")
    assert says(page, cell(3, 3, 1)) == (
        "w4a16, 4,096 tokens, depth 25%: 33.3 points less than bf16 "
        "(95% interval -49.0 to -20.6), 13 lost and 0 gained of 39 pairs"
    )
    assert "-50.0 points: less than bf16" in page.inner_text("#scale")

    page.select_option("#against", "w4a16")

    label = says(page, cell(0, 3, 1))
    assert "33.3 points more than w4a16 (95% interval +20.6 to +49.0), 0 lost and 13" in label


def test_variants_that_cannot_be_compared_say_why(page: Page, tmp_path: Path) -> None:
    ours = [record(repeat=n) for n in range(5)]
    theirs = [replace(each, prompt_sha256="0" * 64) for each in ours]
    page.goto(f"{small_page(tmp_path, {'a': ours, 'b': theirs}).as_uri()}#against=a")

    assert page.inner_text("#against-told").startswith("b cannot be compared with a: ")
    assert page.locator(cell(1, 0, 0)).locator("[aria-hidden]").inner_text() == "no pairs"
    assert page.locator(cell(1, 0, 0)).get_attribute("class") == "cell none"


def test_points_are_written_as_in_all_reports(page: Page) -> None:
    source = (files("recallbench.reports.page") / "assets" / "text.js").read_text(encoding="utf-8")
    values = [
        sign * k / n for n in (*range(1, 130), 3000) for k in range(n + 1) for sign in (1, -1)
    ]

    written = page.evaluate(
        f"(values) => {{ {source}\nreturn values.map(writtenPoints); }}", values
    )

    assert written == [written_points(value) for value in values]


def test_depths_and_lengths_are_written_as_in_all_reports(page: Page) -> None:
    source = (files("recallbench.reports.page") / "assets" / "text.js").read_text(encoding="utf-8")
    depths = [n / d for d in (1, 3, 7, 8, 40, 1000) for n in range(d + 1)]
    js = f"""([depths, lengths]) => {{ {source}
      return [depths.map(writtenDepth), lengths.map(writtenNumber)]; }}"""

    written = page.evaluate(js, [depths, [0, 999, 1000, 1_048_576]])

    assert written[0] == [written_depth(depth) for depth in depths]
    assert written[1] == [written_length(n) for n in (0, 999, 1000, 1_048_576)]


def test_arrow_keys_move_between_the_cells_of_a_table(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())
    stops = page.locator('figure[data-variant="0"] a.cell[tabindex="0"]')
    assert stops.count() == 1
    stops.focus()
    steps = [
        ("ArrowRight", cell(0, 1, 0)),
        ("ArrowDown", cell(0, 1, 1)),
        ("End", cell(0, 3, 1)),
        ("ArrowRight", cell(0, 3, 1)),
        ("Home", cell(0, 0, 1)),
        ("ArrowLeft", cell(0, 0, 1)),
        ("ArrowUp", cell(0, 0, 0)),
        ("ArrowUp", cell(0, 0, 0)),
        *[("ArrowDown", cell(0, 0, depth)) for depth in (1, 2, 3, 4, None)],
    ]
    for key, place in steps:
        page.keyboard.press(key)
        expect(page.locator(place)).to_be_focused()
        assert stops.count() == 1
    said = page.locator('figure[data-variant="0"] .readout').inner_text()
    assert said == says(page, cell(0, 0, None))

    page.keyboard.press("Enter")

    assert told(page).startswith("200 trials of bf16 at 512 tokens: ")
    expect(page.locator(cell(0, 0, None))).to_be_focused()
    expect(page.locator(TOLD)).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator('figure[data-variant="1"] a.cell[tabindex="0"]')).to_be_focused()


def test_below_a_table_stands_what_the_pointed_or_the_selected_cell_says(
    page: Page, quantized: Path
) -> None:
    page.goto(f"{quantized.as_uri()}#variant=fp8&length=512&depth=0.5")
    readout = page.locator('figure[data-variant="1"] .readout')
    selected_says = says(page, cell(1, 0, 2))
    assert readout.inner_text() == selected_says

    page.hover(cell(1, 3, 0))
    assert readout.inner_text() == says(page, cell(1, 3, 0))
    page.hover("h1")
    assert readout.inner_text() == selected_says


def test_dark_is_a_switch_that_is_kept(page: Page, quantized: Path) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(quantized.as_uri())
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button = page.get_by_role("button", name="Dark", exact=True)
    expect(button).to_have_attribute("aria-pressed", "false")

    button.click()

    expect(button).to_have_attribute("aria-pressed", "true")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    button.click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light


def test_a_trials_link_unfolds_it_and_moves_the_focus_there(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())
    page.locator(f"{ARTICLES} summary").nth(7).click()
    name = listed(page)[7]
    page.get_by_role("link", name="Link to this trial").click()
    other = page.context.new_page()

    other.goto(page.url)

    assert listed(page) == listed(other) == [name]
    for each in (page, other):
        expect(each.locator(ARTICLES)).to_be_focused()
        expect(each.locator(f"{ARTICLES} details")).to_have_attribute("open", "")
        expect(each.locator(ARTICLES)).to_be_in_viewport()
    other.get_by_role("link", name="All trials of its cell").click()
    assert other.inner_text(TOLD).startswith("40 trials of w4a16 at 512 tokens, depth 75%: ")


def test_a_trial_tells_all_that_is_known_of_it(page: Page, tmp_path: Path) -> None:
    hit = answered(record(depth=0.5), "It is 73914206, not 739142061.")
    path = small_page(
        tmp_path,
        {
            "a": [replace(hit, achieved_depth=0.49514)],
            "b": [replace(hit, outcome=MISS, answer="I cannot say.", attempts=1)],
        },
    )
    page.goto(f"{path.as_uri()}#variant=a&trial={hit.trial_id}")
    article = page.locator(ARTICLES)

    assert article.locator("mark").all_inner_texts() == ["73914206", "the key is 73914206"]
    assert article.locator(".around").inner_text() == (
        "behind the hill the key is 73914206 there was rain"
    )
    facts = article.locator(".facts div").evaluate_all(
        "all => all.map((each) => [...each.children].map((part) => part.textContent))"
    )
    assert dict(facts) == {
        "depth achieved": "49.51%",
        "prompt tokens": "1,000",
        "cached tokens": "512 of 528 expected",
        "completion tokens": "9",
        "latency": "1.250 s",
        "finish reason": "stop",
        "attempts": "2",
        "finished": "2026-11-20 23:35:27 UTC",
        "prompt's SHA-256": f"{(hit.prompt_sha256 or '')[:12]}...",
        "trial": hit.trial_id,
    }
    assert article.locator(".others li").all_inner_texts() == ["b: missed I cannot say."]
    article.get_by_text("Thought", exact=True).click()
    expect(article.get_by_text("so I thought")).to_be_visible()


def test_a_run_that_kept_no_text_around_its_needles_says_so(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())
    page.locator(f"{ARTICLES} summary").first.click()

    expect(page.get_by_text("Not kept by the recallbench that made this run.")).to_be_visible()


def test_commands_are_copied_and_where_that_is_refused_they_are_marked(
    page: Page, quantized: Path
) -> None:
    page.goto(quantized.as_uri())
    name = listed(page)[0].split("-", 2)[2]
    page.locator(f"{ARTICLES} summary").first.click()
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.taken = text } }"
    )
    again = page.get_by_role("button", name="Copy: ask it again")

    again.click()

    expect(page.locator(".copied [role=status]").first).to_have_text("Copied")
    command = page.evaluate("window.taken")
    run = str(quantized.parent / "run")
    assert shlex.split(command) == [
        *("recallbench", "run", run, "--variant", "fp8", "--trial", name)
    ]
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    again.click()
    expect(page.locator(".copied [role=status]").first).to_contain_text("Marked")
    assert page.evaluate("String(getSelection())") == command


def test_hostile_texts_are_shown_as_text_and_nothing_runs(page: Page, hostile: Path) -> None:
    page.on("dialog", lambda _: pytest.fail("a dialog was opened"))
    page.goto(f"{hostile.as_uri()}#length=1000&depth=0.0")
    title = page.title()
    for summary in page.locator(f"{ARTICLES} > details > summary").all():
        summary.click()
    for summary in page.locator(f"{ARTICLES} details details summary").all():
        summary.click()

    texts = page.locator(f"{ARTICLES} .said .text").all_text_contents()
    for text in HOSTILE.values():
        assert texts.count(text) >= 2, text
    for spelled in SPELLED.values():
        assert texts.count(spelled) >= 2, spelled
    assert texts.count(LONG[:4000]) >= 2
    assert page.get_by_text("6,000 characters more are left out here").count() >= 2
    names = set(page.locator(f"{ARTICLES} h3 .name").all_inner_texts())
    assert names == {printable(name) for name in NAMES}
    assert page.title() == title
    assert page.locator("#trials img, #trials script").count() == 0
    assert page.evaluate("location.hash") == "#length=1000&depth=0.0"


def test_hostile_names_are_selected_linked_and_compared(page: Page, hostile: Path) -> None:
    page.goto(hostile.as_uri())
    page.click(cell(0, 0, 0))
    assert f"of {NAMES[0]} at 1,000 tokens" in told(page)
    page.click(cell(1, 0, 0))
    said = told(page)
    assert f"of {printable(NAMES[1])} at 1,000 tokens" in said
    other = page.context.new_page()
    other.goto(page.url)
    assert other.inner_text(TOLD) == said

    page.locator("#against").select_option(index=1)

    assert f"no difference from {NAMES[0]}" in page.inner_text("#against-told")


def test_a_hostile_name_is_one_word_of_a_command(page: Page, hostile: Path) -> None:
    page.goto(hostile.as_uri())
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.taken = text } }"
    )
    commands = set()
    for article in page.locator(ARTICLES).all()[:12]:
        article.locator("summary").first.click()
        article.get_by_role("button", name="Copy: write its prompt").click()
        expect(article.locator(".copied [role=status]").last).to_have_text("Copied")
        commands.add(page.evaluate("window.taken"))

    words = [shlex.split(command) for command in commands]
    assert {len(each) for each in words} == {9}
    assert {f"L1000-{text[:64]}" for text in HOSTILE.values()} & {each[-1] for each in words}


def test_new_content_of_a_live_page_keeps_the_readers_place(page: Page, quantized: Path) -> None:
    page.goto(f"{quantized.as_uri()}#variant=w4a16&against=bf16")
    page.uncheck("#outcome-recalled")
    page.click("#trial-more")
    page.locator(f"{ARTICLES} summary").nth(30).click()
    before = told(page), listed(page), page.inner_text(ARTICLES + ":nth-child(31)")
    cells = shown_cells(page)

    page.evaluate(
        """async (html) => {
          const next = new DOMParser().parseFromString(html, "text/html");
          document.querySelector("main").replaceChildren(...next.querySelector("main").childNodes);
          const data = document.getElementById("run-data");
          const held = JSON.parse(next.getElementById("run-data").textContent);
          data.textContent = JSON.stringify(held);
          document.dispatchEvent(new Event("recallbench:renewed"));
        }""",
        quantized.read_text(encoding="utf-8"),
    )

    assert (told(page), listed(page), page.inner_text(ARTICLES + ":nth-child(31)")) == before
    assert shown_cells(page) == cells
    page.click(cell(0, 0, 0))
    assert "bf16 at 512 tokens, depth 0%" in told(page)
    assert page.locator("#trial-outcomes input").count() == len(Outcome)


def test_only_what_is_shown_is_built(page: Page, quantized: Path) -> None:
    page.goto(f"{quantized.as_uri()}#outcome=recalled")

    assert told(page).startswith("3,200 trials: 3,150 recalled, ")
    assert page.locator(ARTICLES).count() == 25
    assert page.locator(f"{ARTICLES} .facts").count() == 0


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        *(("quantized", (width, theme)) for width in (1280, 390) for theme in ("light", "dark")),
        ("hostile", (390, "light")),
        ("hostile", (1280, "dark")),
    ],
)
def test_nothing_scrolls_sideways_and_axe_finds_nothing(
    page: Page,
    accessibility: Callable[[Page], list[Violation]],
    request: pytest.FixtureRequest,
    name: str,
    screen: tuple[int, Literal["light", "dark"]],
) -> None:
    path: Path = request.getfixturevalue(name)
    width, theme = screen
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=theme)
    page.goto(f"{path.as_uri()}#outcome=missed,errored")
    for summary in page.locator(f"{ARTICLES} > details > summary").all()[:3]:
        summary.click()

    assert widths(page) == (width, width)
    assert accessibility(page) == []
    page.locator("#against").select_option(index=1)
    assert widths(page) == (width, width)
    assert accessibility(page) == []


def test_on_paper_stand_the_listed_trials_without_buttons(page: Page, quantized: Path) -> None:
    page.goto(quantized.as_uri())
    page.locator(f"{ARTICLES} summary").first.click()

    page.emulate_media(media="print")

    assert page.locator("#trials button:visible").count() == 0
    assert page.locator(f"{ARTICLES}:visible").count() == 25
    data = json.loads(page.locator("#run-data").text_content() or "")
    assert data["schema"] == 1
