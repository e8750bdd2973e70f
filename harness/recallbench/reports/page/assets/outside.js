// Texts from a model or a server as they stand on the page: as text, with their white space, a long one
// in a box of its own, a cut one with how much is missing. Knows nothing about trials.

/** Characters and lines of a text from which on it scrolls in its own box. */
const LONG_CHARS = 900;
const LONG_LINES = 14;

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
  const scrolls = { tabindex: "0", role: "group", "aria-label": name };
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
