// A small step curve in plain SVG: what people were told to wait, over the last two hours.

import { t } from "../shared.js";
import { span } from "../words.js";
import { WINDOW_S } from "./history.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, ROOM] = [160, 40, 3];
const TOP_MIN_S = 600; // ten minutes: a curve that lies low looks low
const WINDOW_MIN_S = 300;

/** @typedef {import("./history.js").Point} Point */

/** @param {Point[]} points @param {number} now @param {string} name of the service, for those who hear the chart */
export function toldCurve(points, now, name) {
  const svg = make("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
  const top = Math.max(TOP_MIN_S, ...points.map(([, told]) => told));
  const last = points.at(-1)?.[1] ?? 0;
  svg.setAttribute("aria-label", points.length === 0 ? t("manager.chart_empty")
    : t("manager.chart", { service: name, now: span(last), top: span(Math.max(...points.map(([, told]) => told))) }));
  svg.append(make("path", { class: "curve-base", d: `M0 ${HEIGHT}H${WIDTH}` }));
  const line = steps(points, now, top);
  if (line) svg.append(make("path", { class: "curve-area", d: `${line}V${HEIGHT}H${start(points, now)}Z` }), make("path", { class: "curve-line", d: line }));
  return svg;
}

/** From the first point seen to now, at least a quarter of an hour, at most two hours wide. @param {Point[]} points @param {number} now */
const width = (points, now) => Math.min(WINDOW_S, Math.max(WINDOW_MIN_S, now - (points[0]?.[0] ?? now)));

/** @param {Point[]} points @param {number} now */
const start = (points, now) => x(points[0][0], points, now);

/** @param {number} at @param {Point[]} points @param {number} now */
const x = (at, points, now) => Math.max(0, WIDTH * (1 - (now - at) / width(points, now))).toFixed(1);

/** @param {number} told @param {number} top */
const y = (told, top) => (HEIGHT - ROOM - (HEIGHT - 2 * ROOM) * (told / top)).toFixed(1);

/** @param {Point[]} points @param {number} now @param {number} top */
function steps(points, now, top) {
  if (points.length === 0) return "";
  const [first, ...rest] = points;
  return `M${x(first[0], points, now)} ${y(first[1], top)}${rest.map(([at, told]) => `H${x(at, points, now)}V${y(told, top)}`).join("")}H${WIDTH}`;
}

/** @param {string} name @param {Record<string, string>} attributes */
function make(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
