// The floor in five figures, and the one thing to act on.

import { tally } from "../promise.js";
import { h, icon, number, t } from "../shared.js";
import { ago, serviceName, span } from "../words.js";

const MOMENT_S = 20; // shorter than this is the pause between two shoppers
const WAITS = new Set(["waiting", "offered"]);

/** Tickets that wait for somebody now. @param {any} view @returns {any[]} */
export const waiting = (view) => view.tickets.filter((/** @type {any} */ row) => WAITS.has(row.phase));

/** Free salespeople, for more than a moment, who could serve somebody who waits now. @param {any} view @param {number} now @returns {any[]} */
export function idleWhileQueue(view, now) {
  const rows = waiting(view);
  return view.salespeople.filter((/** @type {any} */ p) =>
    p.duty === "idle" && ago(p.since, now) > MOMENT_S && rows.some((row) => (row.wanted ? row.wanted === p.id : p.skills.includes(row.service))));
}

/** @param {any} view @param {number} now */
export const headline = (view, now) => [waitingFigure(view, now), promises(view, now), told(view), team(view), unanswered(view)];

/** @param {string} key @param {string} title @param {any} value @param {any} sub @param {string} [mood] */
const figure = (key, title, value, sub, mood = "") =>
  h("div", { class: "figure", "data-figure": key, "data-mood": mood },
    h("dt", {}, title), h("dd", {}, h("span", { class: "figure-value figures" }, value), h("span", { class: "figure-sub" }, sub)));

/** @param {any} view @param {number} now */
function waitingFigure(view, now) {
  const count = view.services.reduce((/** @type {number} */ sum, /** @type {any} */ s) => sum + s.waiting, 0);
  const longest = Math.max(0, ...view.services.map((/** @type {any} */ s) => ago(s.oldest_at, now)));
  return figure("waiting", t("manager.waiting"), String(count), count ? t("manager.waiting_sub", { time: span(longest) }) : t("manager.waiting_none"));
}

/** @param {any} view @param {number} now */
function promises(view, now) {
  const counts = tally(waiting(view), now);
  if (waiting(view).length === 0) return figure("promises", t("manager.at_risk"), "–", t("manager.waiting_none"));
  if (counts.risk + counts.broken === 0) return figure("promises", t("manager.at_risk"), icon("check"), t("manager.all_kept"), "good");
  return figure("promises", t("manager.at_risk"),
    [h("span", { "data-standing": "risk" }, String(counts.risk)), " ", h("span", { class: "figure-unit" }, t("manager.at_risk_sub"))],
    h("span", { "data-standing": counts.broken ? "broken" : "none" }, t("manager.broken_sub", { n: counts.broken })),
    counts.broken ? "bad" : "warn");
}

/** @param {any} view */
function told(view) {
  const worst = view.services.filter((/** @type {any} */ s) => s.range).sort((/** @type {any} */ a, /** @type {any} */ b) => b.range.high_s - a.range.high_s)[0];
  if (!worst) return figure("told", t("manager.told"), "–", t("manager.told_unknown"));
  return figure("told", t("manager.told"), [minutes(worst.range), " ", h("span", { class: "figure-unit" }, "min")], serviceName(view, worst.id));
}

/** "6–11", in whole minutes. @param {{low_s: number, high_s: number}} range */
export function minutes({ low_s: low, high_s: high }) {
  const [a, b] = [Math.floor(low / 60), Math.ceil(high / 60)];
  return a === b ? `${b}` : `${a}–${b}`;
}

/** @param {any} view */
function team(view) {
  const here = view.salespeople.filter((/** @type {any} */ p) => p.duty !== "off");
  const count = (/** @type {string} */ duty) => here.filter((/** @type {any} */ p) => p.duty === duty).length;
  return figure("team", t("manager.team"), String(here.length), [t("manager.team_free", { n: count("idle") }), t("manager.team_paused", { n: count("paused") })].join(" · "));
}

/** @param {any} view */
function unanswered(view) {
  const a = view.accounts;
  const lost = a.balked + a.left + a.vanished + a.closed;
  if (view.unanswered_share === null) return figure("unanswered", t("manager.unanswered"), "–", t("manager.nothing_yet"));
  return figure("unanswered", t("manager.unanswered"), percent(view.unanswered_share), t("manager.unanswered_sub", { n: lost, of: lost + a.answered }));
}

/** One decimal below ten per cent, none above: no precision nobody can use. @param {number} share */
const percent = (share) => t("manager.percent", { n: number(share < 0.1 ? Math.round(share * 1000) / 10 : Math.round(share * 100)) });

/** Somebody is free and somebody they could serve waits. @param {any} view @param {number} now */
export function flag(view, now) {
  const names = idleWhileQueue(view, now).map((p) => p.name);
  return names.length > 0 && h("p", { class: "notice notice-warn", "data-flag": "idle-while-queue" }, icon("warn"),
    h("span", {}, t("manager.idle_flag_text", { n: names.length, names: names.join(", ") })));
}
