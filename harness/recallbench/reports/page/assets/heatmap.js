// The heatmaps: one stop of the Tab key each, arrow keys inside, what a cell says below its table,
// and which cell is selected. Knows nothing about trials or differences.

/** Steps of the arrow keys: columns and rows. */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Readies the tables as the server made them. */
function startHeatmaps() {
  for (const figure of document.querySelectorAll("figure.heatmap")) {
    // With the arrow keys its cells scroll into view: a stop for scrolling is one too many.
    figure.querySelector(".wide").removeAttribute("tabindex");
    const cells = figure.querySelectorAll("a.cell");
    for (const cell of cells) cell.tabIndex = -1;
    if (cells.length) cells[0].tabIndex = 0;
  }
}

/**
 * Marks the selected cells, and says below each table what its selected cell says.
 * @param {object} state as of `readState`
 */
function showSelectedCell(state) {
  for (const cell of document.querySelectorAll("a.cell")) {
    const { variant, length, depth } = cellPlace(cell);
    const isHere = state.variant === null || state.variant === variant;
    const isSelected = isHere && state.length === length && state.depth === depth;
    cell.removeAttribute("aria-current");
    if (isSelected) {
      cell.setAttribute("aria-current", "true");
      keepTabStop(cell);
    }
  }
  for (const figure of document.querySelectorAll("figure.heatmap")) showReadout(figure, null);
}

/**
 * @param {Element} cell of a heatmap
 * @returns {{variant: number, length: number, depth: ?number}} its places in the tables of the data
 */
function cellPlace(cell) {
  const { length, depth } = cell.dataset;
  const { variant } = cell.closest("figure.heatmap").dataset;
  return {
    variant: Number(variant),
    length: Number(length),
    depth: depth === undefined ? null : Number(depth),
  };
}

/**
 * @param {Element} figure a heatmap
 * @param {?Element} cell that is looked at; null says what the selected one says
 */
function showReadout(figure, cell) {
  const told = cell ?? figure.querySelector("a.cell[aria-current]");
  figure.querySelector(".readout").textContent = told ? cellTold(told) : "";
}

/**
 * @param {Element} cell of a heatmap
 * @returns {string} all its numbers in a sentence
 */
function cellTold(cell) {
  return cell.querySelector(".unseen").textContent;
}

/**
 * Moves between the cells of a table.
 * @param {KeyboardEvent} event a key that was pressed
 */
function moveInHeatmap(event) {
  const cell = event.target.closest?.("a.cell");
  if (!cell || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const row = [...cell.closest("tr").querySelectorAll("a.cell")];
  const rows = [...cell.closest("tbody").rows];
  const column = row.indexOf(cell);
  const [right, down] = STEPS[event.key] ?? [0, 0];
  let next = rows[rows.indexOf(cell.closest("tr")) + down]?.querySelectorAll("a.cell")[column + right];
  if (event.key === "Home") next = row[0];
  else if (event.key === "End") next = row.at(-1);
  else if (!right && !down) return;
  event.preventDefault();
  next?.focus();
}

/**
 * The cell that has the focus or is selected is the one that Tab comes back to.
 * @param {Element} cell of a heatmap
 */
function keepTabStop(cell) {
  for (const each of cell.closest("table").querySelectorAll("a.cell")) {
    each.tabIndex = each === cell ? 0 : -1;
  }
}

/** Listens once for all tables, also those that a live page brings. */
function listenToHeatmaps() {
  const looked = (event) => {
    const cell = event.target.closest?.("a.cell");
    if (cell) showReadout(cell.closest("figure.heatmap"), cell);
  };
  const left = (event) => {
    const figure = event.target.closest?.("figure.heatmap");
    if (figure) showReadout(figure, null);
  };
  document.addEventListener("pointerover", looked);
  document.addEventListener("pointerout", left);
  document.addEventListener("focusin", (event) => {
    looked(event);
    const cell = event.target.closest?.("a.cell");
    if (cell) keepTabStop(cell);
  });
  document.addEventListener("focusout", left);
  document.addEventListener("keydown", moveInHeatmap);
}
