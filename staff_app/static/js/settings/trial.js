// "Try it on last week": the days that were recorded are played again in the twin, twice with the same shoppers. Which two
// plans, and what is shown of them, is another file's: the order (trial_order), or the early call (trial_early).

import { command } from "/static/web/js/api.js";
import { get, h } from "../shared.js";
import { fault } from "./faults.js";
import { button, w } from "./fields.js";

const ASK_MS = 1000;

export class Trial {
  /** @type {any} */ result = null;
  state = "none";
  problem = "";

  /**
   * @param {import("./screen.js").SettingsScreen} screen @param {"order"|"early"} what
   * @param {(result: any, screen: import("./screen.js").SettingsScreen) => any[]} shown
   */
  constructor(screen, what, shown) {
    Object.assign(this, { screen, what, shown });
  }

  draw() {
    const of = (/** @type {string} */ word) => w(this.what === "early" ? `early_${word}` : word);
    return [
      h("h3", {}, of("trial")),
      h("p", { class: "small quiet" }, of("trial_lead")),
      h("div", { class: "stack stack-s", "data-trial": this.state },
        button("trial", w(this.state === "running" ? "trial_running" : "trial_run"), { "aria-busy": String(this.state === "running"), "data-what": this.what }),
        h("div", { role: "status" }, this.problem && h("p", { class: "notice notice-warn" }, this.problem), this.result && this.shown(this.result, this.screen))),
    ];
  }

  async run() {
    if (this.state === "running" || !this.screen.draft) return;
    Object.assign(this, { state: "running", result: null, problem: "" });
    this.screen.redraw();
    try {
      let run = await command(`${this.screen.base}/settings/trial`, { after: this.screen.version, settings: this.screen.draft.now, what: this.what });
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
export const number = (value, options) => value.toLocaleString(document.documentElement.lang, options);

/** With so many decimals. @param {number} value @param {number} [digits] */
export const fixed = (value, digits = 1) => number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** A table that is scrolled by itself where a phone is too narrow for it. @param {string} label @param {string[]} columns @param {any[]} rows */
export const table = (label, columns, rows) => h("div", { class: "set-scroll", tabindex: "0", role: "region", "aria-label": label }, h("table", { class: "table" },
  h("thead", {}, h("tr", {}, ...columns.map((column) => h("th", { scope: "col" }, column)))), h("tbody", {}, ...rows)));
