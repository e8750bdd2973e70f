// Starts the page's parts and connects them: the URL's fragment says what is shown, and what the
// reader chooses goes into the fragment. Listens on the document, whose content a live page replaces.

/** What is shown now. */
const view = {
  data: null,
  /** As of `readState`. */
  state: null,
  /** The fragment that tells the state. */
  fragment: "",
  /** Trials that are listed at most. */
  limit: PAGE_TRIALS,
  /** Ids of what is unfolded in the list. */
  open: new Set(),
};

/** Reads the data and shows the state of the URL; again when a live page has brought new content. */
function start() {
  view.data = readData();
  startHeatmaps();
  startDifferences(view.data);
  startTrials(view.data);
  view.state = null;
  showFragment();
}

/** Takes over the state that the URL tells. */
function showFragment() {
  view.fragment = shownFragment(view.fragment);
  showState(readState(view.fragment, view.data));
}

/**
 * Shows a state in the place of the one before.
 * @param {object} state as of `readState`
 */
function showState(state) {
  const before = view.state;
  view.state = state;
  if (state.trial !== null) openTrial();
  // Cells are written anew only for another view of them, or where the page has new ones.
  if (state.against !== before?.against) showDifferences(view.data, state.against);
  showSelectedCell(state);
  showTrials(view.data, state, view);
}

/**
 * Changes parts of the state; the others stay.
 * @param {object} changes parts as of `readState`
 * @param {boolean} isNew whether the way back leads to the state before
 */
function change(changes, isNew) {
  const state = { ...view.state, ...changes, unknown: [] };
  const fragment = writtenState(state, view.data);
  if (fragment !== view.fragment) {
    if (!("against" in changes)) view.limit = PAGE_TRIALS;
    remember(fragment, { isNew, shown: fragment });
    view.fragment = fragment;
  }
  showState(state);
}

/** Unfolds the trial that the state names. */
function openTrial() {
  for (const trial of view.data.trials) {
    if (isSelected(trial, view.state)) view.open.add(`${articleId(trial)}-more`);
  }
}

/** Shows what the URL has come to tell: by the way back, or by a link that was pasted. */
function follow() {
  const isFresh = history.state === null;
  view.limit = PAGE_TRIALS;
  showFragment();
  // On the way back the browser knows better where the reader was.
  if (isFresh && isState(location.hash)) reveal();
}

/** Brings what was selected into sight: a trial by its name with the focus, else the panel. */
function reveal() {
  if (!hasSelection(view.state)) return;
  const article = view.state.trial === null ? null : document.querySelector("#trial-list article");
  article?.focus({ preventScroll: true });
  const target = article ?? document.getElementById("trials");
  const told = article ?? document.getElementById("trial-list");
  const { top } = told.getBoundingClientRect();
  if (top >= 0 && top < 0.7 * innerHeight) return;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  target.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
}

/**
 * Follows a link that tells a state; with a key held down, the browser opens it elsewhere.
 * @param {MouseEvent} event a click
 */
function clickLink(event) {
  const link = event.target.closest?.('a[href^="#"]');
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || !isState(link.hash)) return;
  event.preventDefault();
  const told = readState(link.getAttribute("href"), view.data);
  // A cell knows its place even where its variant's name has no form in a URL.
  const place = link.matches("a.cell") ? cellPlace(link) : told;
  const { variant, length, depth } = place;
  change({ variant, length, depth, trial: told.trial }, true);
  reveal();
}

/**
 * @param {MouseEvent} event a click
 */
function clickButton(event) {
  const id = event.target.closest?.("button")?.id;
  if (id === "trial-more") {
    const shownBefore = view.limit;
    view.limit += PAGE_TRIALS;
    showTrials(view.data, view.state, view);
    // The button goes with the last trials: the focus stays near.
    const articles = document.querySelectorAll("#trial-list article");
    if (document.getElementById("trial-more").hidden) articles[shownBefore]?.focus();
  } else if (id === "trial-clear") {
    change({ variant: null, length: null, depth: null, trial: null, outcomes: null }, true);
    document.getElementById("trials-title").focus({ preventScroll: true });
  }
}

/**
 * @param {Event} event a choice was made
 */
function choose(event) {
  const { id, selectedIndex } = event.target;
  const place = selectedIndex > 0 ? selectedIndex - 1 : null;
  if (id === "against") {
    change({ against: place }, false);
  } else if (id.startsWith("outcome-")) {
    const boxes = [...document.querySelectorAll("#trial-outcomes input:checked")];
    change({ outcomes: boxes.map((box) => box.value) }, false);
  } else if (["trial-variant", "trial-length", "trial-depth"].includes(id)) {
    change({ [id.replace("trial-", "")]: place, trial: null }, true);
  }
}

start();
listenToHeatmaps();
document.addEventListener("click", clickLink);
document.addEventListener("click", clickButton);
document.addEventListener("change", choose);
document.addEventListener("recallbench:renewed", start);
addEventListener("hashchange", follow);
reveal();
