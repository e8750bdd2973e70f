// Keeps a page that `recallbench view` serves as new as the run: asks its own address, and where
// something has changed puts the new content in the old one's place. All names begin with "live",
// as the parts of a page's script share theirs.

/** Least pause between two questions while the run goes on, in milliseconds. */
const LIVE_PAUSE_MS = 2_000;
/** Pause when nothing has changed for LIVE_QUIET_MS: the run is over, or between two phases. */
const LIVE_SLOW_PAUSE_MS = 10_000;
const LIVE_QUIET_MS = 60_000;
/** Longest pause when the server does not answer. */
const LIVE_LONGEST_PAUSE_MS = 60_000;
/** After which a question is given up. */
const LIVE_PATIENCE_MS = 120_000;
/** Making a page takes the machine that the run needs: so many times as long nothing is asked. */
const LIVE_REST = 4;
/** What another status than 200 and 304 means. */
const LIVE_REFUSALS = new Map([[500, "The server cannot make this page now"]]);
const LIVE_GONE = "The server has this page no more";

const liveState = {
  /** The state this page shows, as an ETag; null is not known. */
  tag: document.querySelector('meta[name="recallbench-state"]')?.content ?? null,
  /** When the server last said that this is its state, in the reader's time. */
  asOf: new Date(),
  /** When the page last changed, in milliseconds of `performance.now()`. */
  changedAt: performance.now(),
  /** Questions in a row without an answer. */
  failures: 0,
  /** Whether a question is under way. */
  isAsking: false,
  /** The timer of the next question. */
  timer: 0,
};

/** The line at the top that says when this page is not up to date; empty while it is. */
const liveLine = liveStatusLine();

/** @returns {HTMLElement} a new status line, as the first thing of the page that is seen */
function liveStatusLine() {
  const line = document.createElement("p");
  line.id = "live";
  line.className = "warning";
  line.setAttribute("role", "status");
  Object.assign(line.style, { position: "sticky", top: "0", zIndex: "8", margin: "0" });
  line.style.background = "var(--ground)";
  document.querySelector("header.top").before(line);
  return line;
}

/** Adds the way back to the page of all runs, where the server has one. */
function liveShowIndex() {
  const index = document.querySelector('meta[name="recallbench-index"]');
  if (!index) return;
  const link = document.createElement("a");
  link.href = index.content;
  link.textContent = "All runs";
  document.querySelector("header.top .brand").after(link);
}

/** Says something on the status line, once.
 * @param {string} text what to say; empty says that all is well */
function liveSay(text) {
  if (liveLine.textContent !== text) liveLine.textContent = text;
  liveLine.style.padding = text ? ".4rem 0" : "0";
}

/** @returns {string} the time of the last news, such as "12:01:05" */
function liveTime() {
  return liveState.asOf.toTimeString().slice(0, 8);
}

/** @param {number} tookMs how long the last answer took
 * @returns {number} milliseconds until the next question */
function livePause(tookMs) {
  if (liveState.failures) {
    return Math.min(LIVE_PAUSE_MS * 2 ** (liveState.failures - 1), LIVE_LONGEST_PAUSE_MS);
  }
  const isQuiet = performance.now() - liveState.changedAt > LIVE_QUIET_MS;
  return Math.max(isQuiet ? LIVE_SLOW_PAUSE_MS : LIVE_PAUSE_MS, LIVE_REST * tookMs);
}

/** Asks once, unless the page is hidden or a question is under way, and plans the next question. */
async function livePoll() {
  if (liveState.isAsking || document.visibilityState !== "visible") return;
  liveState.isAsking = true;
  clearTimeout(liveState.timer);
  const begun = performance.now();
  try {
    await liveAsk();
    liveState.failures = 0;
  } catch {
    liveState.failures += 1;
    liveSay(`The server does not answer; this is the state of ${liveTime()}.`);
  }
  liveState.isAsking = false;
  liveState.timer = setTimeout(livePoll, livePause(performance.now() - begun));
}

/** Asks the page's own address, and shows what is new. Throws where there is no answer. */
async function liveAsk() {
  const answer = await fetch(location.pathname, {
    cache: "no-store",
    headers: liveState.tag === null ? {} : { "If-None-Match": liveState.tag },
    signal: AbortSignal.timeout(LIVE_PATIENCE_MS),
  });
  if (answer.status === 304) {
    liveKnown();
  } else if (answer.ok) {
    await liveTake(answer);
  } else {
    const words = LIVE_REFUSALS.get(answer.status) ?? LIVE_GONE;
    liveSay(`${words}; this is the state of ${liveTime()}.`);
  }
}

/** Notes that this page is up to date. */
function liveKnown() {
  liveState.asOf = new Date();
  liveSay("");
}

/** Takes over a new page, unless the reader is marking text in the old one.
 * @param {Response} answer with the new page */
async function liveTake(answer) {
  if (getSelection()?.isCollapsed === false) {
    liveSay(`Not renewed while text is marked; this is the state of ${liveTime()}.`);
    return;
  }
  if (!liveIsSameProgram(answer)) {
    // Another script or style than this page's: only a new page may have it.
    location.reload();
    return;
  }
  liveReplace(new DOMParser().parseFromString(await answer.text(), "text/html"));
  liveState.tag = answer.headers.get("ETag");
  liveState.changedAt = performance.now();
  liveKnown();
}

/** @param {Response} answer with the new page
 * @returns {boolean} whether it has this page's policy, which names script and style by hashes */
function liveIsSameProgram(answer) {
  const own = document.querySelector('meta[http-equiv="Content-Security-Policy"]').content;
  return answer.headers.get("Content-Security-Policy")?.startsWith(own) ?? true;
}

/** Puts the new content in the old one's place; the reader's place in it is kept. The other scripts
 * hear of it before ("recallbench:renewing") and after ("recallbench:renewed").
 * @param {Document} next the new page */
function liveReplace(next) {
  const main = document.querySelector("main");
  const place = livePlace(main);
  document.dispatchEvent(new Event("recallbench:renewing"));
  document.title = next.title;
  main.replaceChildren(...next.querySelector("main").childNodes);
  liveReplaceParts(next);
  const data = document.getElementById("run-data");
  if (data) data.textContent = next.getElementById("run-data").textContent;
  document.dispatchEvent(new Event("recallbench:renewed"));
  liveReturn(main, place);
}

/** The list of the page's parts, where there are others now.
 * @param {Document} next the new page */
function liveReplaceParts(next) {
  const [old, renewed] = [document, next].map((page) => page.querySelector("header.top nav"));
  if (!old || !renewed || old.innerHTML === renewed.innerHTML) return;
  old.replaceChildren(...renewed.childNodes);
}

/** @param {Element} main the content
 * @returns {object} the reader's place in it: focus, what is unfolded, how far it is scrolled */
function livePlace(main) {
  const focus = document.activeElement;
  return {
    focus: focus !== main && main.contains(focus) ? liveKey(focus, main) : null,
    // Which trials are unfolded is known to the script that lists them.
    open: [...main.querySelectorAll("details[open]")]
      .filter((each) => !each.closest("#trials"))
      .map((each) => liveKey(each, main)),
    sideways: [...main.querySelectorAll(".wide")]
      .filter((each) => each.scrollLeft)
      .map((each) => [liveKey(each, main), each.scrollLeft]),
    x: scrollX,
    y: scrollY,
  };
}

/** @param {Element} main the new content
 * @param {object} place where the reader was in the old one */
function liveReturn(main, place) {
  for (const key of place.open) liveFound(main, key)?.setAttribute("open", "");
  for (const [key, left] of place.sideways) {
    const found = liveFound(main, key);
    if (found) found.scrollLeft = left;
  }
  const isLost = place.focus && !main.contains(document.activeElement);
  if (isLost) liveFound(main, place.focus)?.focus({ preventScroll: true });
  scrollTo(place.x, place.y);
}

/** @param {Element} element somewhere in the content
 * @param {Element} main the content
 * @returns {{id: string, name: string, text: string, nth: number}} how to find its like again: by
 *   its id, else as the nth of those that are called so */
function liveKey(element, main) {
  const key = { id: element.id, name: element.localName, text: liveText(element) };
  return { ...key, nth: liveLikes(main, key).indexOf(element) };
}

/** @param {Element} main the new content
 * @param {object} key of an element of the old one
 * @returns {?Element} its like; null where there is none any more */
function liveFound(main, key) {
  if (key.id) return document.getElementById(key.id);
  return liveLikes(main, key)[key.nth] ?? null;
}

/** @param {Element} main the content
 * @param {{name: string, text: string}} key what they are, and how they are called
 * @returns {Element[]} those that are called so */
function liveLikes(main, { name, text }) {
  return [...main.querySelectorAll(name)].filter((each) => liveText(each) === text);
}

/** @param {Element} element an element
 * @returns {string} what it is called: where it leads, or its text, whatever numbers that shows */
function liveText(element) {
  const called = element.getAttribute("href") ?? element.getAttribute("aria-label");
  const shown = element.querySelector("summary") ?? element;
  return called ?? shown.textContent.replaceAll(/\d/g, "");
}

liveShowIndex();
document.addEventListener("visibilitychange", livePoll);
liveState.timer = setTimeout(livePoll, LIVE_PAUSE_MS);
