"""Where needles may stand, in tokens alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.errors import PromptError
from recallbench.prompts.rungs import (
    GUARD_TOKENS,
    MERGED_WITHIN,
    MOST_MOVED,
    SLACK_TOKENS,
    Rung,
    Site,
    rungs,
)

NEEDLES = [40] * 99
DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def anywhere(target: int, lowest: int, highest: int) -> int:
    return min(max(target, lowest), highest)


def sentences_of(tokens: int) -> Site:
    """A haystack whose sentences all have so many tokens; their ends alone may take a needle."""

    def nearest(target: int, lowest: int, highest: int) -> int:
        end = round(anywhere(target, lowest, highest) / tokens) * tokens
        return end if lowest <= end <= highest else end - tokens

    return nearest


def placed(
    rooms: dict[int, int],
    depths: Sequence[float] = DEPTHS,
    needles: Sequence[int] = NEEDLES,
    site: Site = anywhere,
) -> tuple[Rung, ...]:
    return rungs(rooms, depths, needles, site)


def by_cell(ladder: Sequence[Rung]) -> dict[tuple[int, float], Rung]:
    return {cell: rung for rung in ladder for cell in rung.cells}


ROOMS = st.lists(st.integers(200, 20_000), min_size=1, max_size=6, unique=True).map(
    lambda lengths: {length + 90: length for length in lengths}
)
GRID_DEPTHS = st.lists(
    st.floats(0, 1).map(lambda depth: round(depth, 3)), min_size=1, max_size=11, unique=True
)
COSTS = st.lists(st.integers(20, 60), min_size=70, max_size=70)
SITES = st.integers(1, 40).map(sentences_of)


@settings(deadline=None, max_examples=300)
@given(rooms=ROOMS, depths=GRID_DEPTHS, needles=COSTS, site=SITES)
def test_needles_that_can_be_placed_keep_every_rule(
    rooms: dict[int, int], depths: list[float], needles: list[int], site: Site
) -> None:
    try:
        ladder = placed(rooms, depths, needles, site)
    except PromptError:
        return
    longest = max(needles)
    asked = [cell for rung in ladder for cell in rung.cells]

    assert sorted(asked) == sorted((length, depth) for length in rooms for depth in depths)
    for number, rung in enumerate(ladder):
        assert rung.start == rung.place + sum(needles[:number])
        assert rung.end == rung.start + needles[number]
        assert number == 0 or rung.start >= ladder[number - 1].end
        for room in rooms.values():
            assert rung.end <= room - SLACK_TOKENS or rung.start >= room + GUARD_TOKENS
        lengths = [length for length, _ in rung.cells]
        assert len(set(lengths)) == len(lengths)
        for length, depth in rung.cells:
            haystack = rooms[length] - longest
            assert rung.end <= rooms[length] - SLACK_TOKENS
            assert abs(rung.start - round(depth * haystack)) <= MOST_MOVED * haystack


@settings(deadline=None, max_examples=60)
@given(
    lengths=st.lists(st.integers(4000, 200_000), min_size=1, max_size=7, unique=True),
    site=st.integers(1, 30).map(sentences_of),
)
def test_five_depths_of_long_prompts_always_fit(lengths: list[int], site: Site) -> None:
    ladder = placed({length: length - 90 for length in lengths}, site=site)

    assert len(by_cell(ladder)) == len(lengths) * len(DEPTHS)


def test_one_length_has_a_needle_for_every_depth_where_it_is_asked() -> None:
    ladder = placed({5000: 4900})

    assert [rung.cells for rung in ladder] == [((5000, depth),) for depth in DEPTHS]
    assert [rung.start for rung in ladder] == [0, 1215, 2430, 3645, 4900 - 40 - SLACK_TOKENS]


def test_all_lengths_ask_for_the_same_needle_at_depth_nought() -> None:
    ladder = placed({1000: 900, 8000: 7900, 9000: 8900})

    assert ladder[0].place == 0
    assert ladder[0].cells == ((1000, 0.0), (8000, 0.0), (9000, 0.0))


def test_cells_that_nearly_meet_take_one_needle_and_others_none() -> None:
    rooms = {10_000: 9_940, 20_000: 19_840}
    met = by_cell(placed(rooms, (0.25, 0.5)))

    assert met[20_000, 0.25] == met[10_000, 0.5]
    assert by_cell(placed(rooms, (0.3, 0.5)))[20_000, 0.3] != by_cell(placed(rooms))[10_000, 0.5]


@pytest.mark.parametrize("off", [-0.009, -0.011])
def test_how_far_cells_are_apart_that_take_one_needle_is_settled(off: float) -> None:
    rooms = {10_000: 10_040, 20_000: 20_040}
    depths = (0.25, 0.5 + 2 * off)
    cells = by_cell(placed(rooms, depths))
    is_one = cells[20_000, 0.25] == cells[10_000, depths[1]]

    assert is_one == (abs(off) <= MERGED_WITHIN)


def test_a_needle_of_a_longer_prompt_gives_way_to_the_end_of_a_shorter_one() -> None:
    cells = by_cell(placed({1000: 1000, 2000: 2000}, (0.5,)))

    assert cells[2000, 0.5].start in {1000 - 40 - SLACK_TOKENS, 1000 + GUARD_TOKENS}


@pytest.mark.parametrize(
    ("rooms", "depths", "needles"),
    [
        ({400: 300}, tuple(step / 20 for step in range(21)), NEEDLES),
        ({4000: 3900}, DEPTHS, NEEDLES[:4]),
        ({4000: 3900, 4030: 3930, 4060: 3960}, (0.9, 0.95, 0.97, 1.0), [400] * 20),
    ],
)
def test_needles_that_do_not_fit_are_refused_with_what_to_ask_for(
    rooms: dict[int, int], depths: tuple[float, ...], needles: list[int]
) -> None:
    told = (
        r"^ladder: the needles of length [\d,]+ do not all fit: that of depth [\d.]+ "
        r"would stand more than 10% of the haystack from there "
        r"\(a needle takes (40|400) tokens, the haystack has [\d,]+\); ask for fewer depths, "
        "longer or fewer lengths, or layout: single$"
    )
    with pytest.raises(PromptError, match=told):
        placed(rooms, depths, needles)
