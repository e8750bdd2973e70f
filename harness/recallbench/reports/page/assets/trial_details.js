// What a trial's article has folded: its numbers, the text around its needle, what the others answered,
// and the commands that ask it again.

/** Characters of another variant's answer. */
const SHORT_CHARS = 160;
const HASH_CHARS = 12;

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
