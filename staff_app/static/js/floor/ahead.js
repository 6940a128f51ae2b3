// What is coming: alarms on the next half hour above everything, and the next hour of each service as a curve.

import { get, h, icon, t } from "../shared.js";
import { hour, serviceName, span } from "../words.js";

const POLL_MS = 20_000;
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, ROOM] = [240, 56, 4];

/** @typedef {{at: string|null, alarms: any[], ahead_s: number[], outlook: Record<string, {p50_s: (number|null)[], p90_s: (number|null)[]}>}} Ahead */

/** Ask again and again until `signal` ends it. @param {string} base @param {AbortSignal} signal @param {(ahead: Ahead) => void} take */
export async function watchAhead(base, signal, take) {
  while (!signal.aborted) {
    const answer = await get(`${base}/alarms`).catch(() => null);
    if (answer && !signal.aborted) take(answer.body);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

const SHOWN = 2;

/**
 * One line an alarm, the rest behind one line where there are many: when, what, and what would help. Where nobody is there to
 * serve several services, one line says so for all of them. @param {Ahead|null} ahead @param {any} view @param {number} now
 */
export function alarmLines(ahead, view, now) {
  const alarms = ahead?.alarms ?? [];
  const nobody = alarms.filter((alarm) => alarm.worst_s === null);
  const merged = nobody.length > 1;
  const lines = alarms.filter((alarm) => !merged || alarm.worst_s !== null).map((alarm) => line(alarm.service, when(alarm, view, now), help(alarm)));
  if (merged) lines.unshift(line("nobody", t("manager.alarm_nobody_many", { services: nobody.map((alarm) => serviceName(view, alarm.service)).join(", ") })));
  if (lines.length <= SHOWN + 1) return lines;
  return [...lines.slice(0, SHOWN), h("details", { class: "alarm-more", "data-key": "alarm-more", open: Boolean(/** @type {HTMLDetailsElement|null} */ (document.querySelector(".alarm-more"))?.open) }, h("summary", {}, t("manager.alarms_more", { n: lines.length - SHOWN })), ...lines.slice(SHOWN))];
}

/** @param {string} key @param {string} what @param {string} [helps] */
const line = (key, what, helps = "") =>
  h("p", { class: "notice notice-warn alarm", "data-key": key, "data-alarm": key }, icon("clock"), h("span", {}, h("b", {}, what), " ", helps));

/** @param {any} alarm @param {any} view @param {number} now */
function when(alarm, view, now) {
  const minutes = Math.round((Date.parse(alarm.crosses_at) / 1000 - now) / 60);
  const words = { service: serviceName(view, alarm.service), limit: span(alarm.limit_s), worst: alarm.worst_s === null ? "" : span(alarm.worst_s) };
  if (alarm.worst_s === null) return t("manager.alarm_nobody", words);
  if (alarm.worst_s < alarm.limit_s) return t("manager.alarm_near", words);
  return minutes > 0 ? t("manager.alarm_in", { ...words, n: minutes }) : t("manager.alarm_now", words);
}

/** @param {any} alarm */
function help(alarm) {
  if (alarm.helped_s === null || (alarm.worst_s !== null && alarm.helped_s >= alarm.worst_s - 60)) return t("manager.alarm_no_help");
  return t("manager.alarm_help", { time: span(alarm.helped_s) });
}

/** The next hour: nine in ten who join then wait no longer than this. @param {Ahead|null} ahead @param {any} view */
export function nextHour(ahead, view) {
  if (!ahead?.at) return [];
  const known = view.services.filter((/** @type {any} */ service) => ahead.outlook[service.id]);
  const top = Math.max(1200, ...known.flatMap((/** @type {any} */ service) => ahead.outlook[service.id].p90_s.map((s) => s ?? 0)));
  return [
    h("div", { class: "panel-head" }, h("h2", { id: "ahead-title" }, t("manager.ahead")), h("span", { class: "small quiet" }, t("manager.ahead_as_of", { time: hour(ahead.at) }))),
    h("ul", { class: "ahead-list", "aria-labelledby": "ahead-title" }, ...known.map((/** @type {any} */ service) => row(ahead, view, service.id, top))),
    h("p", { class: "small quiet" }, t("manager.ahead_how")),
  ];
}

/** @param {Ahead} ahead @param {any} view @param {string} id @param {number} top */
function row(ahead, view, id, top) {
  const waits = ahead.outlook[id].p90_s;
  const at = (/** @type {number} */ s) => waits[ahead.ahead_s.findIndex((a) => a >= s)];
  const said = (/** @type {number|null|undefined} */ s) => (s === null || s === undefined ? t("manager.ahead_nobody") : span(s));
  const text = waits.every((s) => s === null) ? t("manager.ahead_nobody") : t("manager.ahead_text", { now: said(at(0)), half: said(at(1800)), hour: said(at(3600)) });
  return h("li", { "data-key": id, "data-ahead": id }, h("span", { class: "ahead-name" }, serviceName(view, id)), curve(ahead, id, top), h("span", { class: "small" }, text));
}

/** @param {Ahead} ahead @param {string} id @param {number} top */
function curve(ahead, id, top) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ class: "ahead-curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(name, value);
  const last = ahead.ahead_s.at(-1) ?? 1;
  const y = (/** @type {number|null} */ s) => (HEIGHT - ROOM - (HEIGHT - 2 * ROOM) * Math.min(1, (s ?? top) / top)).toFixed(1);
  const drawn = (/** @type {(number|null)[]} */ waits) => waits.map((s, i) => `${i ? "L" : "M"}${((ahead.ahead_s[i] / last) * WIDTH).toFixed(1)} ${y(s)}`).join("");
  const { p50_s, p90_s } = ahead.outlook[id];
  for (const [name, d] of [["ahead-area", `${drawn(p90_s)}V${HEIGHT}H0Z`], ["ahead-most", drawn(p90_s)], ["ahead-half", drawn(p50_s)]]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
