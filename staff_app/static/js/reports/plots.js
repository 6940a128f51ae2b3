// Three pictures in plain SVG and tables: who was not answered by hour, the week as a heat map, the wait as a curve.

import { h, number, t } from "../shared.js";
import { percent, time } from "./figures.js";

const SVG = "http://www.w3.org/2000/svg";
const PLACES = ["answered", "left", "vanished", "closed", "balked"];
const ENDS_S = [4, 8, 12, 20, 32, 40, 60, 80, 120, 180, 240].map((minutes) => 60 * minutes); // a quarter of each is a round number
const COLUMN_MAX = 90;
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 240, 44, 28, 10];

/** An element of a picture. @param {string} name @param {Record<string, any>} attributes @param {...(Node|string)} children */
export function s(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** @param {string} plot @param {string} label @param {...Node} children */
const picture = (plot, label, ...children) => s("svg", { class: "report-plot", "data-plot": plot, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label }, ...children);

/** A round number not below, for the top of an axis. @param {number} value */
function ceiling(value) {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 2.5, 5, 10].map((n) => n * step).find((n) => n >= value && Number.isInteger(n)) ?? 10 * step;
}

/** @param {number} top @param {(value: number) => string} say */
function grid(top, say) {
  return [0, 0.5, 1].flatMap((share) => {
    const y = HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
    return [s("path", { class: "report-line", d: `M${LEFT} ${y}H${WIDTH}` }), s("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, say(share * top))];
  });
}

/** Columns by hour: who was answered at the bottom, who was not above. @param {Record<string, any>} cells */
export function hours(cells) {
  const known = Object.entries(cells);
  if (!known.length) return h("p", { class: "quiet" }, t("reports.nobody"));
  const [first, last] = [Math.min(...known.map(([hour]) => Number(hour))), Math.max(...known.map(([hour]) => Number(hour)))];
  const top = ceiling(Math.max(...known.map(([, cell]) => cell.came)));
  const wide = Math.min(COLUMN_MAX, (WIDTH - LEFT) / (last - first + 1));
  const columns = known.flatMap(([hour, cell]) => column(cell, LEFT + (Number(hour) - first) * wide, wide, top, hour));
  const labels = Array.from({ length: last - first + 1 }, (_, i) => s("text", { class: i % 2 && last - first > 7 ? "report-odd" : "", x: LEFT + (i + 0.5) * wide, y: HEIGHT - 8, "text-anchor": "middle" }, t("reports.hour", { n: first + i })));
  const told = known.map(([hour, cell]) => `${t("reports.hour", { n: Number(hour) })}: ${number(cell.came)}, ${percent(cell.unanswered_share)}`).join("; ");
  return h("figure", { class: "report-figure" }, picture("hours", told, ...grid(top, (n) => number(n)), ...columns, ...labels), legend(PLACES));
}

/** @param {any} cell @param {number} x @param {number} wide @param {number} top @param {string} hour */
function column(cell, x, wide, top, hour) {
  let y = HEIGHT - BOTTOM;
  return PLACES.filter((place) => cell[place]).map((place) => {
    const tall = (cell[place] / top) * (HEIGHT - BOTTOM - TOP);
    y -= tall;
    const title = s("title", {}, `${t("reports.hour", { n: Number(hour) })} · ${t(`manager.place_${place}`)}: ${number(cell[place])}`);
    return s("rect", { "data-place": place, x: x + wide * 0.12, y, width: wide * 0.76, height: tall }, title);
  });
}

/** @param {string[]} places */
const legend = (places) =>
  h("figcaption", { class: "report-legend" }, ...places.map((place) => h("span", {}, h("i", { class: "swatch", "data-place": place }), t(`manager.place_${place}`))));

/** Weekday by hour: the share not answered as a shade, in words for every cell. @param {Record<string, any>} cells */
export function heat(cells) {
  const keys = Object.keys(cells).map((key) => key.split(" ").map(Number));
  if (!keys.length) return h("p", { class: "quiet" }, t("reports.nobody"));
  const [first, last] = [Math.min(...keys.map(([, hour]) => hour)), Math.max(...keys.map(([, hour]) => hour))];
  const span = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const head = h("tr", {}, h("td", {}), ...span.map((hour) => h("th", { scope: "col" }, t("reports.hour", { n: hour }))));
  const days = [1, 2, 3, 4, 5, 6, 7].filter((day) => keys.some(([known]) => known === day));
  const rows = days.map((day) => h("tr", {}, h("th", { scope: "row" }, weekday(day)), ...span.map((hour) => shade(cells[`${day} ${hour}`]))));
  return h("div", { class: "report-scroll", tabindex: 0, role: "group", "aria-label": t("reports.week") },
    h("table", { class: "report-heat", "data-plot": "week" }, h("thead", {}, head), h("tbody", {}, ...rows)),
    h("p", { class: "small quiet" }, t("reports.week_how")));
}

/** @param {any} cell */
function shade(cell) {
  if (!cell?.came) return h("td", { class: "report-none" });
  const share = cell.unanswered_share ?? 0;
  return h("td", { title: t("reports.cell", { n: cell.came, share: percent(share) }), vars: { "--share": Math.min(1, share / 0.5).toFixed(3) } },
    h("span", {}, `${Math.round(100 * share)}`), h("small", {}, number(cell.came)));
}

/** @param {number} day 1 is Monday */
const weekday = (day) => new Date(Date.UTC(2024, 0, day)).toLocaleDateString(document.documentElement.lang, { weekday: "short", timeZone: "UTC" });

/** The share still waiting after so long, leavers counted as "at least so long". @param {any} waits */
export function curve(waits) {
  if (waits.curve.length < 2) return h("p", { class: "quiet" }, t("reports.nobody"));
  const longest = waits.curve.at(-1)[0];
  const end = ENDS_S.find((s) => s >= longest) ?? Math.ceil(longest / 14_400) * 14_400;
  const x = (/** @type {number} */ at) => LEFT + (at / end) * (WIDTH - LEFT - 10);
  const y = (/** @type {number} */ share) => HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  const line = waits.curve.map(([at, share], /** @type {number} */ i) => (i ? `H${x(at).toFixed(1)}V${y(share).toFixed(1)}` : `M${x(at)} ${y(share)}`)).join("");
  const marks = ["p50_s", "p80_s", "p90_s"].filter((name) => waits[name] !== null).map((name) => mark(x(waits[name]), y(1 - Number(name.slice(1, 3)) / 100), waits[name]));
  const ticks = [0.25, 0.5, 0.75, 1].map((part) => s("text", { x: x(part * end), y: HEIGHT - 8, "text-anchor": part === 1 ? "end" : "middle" }, time(part * end)));
  const told = t("reports.curve_told", { half: time(waits.p50_s), nine: time(waits.p90_s) });
  return h("figure", { class: "report-figure" },
    picture("curve", told, ...grid(1, percent), s("path", { class: "report-area", d: `${line}V${y(0)}H${x(0)}Z` }), s("path", { class: "report-curve", d: line }), ...ticks, ...marks.flat()),
    h("figcaption", { class: "small quiet" }, `${told} ${t("reports.curve_how")}`));
}

/** @param {number} x @param {number} y @param {number} at */
const mark = (x, y, at) => [s("circle", { class: "report-mark", cx: x, cy: y, r: 5 }), s("text", { class: "report-mark-text", x: x + 9, y: y - 7 }, time(at))];
