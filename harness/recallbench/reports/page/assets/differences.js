// The other view of the heatmaps: what each variant has lost or gained against one of them, over the
// trials that both answered. Numbers come from the data (`difference_data.py`); here they are put
// into words. Going back restores what the server wrote.

/** Ends that a scale of differences may have, and the least: one trial lost must not look like a
 * collapse. Both as in the pictures (`difference_grid.py`). */
const SCALE_ENDS = [0.1, 0.2, 0.5, 1];
const LEAST_END = 0.2;
/** Classes of colour on each side of no difference, as in `colours.py`. */
const DIFFERENCE_STEPS = 20;

/** What the server wrote into a cell, a caption or the scale: class and children. */
const written = new WeakMap();

/**
 * Fills the list of what can be shown, and keeps what the server wrote.
 * @param {object} data of the page
 */
function startDifferences(data) {
  document.getElementById("heatmap-controls").hidden = data.variants.length < 2;
  const parts = "figure.heatmap a.cell, figure.heatmap figcaption, #scale";
  for (const each of document.querySelectorAll(parts)) {
    const { className, childNodes } = each;
    if (!written.has(each)) written.set(each, { className, nodes: [...childNodes] });
  }
}

/**
 * Shows differences from one variant, or recall.
 * @param {object} data of the page
 * @param {?number} against place of the variant; null shows recall
 */
function showDifferences(data, against) {
  for (const figure of document.querySelectorAll("figure.heatmap")) restore(figure);
  restore(document.getElementById("scale").parentElement);
  document.getElementById("against").selectedIndex = against === null ? 0 : against + 1;
  const told = document.getElementById("against-told");
  if (against === null || data.variants.length < 2) {
    told.textContent = "";
    return;
  }
  const views = data.variants.map((_, other) => differenceFrom(data, against, other));
  const end = scaleEnd(views);
  for (const figure of document.querySelectorAll("figure.heatmap")) {
    showDifference(figure, data, views[Number(figure.dataset.variant)], against, end);
  }
  showScale(end, data.variants[against]);
  told.textContent = differencesTold(data, against, views);
}

/**
 * Brings back what the server wrote.
 * @param {Element} parent of cells, captions or the scale
 */
function restore(parent) {
  for (const each of parent.querySelectorAll("a.cell, figcaption, #scale")) {
    const { className, nodes } = written.get(each);
    each.className = className;
    each.replaceChildren(...nodes);
  }
}

/**
 * @param {object} data of the page
 * @param {number} against place of the variant that is compared with
 * @param {number} other place of another variant
 * @returns {?object} the other less the one: `cells` and `lengths` by place, `all`, `whyNot`; null
 *   for the variant itself
 */
function differenceFrom(data, against, other) {
  if (against === other) return null;
  const [a, b] = [Math.min(against, other), Math.max(against, other)];
  const entry = data.differences.find((each) => each.a === a && each.b === b);
  const turned = other === a;
  const byPlace = (rows, places) =>
    new Map(rows.map((row) => [row.slice(0, places).join(), part(row.slice(places), turned)]));
  return {
    whyNot: entry.why_not,
    all: part(entry.all, turned),
    cells: byPlace(entry.cells, 2),
    lengths: byPlace(entry.lengths, 1),
  };
}

/**
 * @param {Array} row n, lost, gained, low, high
 * @param {boolean} turned whether it is of the other direction
 * @returns {{n: number, lost: number, gained: number, low: ?number, high: ?number, value: ?number}}
 *   pairs, and the difference with its interval in [-1, 1]; null without pairs
 */
function part([n, lost, gained, low, high], turned) {
  const [less, more] = turned ? [gained, lost] : [lost, gained];
  const ends = turned && low !== null ? [-high, -low] : [low, high];
  const value = n ? (more - less) / n : null;
  return { n, lost: less, gained: more, low: ends[0], high: ends[1], value };
}

/**
 * @param {Array} views of all variants
 * @returns {number} the end of a scale that holds all their cells on both sides
 */
function scaleEnd(views) {
  const cells = views.flatMap((view) => [...(view?.cells.values() ?? [])]);
  const values = cells.map((each) => each.value);
  const largest = Math.max(LEAST_END, ...values.map(Math.abs));
  return SCALE_ENDS.find((end) => largest <= end) ?? 1;
}

/**
 * @param {Element} figure a variant's heatmap
 * @param {object} data of the page
 * @param {?object} view of the variant; null for the one that is compared with
 * @param {number} against place of that one
 * @param {number} end of the scale
 */
function showDifference(figure, data, view, against, end) {
  const name = printable(data.variants[Number(figure.dataset.variant)]);
  const base = printable(data.variants[against]);
  const caption = view ? ` less ${base}` : " is the one compared with: recall";
  figure.querySelector("figcaption").append(make("span", { class: "hint" }, caption));
  if (!view) return;
  for (const cell of figure.querySelectorAll("a.cell")) {
    const { length, depth } = cellPlace(cell);
    const rows = depth === null ? view.lengths : view.cells;
    const found = rows.get(depth === null ? `${length}` : `${length},${depth}`);
    const where = depth === null ? "all depths" : `depth ${writtenDepth(data.depths[depth])}`;
    const place = `${name}, ${writtenNumber(data.lengths[length])} tokens, ${where}`;
    const told = make("span", { class: "unseen" }, `${place}: ${partTold(found, base)}`);
    cell.replaceChildren(told, ...seenOf(cell, found?.n ? found : null, end));
  }
}

/**
 * @param {Element} cell to be coloured
 * @param {?object} found its pairs; null without any
 * @param {number} end of the scale
 * @returns {Node[]} what is seen in it
 */
function seenOf(cell, found, end) {
  if (!found) {
    cell.className = "cell none";
    return [seen("words", "no pairs")];
  }
  const step = Math.round((DIFFERENCE_STEPS * Math.min(Math.abs(found.value), end)) / end);
  const points = writtenPoints(found.value);
  cell.className = `cell ${found.value < 0 ? "loss" : "gain"}${step}`;
  return [
    seen("hits", points),
    seen("words", `-${writtenNumber(found.lost)}/+${writtenNumber(found.gained)}`),
    seen("words", `n ${writtenNumber(found.n)}`),
  ];
}

/**
 * @param {string} name of a class
 * @param {string} text that is told in words besides
 * @returns {HTMLElement} the text for who sees it
 */
function seen(name, text) {
  return make("span", { class: name, "aria-hidden": "true" }, text);
}

/**
 * @param {?object} found pairs of a cell, a length or of all
 * @param {string} base name of the variant that is compared with
 * @returns {string} all their numbers in words, without a full stop
 */
function partTold(found, base) {
  if (!found?.n) return `no trial that ${base} answered too`;
  const points = `${writtenPoints(Math.abs(found.value)).replace("+", "")} points`;
  const side = found.value < 0 ? "less than" : "more than";
  const difference = found.value ? `${points} ${side} ${base}` : `no difference from ${base}`;
  const interval = `95% interval ${writtenPoints(found.low)} to ${writtenPoints(found.high)}`;
  const numbers = `${writtenNumber(found.lost)} lost and ${writtenNumber(found.gained)} gained`;
  return `${difference} (${interval}), ${numbers} of ${counted(found.n, "pair")}`;
}

/**
 * @param {object} data of the page
 * @param {number} against place of the variant that is compared with
 * @param {Array} views of all variants
 * @returns {string} what each is over all lengths together, a line each
 */
function differencesTold(data, against, views) {
  const base = printable(data.variants[against]);
  const told = views.flatMap((view, place) => {
    if (!view) return [];
    const name = printable(data.variants[place]);
    if (view.whyNot) return `${name} cannot be compared with ${base}: ${printable(view.whyNot)}.`;
    return `${name}: ${partTold(view.all, base)}.`;
  });
  return told.join("\n");
}

/**
 * @param {number} end of the scale
 * @param {string} base name of the variant that is compared with
 */
function showScale(end, base) {
  const steps = Array.from({ length: DIFFERENCE_STEPS / 2 + 1 }, (_, step) => 2 * step);
  const bar = [
    ...steps.toReversed().map((step) => `loss${step}`),
    ...steps.slice(1).map((step) => `gain${step}`),
  ];
  document.getElementById("scale").replaceChildren(
    make("span", {}, `${writtenPoints(-end)} points: less than ${printable(base)}`),
    ...bar.map((name) => make("i", { class: name })),
    make("span", {}, `${writtenPoints(end)} points: more`),
  );
}
