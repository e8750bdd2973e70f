// One trial as an article: what was asked and what came back. All of it comes from outside and goes in
// as text. What is folded is built when it is unfolded.

/** Shapes of the outcomes, in a box of 12: no outcome is told by its colour alone. */
const SHAPES = {
  recalled: "M2 6.5 5 9.5 10 3",
  missed: "M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5",
  truncated: "M1.5 6H6.5M9 3V9",
  overflow: "M6 1.5 11 10.5H1Z",
  errored: "M6 1 11 6 6 11 1 6Z",
};
/** Characters of a key that has room beside its answer. */
const SHORT_KEY_CHARS = 40;

/**
 * @param {object} trial as of `readData`
 * @returns {string} the id of its article, the same on every page of the run
 */
function articleId(trial) {
  return `trial-${trial.variant}-${encodeURIComponent(inUrl(trial.question.id))}`;
}

/**
 * @param {object} trial as of `readData`
 * @param {object} data of the page
 * @param {Set<string>} open ids of what is unfolded
 * @returns {HTMLElement} its article
 */
function trialArticle(trial, data, open) {
  const id = articleId(trial);
  const title = make("h3", { id: `${id}-title` }, ...headline(trial, data));
  const isShort = trial.question.key.length <= SHORT_KEY_CHARS;
  const said = make("dl", { class: isShort ? "said short" : "said" }, ...saidRows(trial));
  const more = folded(`${id}-more`, "Numbers, needle, commands", open, () =>
    trialDetails(trial, data, open),
  );
  return make(
    "article",
    { class: `trial ${trial.outcome}`, id, tabindex: "-1", "aria-labelledby": `${id}-title` },
    title, said, more,
  );
}

/**
 * @param {object} trial as of `readData`
 * @param {object} data of the page
 * @returns {Node[]} outcome, variant and place
 */
function headline(trial, data) {
  const { question } = trial;
  return [
    outcomeMark(trial.outcome),
    make("bdi", { class: "name" }, shown(data.variants[trial.variant])),
    make("span", {}, `${writtenNumber(data.lengths[question.length])} tokens`),
    make("span", {}, `depth ${writtenDepth(data.depths[question.depth])}`),
    make("span", {}, `repeat ${writtenNumber(question.repeat)}`),
  ];
}

/**
 * @param {string} outcome of a trial
 * @returns {HTMLElement} its shape and its word
 */
function outcomeMark(outcome) {
  const path = drawn("path", { d: SHAPES[outcome] });
  const shape = drawn("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, path);
  return make("span", { class: `outcome ${outcome}` }, shape, outcome);
}

/**
 * @param {object} trial as of `readData`
 * @returns {Node[]} terms and descriptions: key, answer, error
 */
function saidRows(trial) {
  const { key } = trial.question;
  const rows = [["Key", make("code", { class: "outside", dir: "auto" }, shown(key))]];
  if (trial.answer !== null) rows.push(["Answer", outsideText(trial.answer, "Answer", key)]);
  else if (trial.error === null) rows.push(["Answer", "none"]);
  if (trial.error !== null) rows.push(["Error", outsideText(trial.error, "Error")]);
  return rows.flatMap(([term, told]) => [make("dt", {}, term), make("dd", {}, told)]);
}
