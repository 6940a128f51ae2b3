// What the early call would have saved last week: salespeople's waiting for who was called, shoppers' waiting, leavers.

import { h } from "../shared.js";
import { w } from "./fields.js";
import { pairs } from "./pairs.js";
import { fixed, number, table } from "./trial.js";

/** What is compared, in the unit people think in. @type {[string, number, number][]} figure, seconds in its unit, decimals */
const FIGURES = [["salesperson_waits_s", 1, 1], ["salespeople_day_s", 60, 0], ["wait_mean_s", 60, 1], ["left", 1, 1]];

/** @param {any} result @param {import("./screen.js").SettingsScreen} screen */
export function earlyShown(result, screen) {
  const { days, off, on, difference, by_day: byDay } = result;
  if (!on.invited) return [h("p", { class: "lead", "data-trial-words": "" }, w("early_nobody", { from: number(screen.draft?.now.timings.early_from_s ?? screen.usual.early_from_s) }))];
  const sides = /** @type {[string, string]} */ ([w("early_off"), w("early_on")]);
  return [
    h("p", { class: "lead", "data-trial-words": "" }, words(result), " ", w("early_shoppers", { wait: fixed(on.wait_mean_s / 60), was: fixed(off.wait_mean_s / 60), left: fixed(on.left), had: fixed(off.left) })),
    h("p", { class: "small quiet" }, w("early_days", { n: days, days, invited: number(Math.round(on.invited)) })),
    h("div", { class: "set-pictures" }, pairs({ plot: "trial-early", title: w("early_salesperson_waits_s"), rows: byDay.map((/** @type {any} */ d) => ({ name: dayName(d.day), before: d.off_s, after: d.on_s })), say: (s) => fixed(s, 0), sides })),
    table(w("early_trial"), [w("trial_what"), ...sides, w("early_difference")], FIGURES.map(([name, unit, digits]) => h("tr", { "data-figure": name },
      h("th", { scope: "row" }, w(`early_${name}`)), h("td", { class: "figures" }, fixed(off[name] / unit, digits)), h("td", { class: "figures" }, h("b", {}, fixed(on[name] / unit, digits))),
      h("td", { class: "figures" }, between(difference[name], unit, digits))))),
    h("p", { class: "small quiet" }, w("early_note")),
  ];
}

/** The team's minutes a day, where the days agree on them. @param {any} result */
function words({ off, on, difference }) {
  const { mean, ci95: [low, high] } = difference.salespeople_day_s;
  const least = low === null ? w("early_one_day") : w("early_between", { low: fixed(-high / 60, 0), high: fixed(-low / 60, 0) });
  if (mean >= 0 || (high !== null && high >= 0)) return w("early_unclear");
  return w("early_saves", { on: fixed(on.salesperson_waits_s, 0), off: fixed(off.salesperson_waits_s, 0), by: fixed(-mean / 60, 0), least });
}

/** "−12 (−15 … −9)". @param {{mean: number, ci95: [number|null, number|null]}} found @param {number} unit @param {number} digits */
function between({ mean, ci95: [low, high] }, unit, digits) {
  const signed = (/** @type {number} */ value) => number(value / unit, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero" });
  return low === null || high === null ? signed(mean) : `${signed(mean)} (${signed(low)} … ${signed(high)})`.replaceAll(" ", "\u00a0");
}

/** @param {string} iso */
const dayName = (iso) => new Date(`${iso}T12:00:00Z`).toLocaleDateString(document.documentElement.lang, { weekday: "long", day: "numeric", month: "short", timeZone: "UTC" });
