// One trial as an article: what was asked, what came back, and how to ask it again. All of it comes
// from outside and goes in as text. What is folded is built when it is unfolded.

/** Shapes of the outcomes, in a box of 12: no outcome is told by its colour alone. */
const SHAPES = {
  recalled: "M2 6.5 5 9.5 10 3",
  missed: "M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5",
  truncated: "M1.5 6H6.5M9 3V9",
  overflow: "M6 1.5 11 10.5H1Z",
  errored: "M6 1 11 6 6 11 1 6Z",
};
/** Characters and lines of a text from which on it scrolls in its own box. */
const LONG_CHARS = 900;
const LONG_LINES = 14;
/** Characters of another variant's answer. */
const SHORT_CHARS = 160;
/** Characters of a key that has room beside its answer. */
const SHORT_KEY_CHARS = 40;
const HASH_CHARS = 12;

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

/**
 * @param {string|object} text or the part of it that the page has
 * @param {string} name of the text
 * @param {string} key to be marked in it; empty marks nothing
 * @returns {DocumentFragment} the text with its white space, and what is left out
 */
function outsideText(text, name, key = "") {
  const { whole, leftOut } = unfoldedText(text);
  const fragment = document.createDocumentFragment();
  const isLong = whole.length > LONG_CHARS || whole.split("\n").length > LONG_LINES;
  const scrolls = { tabindex: "0", role: "region", "aria-label": name };
  const attributes = { class: "outside text", dir: "auto", ...(isLong ? scrolls : {}) };
  fragment.append(
    whole ? make("div", attributes, marked(whole, key)) : make("span", { class: "hint" }, "empty"),
  );
  if (leftOut) fragment.append(leftOutNote(leftOut));
  return fragment;
}

/**
 * @param {string|object} text or the part of it that the page has
 * @returns {{whole: string, leftOut: number}} what there is, and characters that are not there
 */
function unfoldedText(text) {
  if (typeof text === "string") return { whole: text, leftOut: 0 };
  return { whole: text.head ?? text.tail, leftOut: text.left_out };
}

/**
 * @param {number} leftOut characters that the page does not have
 * @returns {HTMLElement} a sentence about them
 */
function leftOutNote(leftOut) {
  const verb = leftOut === 1 ? "is" : "are";
  const told = `${counted(leftOut, "character")} more ${verb} left out here; `;
  return make("p", { class: "hint" }, told, make("code", {}, "trials.jsonl"), " has them whole.");
}

/**
 * Something folded, which is built when it is unfolded for the first time.
 * @param {string} id of it
 * @param {string} title that stays
 * @param {Set<string>} open ids of what is unfolded, kept up to date
 * @param {function(): Node[]} build makes what is inside
 * @returns {HTMLElement} the whole
 */
function folded(id, title, open, build) {
  const details = make("details", { id }, make("summary", {}, title));
  const fill = () => {
    if (details.childElementCount === 1) details.append(...build());
  };
  if (open.has(id)) {
    fill();
    details.open = true;
  }
  details.addEventListener("toggle", () => {
    if (details.open) {
      fill();
      open.add(id);
    } else {
      open.delete(id);
    }
  });
  return details;
}

/**
 * @param {object} trial as of `readData`
 * @param {object} data of the page
 * @param {Set<string>} open ids of what is unfolded
 * @returns {Node[]} numbers, the text around the needle, thought, the others' answers, commands
 */
function trialDetails(trial, data, open) {
  const rows = trialNumbers(trial);
  const numbers = rows.map(([term, told]) =>
    make("div", {}, make("dt", {}, term), make("dd", {}, told)),
  );
  const parts = [make("dl", { class: "facts" }, ...numbers)];
  parts.push(make("h4", {}, "Text around the needle"), ...aroundNeedle(trial.question));
  if (trial.thought !== null) {
    const build = () => [outsideText(trial.thought, "Thought", trial.question.key)];
    parts.push(folded(`${articleId(trial)}-thought`, "Thought", open, build));
  }
  if (data.variants.length > 1) {
    parts.push(make("h4", {}, "The same question, asked of the others"), others(trial, data));
  }
  return [...parts, ...trialCommands(trial, data)];
}

/**
 * @param {object} trial as of `readData`
 * @returns {Array} labels and texts
 */
function trialNumbers(trial) {
  const { question } = trial;
  const number = (value) => (value === null ? "not told" : writtenNumber(value));
  const expected = trial.expectedCachedTokens;
  const ofExpected = expected === null ? "" : ` of ${writtenNumber(expected)} expected`;
  const achieved = question.achieved === null ? "no prompt" : writtenDepth(question.achieved);
  const rows = [
    ["depth achieved", achieved],
    ["prompt tokens", number(trial.promptTokens)],
    ["cached tokens", `${number(trial.cachedTokens)}${ofExpected}`],
    ["completion tokens", number(trial.completionTokens)],
    ["latency", trial.latencyS === null ? "not measured" : `${trial.latencyS.toFixed(3)} s`],
    ["finish reason", trial.finishReason === null ? "none" : shown(trial.finishReason)],
  ];
  if (trial.attempts > 1) rows.push(["attempts", writtenNumber(trial.attempts)]);
  if (trial.finishedAt !== null) rows.push(["finished", shown(writtenTime(trial.finishedAt))]);
  const hash = question.sha256;
  if (hash !== null) rows.push(["prompt's SHA-256", shown(`${hash.slice(0, HASH_CHARS)}...`)]);
  return [...rows, ["trial", make("bdi", {}, shown(question.id))]];
}

/**
 * @param {string} time in ISO 8601
 * @returns {string} to the second where it is UTC, else as it is
 */
function writtenTime(time) {
  return time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(\+00:00|Z)$/, "$1 $2 UTC");
}

/**
 * @param {object} question as of `readData`
 * @returns {Node[]} the needle in its text
 */
function aroundNeedle(question) {
  if (question.needle === null) {
    return [make("p", { class: "hint" }, "Not kept by the recallbench that made this run.")];
  }
  const [before, behind] = [question.before ?? "", question.behind ?? ""].map(unfoldedText);
  const needle = make("mark", {}, shown(question.needle));
  const text = [shown(before.whole), needle, shown(behind.whole)];
  const around = make("p", { class: "outside text around", dir: "auto" }, ...text);
  const leftOut = before.leftOut + behind.leftOut;
  return leftOut ? [around, leftOutNote(leftOut)] : [around];
}

/**
 * @param {object} trial as of `readData`
 * @param {object} data of the page
 * @returns {HTMLElement} what became of the same question with each other variant
 */
function others(trial, data) {
  const found = data.trials.filter((each) => each.question === trial.question && each !== trial);
  const lines = data.variants.flatMap((name, variant) => {
    if (variant === trial.variant) return [];
    const other = found.find((each) => each.variant === variant);
    const told = other
      ? [outcomeMark(other.outcome), " ", shortAnswer(other)]
      : [make("span", { class: "hint" }, "not asked this very prompt")];
    return make("li", {}, make("bdi", { class: "name" }, shown(name)), ": ", ...told);
  });
  return make("ul", { class: "others" }, ...lines);
}

/**
 * @param {object} trial as of `readData`
 * @returns {HTMLElement} the beginning of its answer, or of its error, on one line
 */
function shortAnswer(trial) {
  const { whole, leftOut } = unfoldedText(trial.answer ?? trial.error ?? "");
  // Half of a character at the cut would be spelled.
  const text = whole.slice(0, SHORT_CHARS).replace(/[\ud800-\udbff]$/, "");
  const end = leftOut || text.length < whole.length ? "..." : "";
  const told = marked(text, trial.question.key);
  return make("span", { class: "outside", dir: "auto" }, told, end);
}

/**
 * @param {object} trial as of `readData`
 * @param {object} data of the page
 * @returns {Node[]} what to paste to ask it again or to write its prompt, and its link
 */
function trialCommands(trial, data) {
  const { again, prompt } = data.commands[trial.variant];
  const one = ` --trial ${shellWord(trial.question.id)}`;
  const { length, depth, id } = trial.question;
  const place = { variant: trial.variant, length, depth, against: null, outcomes: null, trial: id };
  return [
    ...copied("Ask it again", again + one),
    ...copied("Write its prompt", prompt + one),
    make(
      "p", { class: "links" },
      make("a", { href: writtenState(place, data) }, "Link to this trial"),
      make("a", { href: writtenState({ ...place, trial: null }, data) }, "All trials of its cell"),
    ),
  ];
}

/**
 * @param {string} title of a command
 * @param {string} command to be pasted
 * @returns {Node[]} the command with a button that copies it
 */
function copied(title, command) {
  const code = make("code", { class: "command" }, shown(command));
  const label = `Copy: ${title.toLowerCase()}`;
  const button = make("button", { type: "button", "aria-label": label }, "Copy");
  const told = make("span", { role: "status" });
  button.addEventListener("click", async () => {
    told.textContent = await copy(command, code);
  });
  return [make("h4", {}, title), make("p", { class: "copied" }, code, " ", button, " ", told)];
}

/**
 * @param {string} text to be copied
 * @param {Element} element that shows it
 * @returns {Promise<string>} what happened, for the reader
 */
async function copy(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    // There is no clipboard in some pages from disk, and a browser may refuse it.
    getSelection().selectAllChildren(element);
    return "Marked: copy it with Ctrl+C or Command+C";
  }
}
