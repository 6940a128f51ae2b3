// The period in five figures, each beside the period before, and in two or three plain sentences.

import { h, number, t } from "../shared.js";
import { span } from "../words.js";

export const REASONS = ["left", "vanished", "closed", "balked"];

/** "9.1 %", or a dash for what nobody knows. @param {number|null|undefined} share */
export const percent = (share) =>
  share === null || share === undefined ? t("reports.unknown") : t("manager.percent", { n: (100 * share).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 }) });

/** @param {number|null|undefined} s */
export const time = (s) => (s === null || s === undefined ? t("reports.unknown") : span(s));

/** Everybody who came and is no duplicate. @param {any} figures */
export const came = (figures) => REASONS.reduce((sum, reason) => sum + figures.accounts[reason], figures.accounts.answered);

const COMPARE_MIN = 30; // visits: of fewer, one shopper more or less moves a share by over three points

/** Why the period before is no measure for this one: nobody came, too few, or on too few of its days. Empty when it is one. @param {any} now @param {any} before */
export function unlike(now, before) {
  const days = (/** @type {any} */ figures) => Object.values(figures.by_day).filter((cell) => cell.came).length;
  if (!came(before)) return t("reports.no_before");
  if (2 * days(before) < days(now)) return t("reports.short_before", { n: days(before) });
  return came(before) < COMPARE_MIN ? t("reports.few_before", { n: came(before) }) : "";
}

/** @param {any} now @param {any} before */
export function headline(now, before) {
  const why = unlike(now, before);
  const points = (/** @type {number|null} */ a, /** @type {number|null} */ b) => why || (a === null || b === null ? "" : change(100 * (a - b), "points"));
  const within = (/** @type {any} */ figures) => figures.waits.within["600"];
  return [
    figure("unanswered", percent(now.unanswered_share), points(now.unanswered_share, before.unanswered_share)),
    figure("within", percent(within(now)), points(within(now), within(before))),
    figure("promise", percent(now.promise.kept_share), points(now.promise.kept_share, before.promise.kept_share)),
    figure("wait", time(now.waits.p50_s), t("reports.nine_of_ten", { time: time(now.waits.p90_s) })),
    figure("came", number(came(now)), why || change(100 * (came(now) / came(before) - 1), "share")),
  ];
}

/** @param {string} name @param {string} value @param {string} sub */
const figure = (name, value, sub) =>
  h("div", { class: "figure", "data-figure": name }, h("dt", {}, t(`reports.${name}`)),
    h("dd", {}, h("span", { class: "figure-value" }, value), h("span", { class: "figure-sub" }, sub || t("reports.no_before"))));

/** "+1.2 points than before". @param {number} by @param {"points"|"share"} kind */
function change(by, kind) {
  const rounded = Math.round(10 * by) / 10;
  const shown = rounded.toLocaleString(document.documentElement.lang, { signDisplay: "exceptZero", maximumFractionDigits: 1 });
  return t(`reports.change_${kind}`, { n: Math.abs(rounded), by: shown });
}

/** @param {any} now @param {any} before */
export function summary(now, before) {
  const total = came(now);
  if (!total) return [h("p", { class: "quiet" }, t("reports.nobody"))];
  const lost = total - now.accounts.answered;
  const parts = REASONS.filter((reason) => now.accounts[reason]).map((reason) => t(`reports.lost_${reason}`, { n: now.accounts[reason] }));
  const list = new Intl.ListFormat(document.documentElement.lang).format(parts);
  return [
    h("p", { class: "report-words" }, t("reports.words_lost", { n: lost, of: number(total), share: percent(lost / total) }), parts.length ? ` ${t("reports.words_reasons", { list })}` : ""),
    busiest(now.hours),
    promiseWords(now.promise),
    before.unanswered_share === null && h("p", { class: "small quiet" }, t("reports.no_before_words")),
    now.accounts.void > 0 && h("p", { class: "small quiet" }, t("reports.void", { n: now.accounts.void })),
  ].filter(Boolean);
}

/** The hour that loses most people. @param {Record<string, any>} hours */
function busiest(hours) {
  const lost = (/** @type {any} */ cell) => cell.came - cell.answered;
  const worst = Object.entries(hours).sort(([, a], [, b]) => lost(b) - lost(a))[0];
  if (!worst || lost(worst[1]) === 0) return null;
  return h("p", {}, t("reports.words_hour", { from: worst[0], to: Number(worst[0]) + 1, n: lost(worst[1]), share: percent(worst[1].unanswered_share) }));
}

/** @param {any} promise */
function promiseWords(promise) {
  if (!promise.decided) return null;
  const late = promise.excess_s === null ? "" : ` ${t("reports.words_excess", { time: time(promise.excess_s) })}`;
  return h("p", {}, t("reports.words_promise", { n: promise.kept, of: number(promise.decided) }), late);
}
