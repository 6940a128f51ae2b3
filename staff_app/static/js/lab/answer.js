// What the twin said: one sentence, four figures, and a table for who does not read pictures.

import { h, language, t } from "../shared.js";

/** @param {number|null|undefined} value @param {number} [digits] */
export const figure = (value, digits = 1) =>
  value === null || value === undefined ? "–" : value.toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param {number|null} share */
const percent = (share) => (share === null ? "–" : t("lab.percent", { n: figure(100 * share) }));

/** @param {any} report */
export function sentence(report) {
  const { mean, ci95: [low, high] } = report.difference.unanswered;
  if (low === null || (low <= 0 && high >= 0)) return t("lab.no_difference", { low: figure(low), high: figure(high) });
  const slots = { n: figure(Math.abs(mean)), low: figure(Math.min(Math.abs(low), Math.abs(high))), high: figure(Math.max(Math.abs(low), Math.abs(high))) };
  return t(mean < 0 ? "lab.fewer" : "lab.more", slots);
}

/** @param {any} report */
export function figures(report) {
  const { before, after, paid_hours: hours, cost_per_shopper_saved: each, cost } = report;
  const change = hours.after - hours.before;
  const money = each !== null ? t("lab.each", { n: figure(each, 0) }) : cost < 0 ? t("lab.less_to_pay", { n: figure(-cost, 0) }) : "";
  return [
    one("before", percent(before.unanswered_share.mean), t("lab.wait_mean", { n: figure(before.wait_mean_s.mean / 60) })),
    one("after", percent(after.unanswered_share.mean), t("lab.wait_mean", { n: figure(after.wait_mean_s.mean / 60) })),
    one("hours", t("lab.hours", { n: figure(hours.after) }), change ? t("lab.hours_change", { n: (change > 0 ? "+" : "−") + figure(Math.abs(change)) }) : t("lab.hours_same")),
    one("busy", percent(after.utilisation.mean), money),
  ];
}

/** @param {string} name @param {string} value @param {string} sub */
const one = (name, value, sub) => h("div", { class: "figure", "data-figure": name }, h("dt", {}, t(`lab.figure_${name}`)), h("dd", {}, h("span", { class: "figure-value" }, value), h("span", { class: "figure-sub" }, sub)));

/** Hour by hour. @param {any} report */
export function table(report) {
  const hours = new Map();
  for (const row of report.intervals) {
    const hour = Math.floor((report.opens_at_s / 60 + row.start_min) / 60);
    const sums = hours.get(hour) ?? { came: 0, before: 0, after: 0, wait: 0, n: 0 };
    sums.came += row.arrivals;
    sums.before += row.unanswered_before;
    sums.after += row.unanswered_after;
    if (row.wait_after_s) (sums.wait += row.wait_after_s.p50), (sums.n += 1);
    hours.set(hour, sums);
  }
  const head = ["time", "came", "before", "after", "wait"].map((key) => h("th", { scope: "col" }, t(`lab.column_${key}`)));
  const rows = [...hours].filter(([, sums]) => sums.came > 0).map(([hour, sums]) =>
    h("tr", {}, h("th", { scope: "row" }, t("lab.hour", { n: hour % 24 })), ...[sums.came, sums.before, sums.after, sums.n ? sums.wait / sums.n / 60 : null].map((n) => h("td", {}, figure(n)))));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("lab.table") }, h("table", { class: "table" }, h("caption", { class: "unseen" }, t("lab.table")), h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)));
}

/** Who comes when, as a list to print. @param {any} report @param {(id: string) => string} serviceName @param {(id: string) => string} personName */
export function shifts(report, serviceName, personName) {
  const clock = (/** @type {number} */ minute) => {
    const minutes = Math.round(report.opens_at_s / 60 + minute);
    return `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  };
  const head = ["who", "from", "until", "break", "skills"].map((key) => h("th", { scope: "col" }, t(`lab.column_${key}`)));
  const rows = report.shifts.map((/** @type {any} */ shift) => h("tr", {}, h("th", { scope: "row" }, personName(shift.name)), h("td", {}, clock(shift.start_min)), h("td", {}, clock(shift.end_min)),
    h("td", {}, shift.break_min ? shift.break_min.map(clock).join("–") : "–"), h("td", {}, shift.skills.map(serviceName).join(", "))));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("lab.shifts") }, h("table", { class: "table" }, h("caption", { class: "unseen" }, t("lab.shifts")), h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)));
}
