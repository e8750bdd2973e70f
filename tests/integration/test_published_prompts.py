"""Published runs can be gone on with: their trials have the same names and prompts to this day."""

from __future__ import annotations

from pathlib import Path

import pytest

from recallbench.domain import Grid
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.corpus import tokenize_haystack
from recallbench.prompts.haystack import prose_haystack
from recallbench.prompts.hf_tokenizer import load_tokenizer
from recallbench.prompts.needle import KeyFormat, Recipe
from recallbench.suite import parse_suite, resolve
from recallbench.suite.trials import trials_named
from support import runs

PUBLISHED = Path(__file__).parents[2] / "results" / "published"
FOLDERS = ("gate-h200/native", "gate-h200/yarn4", "quantization-h200", "yarn-smollm2-h200")
MOST = 60


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_published_trial_has_its_name_and_its_prompt(folder: str, checkpoint: Path) -> None:
    facts, trials = runs.facts(PUBLISHED / folder), runs.trials(PUBLISHED / folder)
    suite = resolve(parse_suite(facts["suite"], folder))
    form, prompts = suite.form, facts["prompts"]
    grid = Grid(lengths=tuple(form.grid.lengths or ()), depths=tuple(form.grid.depths), trials=1)
    tokenizer = load_tokenizer(str(checkpoint))
    needed = max(grid.lengths) + SPARE_TOKENS
    corpus = tokenize_haystack(prose_haystack(form.seed), tokenizer, needed)
    builder = PromptBuilder(
        tokenizer=tokenizer,
        frame=tokenizer.frame(thinking=False),
        corpus=corpus,
        recipe=Recipe(
            **{name: prompts[name] for name in ("instruction", "needle", "question")},
            answer_prefix=prompts["answer_prefix"],
            key=KeyFormat(length=form.prompt.key.length, alphabet=form.prompt.key.characters),
        ),
        seed=form.seed,
        haystacks=form.prompt.haystacks,
    )
    told = {trial["trial_id"]: trial["prompt_sha256"] for trial in trials[:: len(trials) // MOST]}
    built = {
        trial.trial_id: builder.build(trial).sha256
        for trial in trials_named(list(told), grid, suite.recipe_digest)
    }

    assert built == told
