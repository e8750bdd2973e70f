// The run's trials as the page carries them (`trial_data.py` says what the rows mean), and in the
// order in which they are listed. Knows no element but the one that holds them.

/** Columns of a row of `questions`, after which the rest of its row is named. */
const QUESTION_COLUMNS = [
  "id", "length", "depth", "repeat", "key", "achieved", "sha256", "before", "needle", "behind",
];
/** Columns of a row of `trials`. */
const TRIAL_COLUMNS = [
  "variant", "question", "outcome", "answer", "thought", "finishReason", "promptTokens",
  "cachedTokens", "expectedCachedTokens", "completionTokens", "latencyS", "attempts", "error",
  "finishedAt",
];
/** Outcomes in the order of the list: what a reader asks for first. */
const OUTCOME_ORDER = ["missed", "truncated", "overflow", "errored", "recalled"];
const RECALLED = "recalled";

/**
 * Reads the page's data.
 * @returns {object} tables and rows as they are, but questions and trials by name: a trial's question
 *   is the question itself, its outcome the word, its variant the place in `variants`
 */
function readData() {
  const data = JSON.parse(document.getElementById("run-data").textContent);
  const questions = data.questions.map((row) => named(QUESTION_COLUMNS, row));
  const trials = data.trials.map((row) => {
    const trial = named(TRIAL_COLUMNS, row);
    return { ...trial, question: questions[trial.question], outcome: data.outcomes[trial.outcome] };
  });
  return { ...data, questions, trials: trials.sort(byPlace) };
}

/**
 * @param {string[]} names of the columns
 * @param {Array} row their values
 * @returns {object} the row by name
 */
function named(names, row) {
  return Object.fromEntries(names.map((name, column) => [name, row[column] ?? null]));
}

/**
 * Order of the list: by outcome, then as the heatmaps stand.
 * @param {object} one a trial
 * @param {object} other a trial
 * @returns {number} below 0 where the one comes first
 */
function byPlace(one, other) {
  const [a, b] = [one.question, other.question];
  return (
    OUTCOME_ORDER.indexOf(one.outcome) - OUTCOME_ORDER.indexOf(other.outcome) ||
    one.variant - other.variant ||
    a.length - b.length ||
    a.depth - b.depth ||
    a.repeat - b.repeat
  );
}
