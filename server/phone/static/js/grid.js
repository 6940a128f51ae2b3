/** Cards and lamps lie in a grid: the arrow keys move over it, to where they point on the screen, also from right to left. */
import { set } from "/static/web/js/dom.js";

export const COLUMNS = 4;
/** @type {Record<string, number>} */
const MOVES = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

/** Move the focus, which is all that Tab reaches of the grid. @param {KeyboardEvent} event @param {HTMLElement[]} buttons */
export function walk(event, buttons) {
  const from = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const step = MOVES[event.key];
  if (!step || from < 0) return;
  event.preventDefault();
  const sideways = Math.abs(step) === 1 && document.documentElement.dir === "rtl";
  const to = buttons[from + (sideways ? -step : step)];
  if (!to) return;
  buttons.forEach((b) => set(b, "tabindex", b === to ? "0" : "-1"));
  to.focus();
}
