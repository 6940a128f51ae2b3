// Before and after beside each other: two bars for every row, hollow and full, so that nobody needs to tell colours apart.

import { h } from "../shared.js";
import { s } from "../reports/plots.js";

const [WIDE, BARS, TALL, NAME, ROW] = [360, 262, 13, 17, 54]; // as wide as a phone: what is written stays readable there

/** @typedef {{name: string, before: number, after: number}} Row */

/**
 * A picture with its words: what a reader who does not see it gets is the same figures as a sentence.
 * @param {{plot: string, title: string, rows: Row[], say: (value: number) => string, sides: [string, string]}} of
 */
export function pairs({ plot, title, rows, say, sides }) {
  const top = Math.max(...rows.flatMap((row) => [row.before, row.after])) || 1;
  const told = `${title}. ${rows.map((row) => `${row.name}\u00a0: ${sides[0]} ${say(row.before)}, ${sides[1]} ${say(row.after)}`).join(" ; ")}`;
  return h("figure", { class: "report-figure set-pairs" }, h("figcaption", {}, h("b", {}, title), legend(sides)),
    s("svg", { class: "report-plot", "data-plot": plot, viewBox: `0 0 ${WIDE} ${rows.length * ROW}`, role: "img", "aria-label": told },
      ...rows.flatMap((row, n) => [s("text", { class: "pair-name", x: 0, y: n * ROW + NAME - 4 }, row.name),
        ...bar("before", row.before / top, n * ROW + NAME, say(row.before)), ...bar("after", row.after / top, n * ROW + NAME + TALL + 2, say(row.after))])));
}

/** @param {string} side @param {number} share of the longest @param {number} y @param {string} text */
const bar = (side, share, y, text) => [
  s("rect", { "data-side": side, x: 1, y: y + 1, width: Math.max(1, share * BARS).toFixed(1), height: TALL - 2 }),
  s("text", { x: share * BARS + 8, y: y + TALL - 2 }, text),
];

/** @param {[string, string]} sides */
const legend = ([before, after]) => h("span", { class: "report-legend" }, ...[["before", before], ["after", after]].map(([side, text]) => h("span", {}, h("i", { class: "swatch", "data-side": side }), text)));
