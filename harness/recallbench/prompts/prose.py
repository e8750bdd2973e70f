"""Small scenes in plain English, put together from parts written for this project.

Sentences differ from each other, hold no digits, and say nothing that a question about a pass key
could be confused with. About 10^10 sentences can be made.
"""

from __future__ import annotations

from recallbench.domain.draws import Draws

PEOPLE = (
    "the miller", "a young sailor", "the old teacher", "her neighbour", "the baker's son",
    "a tired courier", "the gardener", "two of the children", "the ferryman", "a quiet painter",
    "the shepherd", "my aunt", "the station master", "a visiting doctor", "the carpenter",
    "the woman from the corner shop", "a boy with a bicycle", "the lighthouse keeper",
    "one of the musicians", "the librarian", "an engineer from the coast", "the beekeeper",
    "a retired judge", "the glassblower", "their cousin", "the night watchman", "a botanist",
    "the tailor", "an old friend of the family", "the clockmaker",
)  # fmt: skip
ACTIONS = (
    "carried", "repaired", "painted", "forgot", "found", "described", "borrowed", "polished",
    "measured", "hid", "returned", "admired", "sold", "wrapped", "lifted", "cleaned", "drew",
    "dropped", "waited for", "asked about", "looked after", "talked about", "pointed at",
    "walked past", "dreamed of", "kept", "opened", "covered", "weighed", "shared",
)  # fmt: skip
QUALITIES = (
    "wooden", "heavy", "blue", "broken", "small", "ancient", "bright", "dusty", "round", "silver",
    "narrow", "painted", "soft", "empty", "crooked", "warm", "pale", "rusty", "plain", "borrowed",
    "striped", "hollow", "smooth", "familiar", "delicate", "weathered", "green", "folded",
    "unfinished", "curious",
)  # fmt: skip
THINGS = (
    "basket", "lantern", "ladder", "kettle", "map", "boat", "chair", "bell", "blanket", "mirror",
    "window frame", "cart", "violin", "umbrella", "coat", "letter", "barrel", "clock",
    "garden gate", "table", "drum", "suitcase", "teapot", "rope", "plank", "picture", "wheel",
    "bench", "curtain", "box of seeds",
)  # fmt: skip
PLACES = (
    "near the harbour", "behind the old mill", "on the upper road", "at the edge of the forest",
    "in the market square", "under the stone bridge", "beside the orchard",
    "in a corner of the attic", "by the river", "outside the chapel", "at the end of the lane",
    "on the platform", "in the back of the workshop", "between the two barns", "along the sea wall",
    "above the valley", "next to the well", "inside the greenhouse", "across from the bakery",
    "at the foot of the stairs",
)  # fmt: skip
TIMES = (
    "In the morning", "Late in the evening", "After the rain", "Before the first snow",
    "That summer", "Once the guests had gone", "On the day of the fair", "While the kettle boiled",
    "At dawn", "Some weeks later", "When the bells stopped", "During the long winter",
    "Towards noon", "As the fog lifted", "Not long afterwards", "In those years",
    "By the time the lamps were lit", "On quiet afternoons", "With the tide going out",
    "Long before anyone else was awake",
)  # fmt: skip
REASONS = (
    "because nobody else would", "to everyone's surprise", "without saying a word",
    "for no reason that anyone remembered", "as people there had always done", "and was glad of it",
    "although the weather had turned", "hoping to be back for supper", "and then sat down to rest",
    "with more patience than skill", "while the dog slept in the sun", "and the others laughed",
    "as if it were the most natural thing in the world", "and thought no more about it",
    "because the road was closed", "long after it had stopped mattering", "with both hands",
    "and the whole street came to look", "for the sake of an old promise", "to pass the time",
)  # fmt: skip
OBSERVATIONS = (
    "The light on the water was already fading", "Somebody was practising scales next door",
    "A smell of bread hung over the street", "The grass had not been cut for weeks",
    "Clouds were gathering over the hills", "The shutters were painted every spring",
    "Swallows went in and out under the roof", "Nothing much happened for a while",
    "The conversation turned to the harvest", "Far away a train crossed the valley",
    "The floor creaked with every step", "There was dust on all the shelves",
    "The wind had dropped", "A door closed somewhere upstairs", "The soup was too hot to eat",
    "Everyone agreed that it would be a dry year", "The path was steeper than it looked",
    "It was the kind of afternoon that seems to have no end", "The fire had burned down to embers",
    "Rain tapped against the glass",
)  # fmt: skip


def sentence(draws: Draws) -> str:
    """One sentence, capital letter to full stop."""
    shape = draws.below(5)
    if shape == 0:
        return f"{draws.pick(OBSERVATIONS)}."
    deed = (
        f"{draws.pick(PEOPLE)} {draws.pick(ACTIONS)} "
        f"the {draws.pick(QUALITIES)} {draws.pick(THINGS)}"
    )
    if shape == 1:
        return f"{draws.pick(TIMES)}, {deed}."
    if shape == 2:  # noqa: PLR2004 - one of five shapes
        return f"{deed[0].upper()}{deed[1:]} {draws.pick(PLACES)}."
    if shape == 3:  # noqa: PLR2004 - one of five shapes
        return f"{deed[0].upper()}{deed[1:]} {draws.pick(PLACES)}, {draws.pick(REASONS)}."
    return f"{draws.pick(TIMES)}, {deed} {draws.pick(REASONS)}."


def paragraph(draws: Draws) -> str:
    """Four to nine sentences."""
    return " ".join(sentence(draws) for _ in range(4 + draws.below(6)))
