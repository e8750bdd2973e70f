// What is selected, as the URL's fragment tells it: whoever opens a link sees what its writer saw.
// A fragment without "=" leads to a part of the page and tells no state. Knows no element.

/** Parts of the state that are a place in a table of the data, and the name of that table. */
const PLACES = [
  ["variant", "variants"],
  ["length", "lengths"],
  ["depth", "depths"],
  ["against", "variants"],
];

/**
 * @param {string} fragment with or without its "#"
 * @param {object} data of the page
 * @returns {object} places of `variant`, `length`, `depth` and `against`, `outcomes` as words and
 *   `trial` as its name; null is not told. `unknown`: part and value of what the page does not have
 */
function readState(fragment, data) {
  const told = new URLSearchParams(isState(fragment) ? fragment.replace(/^#/, "") : "");
  const state = { unknown: [] };
  for (const [part, table] of PLACES) {
    state[part] = readPlace(told, part, data[table], state.unknown);
  }
  state.trial = told.get("trial");
  const isKnown = data.questions.some((question) => inUrl(question.id) === state.trial);
  if (state.trial !== null && !isKnown) {
    state.unknown.push(["trial", state.trial]);
    state.trial = null;
  }
  state.outcomes = readOutcomes(told.get("outcome"), data.outcomes, state.unknown);
  return state;
}

/**
 * @param {URLSearchParams} told the fragment
 * @param {string} part of the state
 * @param {Array} table its values
 * @param {Array} unknown takes what is not in it
 * @returns {?number} place in the table
 */
function readPlace(told, part, table, unknown) {
  const value = told.get(part);
  if (value === null) return null;
  const place = table.findIndex((entry) =>
    typeof entry === "number" ? value.trim() && Number(value) === entry : inUrl(entry) === value,
  );
  if (place < 0) unknown.push([part, value]);
  return place < 0 ? null : place;
}

/**
 * @param {?string} value words with commas between them; empty is none at all
 * @param {string[]} outcomes that there are
 * @param {Array} unknown takes what is none of them
 * @returns {?string[]} the words
 */
function readOutcomes(value, outcomes, unknown) {
  if (value === null) return null;
  const words = value.split(",").filter(Boolean);
  const known = words.filter((word) => outcomes.includes(word));
  for (const word of words) if (!known.includes(word)) unknown.push(["outcome", word]);
  return words.length && !known.length ? null : known;
}

/**
 * @param {object} state as of `readState`
 * @param {object} data of the page
 * @returns {string} its fragment with "#"; empty where nothing is told
 */
function writtenState(state, data) {
  const told = new URLSearchParams();
  for (const [part, table] of PLACES) {
    if (state[part] !== null) told.set(part, inUrl(String(data[table][state[part]])));
  }
  if (state.outcomes !== null) told.set("outcome", state.outcomes.join(","));
  if (state.trial !== null) told.set("trial", inUrl(state.trial));
  // A comma and a slash mean nothing here: without escapes the link can be read.
  const text = told.toString().replaceAll("%2C", ",").replaceAll("%2F", "/");
  return text && `#${text}`;
}

/**
 * @param {string} fragment of a URL
 * @returns {boolean} whether it tells a state
 */
function isState(fragment) {
  return fragment.includes("=");
}

/**
 * @param {string} text a name
 * @returns {string} as it stands in a URL, which has no form for half of a surrogate pair
 */
function inUrl(text) {
  return text.replaceAll(/\p{Cs}/gu, "?");
}

/**
 * The fragment whose state is to be shown. One that leads to a part of the page shows what was shown
 * before, and its place in the history remembers it.
 * @param {string} before fragment that was shown
 * @returns {string} fragment to be shown
 */
function shownFragment(before) {
  const fragment = location.hash;
  if (!fragment || isState(fragment)) return fragment;
  const shown = history.state?.shown ?? before;
  remember(fragment, { isNew: false, shown });
  return shown;
}

/**
 * Puts a fragment into the URL.
 * @param {string} fragment with "#", or empty
 * @param {{isNew: boolean, shown: ?string}} how whether the way back leads to what was before, and
 *   the fragment that is shown if it is another
 */
function remember(fragment, { isNew, shown = null }) {
  const entry = shown === null ? null : { shown };
  // Without a fragment, "#" alone would scroll to the top at the next load.
  const url = fragment || location.pathname + location.search;
  try {
    if (isNew) history.pushState(entry, "", url);
    else history.replaceState(entry, "", url);
  } catch {
    // A page in a frame without an origin may not change its URL: it still shows what is asked.
  }
}
