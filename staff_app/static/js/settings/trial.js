// "Try it on last week": the days that were recorded are played again in the twin, once with the settings in force and once
// with those being edited, the same shoppers both times.

import { command } from "/static/web/js/api.js";
import { get, h } from "../shared.js";
import { className } from "../words.js";
import { fault } from "./faults.js";
import { button, w } from "./fields.js";

const ASK_MS = 1000;
const FELT_S = 15; // a mean wait that changes by less is the same for everybody

export class Trial {
  /** @type {any} */ result = null;
  state = "none";
  problem = "";

  /** @param {import("./screen.js").SettingsScreen} screen */
  constructor(screen) {
    this.screen = screen;
  }

  draw() {
    return [
      h("h3", {}, w("trial")),
      h("p", { class: "small quiet" }, w("trial_lead")),
      h("div", { class: "stack stack-s", "data-trial": this.state },
        button("trial", w(this.state === "running" ? "trial_running" : "trial_run"), { "aria-busy": String(this.state === "running") }),
        h("div", { role: "status" }, this.problem && h("p", { class: "notice notice-warn" }, this.problem), this.result && this.#table())),
    ];
  }

  #table() {
    const { days, groups } = this.result;
    const minutes = (/** @type {number|null} */ s) => (s === null ? "–" : number(s / 60, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
    const share = (/** @type {number} */ x) => number(x, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
    return [
      h("p", { class: "lead", "data-trial-words": "" }, w("trial_words", { after: share(groups[0].after.unanswered_share), before: share(groups[0].before.unanswered_share),
        wait: minutes(groups[0].after.wait_mean_s), was: minutes(groups[0].before.wait_mean_s) }), " ", this.#sides(groups, minutes)),
      h("p", { class: "small quiet" }, w("trial_days", { n: days, days, shoppers: number(groups[0].shoppers) })),
      h("div", { class: "set-scroll", tabindex: "0", role: "region", "aria-label": w("trial") }, h("table", { class: "table" },
        h("thead", {}, h("tr", {}, ...["trial_who", "trial_shoppers", "trial_wait", "trial_p90", "trial_lost"].map((column) => h("th", { scope: "col" }, w(column))))),
        h("tbody", {}, ...groups.map((/** @type {any} */ g) => h("tr", { "data-group": g.kind + g.id },
          h("th", { scope: "row" }, this.#name(g)), h("td", {}, number(g.shoppers)), pair(g.before.wait_mean_s, g.after.wait_mean_s, minutes),
          pair(g.before.wait_p90_s, g.after.wait_p90_s, minutes), pair(g.before.unanswered_share, g.after.unanswered_share, share)))))),
      h("p", { class: "small quiet" }, w("trial_note")),
    ];
  }

  /** Which service waits less and which more, where the difference is one that people feel. @param {any[]} groups @param {(s: number) => string} minutes */
  #sides(groups, minutes) {
    const by = groups.filter((g) => g.kind === "service" && g.before.wait_mean_s !== null && g.after.wait_mean_s !== null)
      .map((g) => ({ name: this.#name(g), s: g.after.wait_mean_s - g.before.wait_mean_s })).sort((a, b) => a.s - b.s);
    const [best, worst] = [by[0], by.at(-1)];
    return [best && best.s <= -FELT_S && w("trial_less", { service: best.name, by: minutes(-best.s) }), worst && worst.s >= FELT_S && w("trial_more", { service: worst.name, by: minutes(worst.s) })]
      .filter(Boolean).join(" ") || w("trial_same");
  }

  /** @param {{kind: string, id: string}} group */
  #name({ kind, id }) {
    if (kind === "all") return w("trial_all");
    if (kind === "class") return id === "card" ? w("trial_card") : id ? className(id, this.screen.draft?.now.class_labels) : w("trial_anybody");
    const labels = this.screen.draft?.now.services[id]?.labels ?? {};
    return labels[document.documentElement.lang] || Object.values(labels)[0] || id;
  }

  async run() {
    if (this.state === "running" || !this.screen.draft) return;
    Object.assign(this, { state: "running", result: null, problem: "" });
    this.screen.redraw();
    try {
      let run = await command(`${this.screen.base}/settings/trial`, { after: this.screen.version, settings: this.screen.draft.now });
      while (run.state === "waiting" || run.state === "running") {
        await new Promise((later) => setTimeout(later, ASK_MS));
        run = (await get(`/api/v1/stores/${this.screen.store}/lab/runs/${run.run}`)).body;
      }
      Object.assign(this, run.state === "done" ? { state: "done", result: run.result } : { state: "failed", problem: run.trouble || w("trial_failed") });
    } catch (problem) {
      const { code, facts, message } = /** @type {any} */ (problem);
      Object.assign(this, { state: "failed", problem: code === "bad_field" ? fault(facts, this.screen.root) : code === "lab_impossible" ? w("trial_nothing") : message });
    }
    this.screen.redraw();
  }
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
const number = (value, options) => value.toLocaleString(document.documentElement.lang, options);

/** Before → after in one cell. @param {any} before @param {any} after @param {(x: any) => string} text */
const pair = (before, after, text) => h("td", { class: "figures" }, text(before), " → ", h("b", {}, text(after)));
