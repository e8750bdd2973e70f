// The panel that lists trials: of the selection, or else all that were not recalled. Builds only what
// is shown. Knows no URL: what is chosen is handed over.

/** Trials that are shown at first, and more each time. */
const PAGE_TRIALS = 25;

/**
 * Fills the choices as the data has them.
 * @param {object} data of the page
 */
function startTrials(data) {
  document.getElementById("trial-panel").hidden = false;
  const lengths = data.lengths.map((length) => `${writtenNumber(length)} tokens`);
  fillChoice("trial-variant", data.variants.map(printable));
  fillChoice("trial-length", lengths);
  fillChoice("trial-depth", data.depths.map(writtenDepth));
  const fieldset = document.getElementById("trial-outcomes");
  fieldset.replaceChildren(fieldset.querySelector("legend"));
  for (const outcome of data.outcomes) {
    const box = make("input", { type: "checkbox", value: outcome, id: `outcome-${outcome}` });
    const count = make("span", { class: "count" });
    fieldset.append(make("label", {}, box, outcomeMark(outcome), " ", count));
  }
}

/**
 * @param {string} id of a select
 * @param {string[]} names of its options, behind the one for all
 */
function fillChoice(id, names) {
  const select = document.getElementById(id);
  select.replaceChildren(select.options[0], ...names.map((name) => make("option", {}, name)));
}

/**
 * Shows the trials of a state.
 * @param {object} data of the page
 * @param {object} state as of `readState`
 * @param {{limit: number, open: Set<string>}} view trials to show at most, ids of what is unfolded
 */
function showTrials(data, state, view) {
  const selected = data.trials.filter((trial) => isSelected(trial, state));
  const outcomes = shownOutcomes(data, state);
  const listed = selected.filter((trial) => outcomes.includes(trial.outcome));
  showChoices(state, outcomes, tally(selected));
  say([...unknownTold(state), selectionTold(data, state, selected, listed)].join(" "));
  const articles = listed.slice(0, view.limit).map((trial) => trialArticle(trial, data, view.open));
  document.getElementById("trial-list").replaceChildren(...articles);
  const left = listed.length - articles.length;
  const more = document.getElementById("trial-more");
  more.hidden = left <= 0;
  const next = writtenNumber(Math.min(left, PAGE_TRIALS));
  more.textContent = `Show ${next} more of ${counted(left, "trial")}`;
}

/**
 * @param {object} trial as of `readData`
 * @param {object} state as of `readState`
 * @returns {boolean} whether it stands in the selection, whatever its outcome
 */
function isSelected(trial, state) {
  const { id, length, depth } = trial.question;
  if (state.variant !== null && state.variant !== trial.variant) return false;
  if (state.trial !== null) return inUrl(id) === state.trial;
  return (
    (state.length === null || state.length === length) &&
    (state.depth === null || state.depth === depth)
  );
}

/**
 * @param {object} state as of `readState`
 * @returns {boolean} whether some trials are selected by their place or their name
 */
function hasSelection(state) {
  return [state.variant, state.length, state.depth, state.trial].some((part) => part !== null);
}

/**
 * @param {object} data of the page
 * @param {object} state as of `readState`
 * @returns {string[]} outcomes to list: those chosen; all of a selection; without one, what was not
 *   recalled
 */
function shownOutcomes(data, state) {
  if (state.trial !== null) return data.outcomes;
  if (state.outcomes !== null) return state.outcomes;
  return hasSelection(state) ? data.outcomes : data.outcomes.filter((each) => each !== RECALLED);
}

/**
 * @param {object[]} trials as of `readData`
 * @returns {Map<string, number>} how many have each outcome
 */
function tally(trials) {
  const counts = new Map();
  for (const { outcome } of trials) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return counts;
}

/**
 * Sets the choices to what is shown.
 * @param {object} state as of `readState`
 * @param {string[]} outcomes that are listed
 * @param {Map<string, number>} counts of the selection's outcomes
 */
function showChoices(state, outcomes, counts) {
  for (const part of ["variant", "length", "depth"]) {
    document.getElementById(`trial-${part}`).selectedIndex = state[part] === null ? 0 : state[part] + 1;
  }
  for (const box of document.querySelectorAll("#trial-outcomes input")) {
    box.checked = outcomes.includes(box.value);
    box.disabled = state.trial !== null;
    box.parentElement.querySelector(".count").textContent = writtenNumber(counts.get(box.value) ?? 0);
  }
  const isChanged = hasSelection(state) || state.outcomes !== null;
  document.getElementById("trial-clear").hidden = !isChanged;
}

/**
 * Says what is shown. The same again would be read out again.
 * @param {string} text sentences
 */
function say(text) {
  const line = document.getElementById("trials-told");
  if (line.textContent !== text) line.textContent = text;
}

/**
 * @param {object} state as of `readState`
 * @returns {string[]} a sentence for each value that the page does not have
 */
function unknownTold(state) {
  return state.unknown.map(([part, value]) => {
    const name = part === "against" ? "variant" : part;
    return `This page has no ${name} "${printable(value)}".`;
  });
}

/**
 * @param {object} data of the page
 * @param {object} state as of `readState`
 * @param {object[]} selected trials
 * @param {object[]} listed those of them with an outcome that is shown
 * @returns {string} how many they are and what became of them, in sentences
 */
function selectionTold(data, state, selected, listed) {
  if (!data.trials.length) return "No trial has been asked yet.";
  const where = placeTold(data, state);
  if (!selected.length) return `No trial ${where}.`;
  const all = talliedWords(data, selected);
  if (!hasSelection(state) && state.outcomes === null) {
    const number = counted(selected.length, "trial");
    if (!listed.length) return `All ${number} were recalled.`;
    const lost = writtenNumber(listed.length);
    return `${lost} of ${number} were not recalled: ${talliedWords(data, listed)}.`;
  }
  if (state.trial !== null && selected.length === 1) return `Trial ${where}: ${selected[0].outcome}.`;
  const told = `${[counted(selected.length, "trial"), ...(where ? [where] : [])].join(" ")}: ${all}.`;
  if (listed.length === selected.length) return told;
  const left = listed.length ? talliedWords(data, listed) : "none, by the outcomes chosen";
  return `${told} Listed: ${left}.`;
}

/**
 * @param {object} data of the page
 * @param {object} state as of `readState`
 * @returns {string} such as "of yarn4 at 32,000 tokens, depth 50%"; empty without a selection
 */
function placeTold(data, state) {
  const of = state.variant === null ? [] : [`of ${printable(data.variants[state.variant])}`];
  if (state.trial !== null) return [printable(state.trial), ...of].join(" ");
  const length = state.length === null ? [] : [`${writtenNumber(data.lengths[state.length])} tokens`];
  const depth = state.depth === null ? [] : [`depth ${writtenDepth(data.depths[state.depth])}`];
  const at = [...length, ...depth].join(", ");
  return [...of, ...(at ? [`at ${at}`] : [])].join(" ");
}

/**
 * @param {object} data of the page
 * @param {object[]} trials as of `readData`
 * @returns {string} such as "9 recalled, 3 missed"
 */
function talliedWords(data, trials) {
  const counts = tally(trials);
  const found = data.outcomes.filter((outcome) => counts.has(outcome));
  return found.map((outcome) => `${writtenNumber(counts.get(outcome))} ${outcome}`).join(", ");
}
