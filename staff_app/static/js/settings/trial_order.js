// The order tried on last week: in words, as a picture of every service, and in figures for each group of shoppers.

import { h } from "../shared.js";
import { className } from "../words.js";
import { w } from "./fields.js";
import { pairs } from "./pairs.js";
import { label } from "./parts.js";
import { fixed, number, table } from "./trial.js";

const FELT_S = 15; // a mean wait that changes by less is the same for everybody

/** @typedef {import("./screen.js").SettingsScreen} Screen */

/** @param {number|null} s */
const minutes = (s) => (s === null ? "–" : fixed(s / 60));
/** @param {number} x */
const share = (x) => number(x, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** @param {{days: number, groups: any[]}} result @param {Screen} screen */
export function orderShown({ days, groups }, screen) {
  const all = groups[0];
  return [
    h("p", { class: "lead", "data-trial-words": "" }, w("trial_words", { after: share(all.after.unanswered_share), before: share(all.before.unanswered_share),
      wait: minutes(all.after.wait_mean_s), was: minutes(all.before.wait_mean_s) }), " ", sides(groups, screen)),
    h("p", { class: "small quiet" }, w("trial_days", { n: days, days, shoppers: number(all.shoppers) })),
    picture(groups, screen),
    table(w("trial"), ["trial_who", "trial_shoppers", "trial_wait", "trial_p90", "trial_lost"].map((column) => w(column)), groups.map((g) => h("tr", { "data-group": g.kind + g.id },
      h("th", { scope: "row" }, nameOf(g, screen)), h("td", {}, number(g.shoppers)), pair(g.before.wait_mean_s, g.after.wait_mean_s, minutes),
      pair(g.before.wait_p90_s, g.after.wait_p90_s, minutes), pair(g.before.unanswered_share, g.after.unanswered_share, share)))),
    h("p", { class: "small quiet" }, w("trial_note")),
  ];
}

/** Waits and unanswered of every service, before and after. @param {any[]} groups @param {Screen} screen */
function picture(groups, screen) {
  const services = groups.filter((g) => g.kind === "service" && g.before.wait_mean_s !== null && g.after.wait_mean_s !== null);
  if (!services.length) return "";
  const rows = (/** @type {string} */ figure) => services.map((g) => ({ name: nameOf(g, screen), before: g.before[figure], after: g.after[figure] }));
  const named = /** @type {[string, string]} */ ([w("trial_before"), w("trial_after")]);
  return h("div", { class: "set-pictures" },
    pairs({ plot: "trial-waits", title: w("trial_wait"), rows: rows("wait_mean_s"), say: minutes, sides: named }),
    pairs({ plot: "trial-lost", title: w("trial_lost"), rows: rows("unanswered_share"), say: share, sides: named }));
}

/** Which service waits less and which more, where the difference is one that people feel. @param {any[]} groups @param {Screen} screen */
function sides(groups, screen) {
  const by = groups.filter((g) => g.kind === "service" && g.before.wait_mean_s !== null && g.after.wait_mean_s !== null)
    .map((g) => ({ name: nameOf(g, screen), s: g.after.wait_mean_s - g.before.wait_mean_s })).sort((a, b) => a.s - b.s);
  const [best, worst] = [by[0], by.at(-1)];
  return [best && best.s <= -FELT_S && w("trial_less", { service: best.name, by: minutes(-best.s) }), worst && worst.s >= FELT_S && w("trial_more", { service: worst.name, by: minutes(worst.s) })]
    .filter(Boolean).join(" ") || w("trial_same");
}

/** @param {{kind: string, id: string}} group @param {Screen} screen */
function nameOf({ kind, id }, { draft }) {
  if (kind === "all") return w("trial_all");
  if (kind === "class") return id === "card" ? w("trial_card") : id ? className(id, draft?.now.class_labels) : w("trial_anybody");
  return draft?.now.services[id] ? label(draft.now.services[id], id) : id;
}

/** Before → after in one cell. @param {any} before @param {any} after @param {(x: any) => string} text */
const pair = (before, after, text) => h("td", { class: "figures" }, text(before), " → ", h("b", {}, text(after)));
