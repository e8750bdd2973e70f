"""The planted sentence, its key, and the question that asks for it: the prompt's recipe."""

from __future__ import annotations

import string
import uuid
from dataclasses import dataclass

from recallbench.domain.draws import Draws

LABELS = (
    "Falcon", "Harbor", "Maple", "Copper", "Orchid", "Granite", "Juniper", "Meadow", "Saffron",
    "Velvet", "Walnut", "Zephyr", "Amber", "Birch", "Canyon", "Dolphin", "Ember", "Fjord", "Garnet",
    "Hazel", "Indigo", "Jasper", "Kestrel", "Lagoon", "Marble", "Nectar", "Onyx", "Pepper",
    "Quartz", "Raven", "Sable", "Tulip", "Umber", "Violet", "Willow", "Yarrow", "Aspen", "Beacon",
    "Cobalt", "Dune", "Echo", "Fern", "Glacier", "Heron", "Iris", "Jade", "Kiwi", "Lotus", "Mango",
    "Nova", "Olive", "Prairie", "Quill", "Ridge", "Sierra", "Topaz", "Upland", "Vista", "Wren",
    "Zinnia",
)  # fmt: skip
"""Names for keys: single words that look alike to a model and like nothing in the haystacks."""
LADDER_LABELS = (
    *LABELS,
    "Acorn", "Anchor", "Anvil", "Apricot", "Arrow", "Atlas", "Badger", "Bamboo", "Banjo", "Barley",
    "Basil", "Bison", "Blossom", "Bramble", "Breeze", "Brook", "Bugle", "Cactus", "Camel", "Candle",
    "Caramel", "Cedar", "Cello", "Cherry", "Chestnut", "Cider", "Citrus", "Clover", "Comet",
    "Condor", "Coral", "Cricket", "Crystal", "Curlew", "Cypress", "Daisy", "Damson",
    "Delta", "Denim", "Ebony", "Egret", "Elder", "Elm", "Fennel", "Ferret", "Finch", "Flint",
    "Fossil", "Foxglove", "Gazelle", "Ginger", "Gorge", "Gull", "Hamlet",
    "Hawthorn", "Hedge", "Heather", "Hickory", "Holly", "Honey", "Hornet", "Ibis", "Ivory", "Ivy",
    "Jaguar", "Jasmine", "Kelp", "Kernel", "Lark", "Laurel", "Lavender", "Lemon",
    "Lichen", "Lilac", "Linden", "Lynx", "Magnet", "Magnolia", "Mallow", "Maroon", "Marten",
    "Mimosa", "Mint", "Moss", "Mulberry", "Nickel", "Nutmeg", "Oak", "Oasis", "Obsidian",
    "Ocelot", "Osprey", "Otter", "Oyster", "Paddle", "Papaya", "Parsley", "Pebble",
    "Pelican", "Petal", "Pewter", "Pigeon", "Pine", "Plum", "Poplar", "Poppy", "Primrose", "Puffin",
    "Quail", "Quince", "Rhubarb", "Robin", "Rosemary", "Rowan", "Ruby", "Saddle", "Sage", "Salmon",
    "Sandal", "Satin", "Seal", "Sequoia", "Shale", "Sorrel", "Spruce", "Squirrel",
    "Starling", "Stork", "Summit", "Swallow", "Swan", "Sycamore", "Tangerine", "Teal", "Thistle",
    "Thunder", "Timber", "Trout", "Tundra", "Turnip", "Turtle", "Vanilla", "Vine", "Walrus",
    "Weasel", "Wicker", "Woodland", "Yak", "Zebra",
)  # fmt: skip
"""As many as the needles of one haystack may need: none stands for two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFormat:
    """What a key looks like: fresh random text in every trial, which cannot be known by heart."""

    kind: str = "characters"
    """``characters`` from the alphabet, or ``uuid`` (version 4, lower case)."""
    length: int = 8
    """Number of characters, for ``characters``."""
    alphabet: str = string.digits
    """The characters to draw from, for ``characters``."""

    def draw(self, draws: Draws) -> str:
        """A random key; one of digits never begins with 0, which readers of numbers drop."""
        if self.kind == "uuid":
            digits = "".join(draws.pick(string.hexdigits[:16]) for _ in range(32))
            return str(uuid.UUID(hex=digits, version=4))
        characters = [draws.pick(self.alphabet) for _ in range(self.length)]
        if (
            characters[0] == "0"
            and set(self.alphabet) <= set(string.digits)
            and self.alphabet != "0"
        ):
            characters[0] = draws.pick(self.alphabet.replace("0", ""))
        return "".join(characters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The texts around the haystack. ``{key}`` and ``{label}`` are replaced, nothing else is."""

    instruction: str
    """Opens the user's message."""
    needle: str
    """The planted sentences; holds ``{key}``."""
    question: str
    """Closes the user's message."""
    answer_prefix: str
    """Begun answer that the model has to go on with; empty for none."""
    key: KeyFormat = KeyFormat()
    """What the keys look like."""


def filled(template: str, *, key: str, label: str) -> str:
    """``template`` with its two place holders replaced; other braces stay as they are."""
    return template.replace("{label}", label).replace("{key}", key)
