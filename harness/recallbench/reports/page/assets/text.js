// Elements, and the text in them: what comes from a model is shown as it is, and never as anything
// but text. What cannot be seen, or would turn the text around it, is spelled. Numbers are written as
// in the other reports. Knows nothing about trials.

const SVG = "http://www.w3.org/2000/svg";
/** What is spelled: control and format characters, halves of surrogate pairs, private letters. Line
 * breaks, tabs and the joiners that scripts and emoji need stay as they are. */
const UNSEEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
/** Points of a difference have so many decimals at most. */
const MOST_DECIMALS = 3;

/**
 * @param {string} name of an element of HTML
 * @param {object} attributes by name; null leaves one out
 * @param {...(Node|string)} children in order; text goes in as text
 * @returns {HTMLElement} the element
 */
function make(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/**
 * @param {string} name of an element of SVG
 * @param {object} attributes by name
 * @param {...Node} children in order
 * @returns {SVGElement} the element
 */
function drawn(name, attributes, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/**
 * @param {Element} element to be filled
 * @param {object} attributes by name; null leaves one out
 * @param {Array} children nodes and texts
 * @returns {Element} the same
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * A text from outside: what cannot be seen stands in it as an escape that can.
 * @param {string} text any
 * @returns {DocumentFragment} the text
 */
function shown(text) {
  const spelled = (char) => make("span", { class: "spelled" }, spelledOut(char));
  return inParts(text, UNSEEN, (between) => between, spelled);
}

/**
 * @param {string} text any
 * @param {RegExp} pattern of some parts of it
 * @param {function(string): (Node|string)} between makes what stands for the text between them
 * @param {function(string): Node} part makes what stands for one of them
 * @returns {DocumentFragment} all of it, in order
 */
function inParts(text, pattern, between, part) {
  const fragment = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    fragment.append(between(text.slice(end, found.index)), part(found[0]));
    end = found.index + found[0].length;
  }
  fragment.append(between(text.slice(end)));
  return fragment;
}

/**
 * @param {string} text any
 * @returns {string} the same as `shown`, where only text can stand
 */
function printable(text) {
  return text.replaceAll(UNSEEN, spelledOut);
}

/**
 * @param {string} char one character
 * @returns {string} its escape, such as "\x00" or "\u202e"
 */
function spelledOut(char) {
  if (char === "\r") return "\\r";
  const hex = char.codePointAt(0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, "0")}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/**
 * @param {string} text an answer
 * @param {string} key that is looked for, as the scoring does: nothing of its own kind touches it
 * @returns {DocumentFragment} the text with every key in it marked
 */
function marked(text, key) {
  if (!key) return shown(text);
  const isCaseless = key === key.toLowerCase() || key === key.toUpperCase();
  const sought = key.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const pattern = new RegExp(`(?<![0-9A-Za-z])${sought}(?![0-9A-Za-z])`, isCaseless ? "giu" : "gu");
  return inParts(text, pattern, shown, (found) => make("mark", {}, shown(found)));
}

/**
 * @param {number} number whole
 * @returns {string} such as "131,072"
 */
function writtenNumber(number) {
  return number.toLocaleString("en-US");
}

/**
 * @param {number} number of things
 * @param {string} noun for one of them; more take an s
 * @returns {string} such as "1 trial" or "1,200 trials"
 */
function counted(number, noun) {
  return `${writtenNumber(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * @param {number} depth in [0, 1]
 * @returns {string} in percent with up to two decimals, such as "12.5%"
 */
function writtenDepth(depth) {
  return `${Number(rounded(100 * depth, 2))}%`;
}

/**
 * @param {number} difference of recall in [-1, 1]
 * @returns {string} in percentage points as `points.py` writes them, such as "-15.0", "+0.03", "0.0"
 */
function writtenPoints(difference) {
  const whole = 100 * difference;
  let decimals = 1;
  while (decimals < MOST_DECIMALS && isHidden(whole, decimals)) decimals += 1;
  const text = rounded(whole, decimals);
  if (!Number(text)) return "0.0";
  return whole > 0 ? `+${text}` : text;
}

/**
 * @param {number} whole points
 * @param {number} decimals of the text
 * @returns {boolean} whether rounding makes none or all of what is neither
 */
function isHidden(whole, decimals) {
  const size = Math.abs(Number(rounded(whole, decimals)));
  return (size === 0 || size === 100) && size !== Math.abs(whole);
}

/**
 * @param {number} value any
 * @param {number} decimals of the text
 * @returns {string} the nearest; of two as near the even one, as Python has it and toFixed has not
 */
function rounded(value, decimals) {
  const size = Math.abs(value);
  const doubled = size * 2 ** (decimals + 1);
  const isTie = Number.isInteger(doubled) && doubled % 2 === 1;
  let text = size.toFixed(decimals);
  if (isTie && Number(text.at(-1)) % 2) text = (size - 0.5 / 10 ** decimals).toFixed(decimals);
  return value < 0 ? `-${text}` : text;
}

/**
 * @param {string} word any
 * @returns {string} as one word for a POSIX shell, quoted only where it must be
 */
function shellWord(word) {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}
