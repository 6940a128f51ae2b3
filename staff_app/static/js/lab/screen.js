// The lab's one screen: the day on the table, the plan, the run, and what came of it.

import { command, Problem } from "/static/web/js/api.js";
import { closeSheet, devicePart, fillSheet, languages, speak } from "../sheets.js";
import { deskPath, signOut } from "../session.js";
import { get, h, icon, label, language, t } from "../shared.js";
import { figure, figures, sentence, shifts, table } from "./answer.js";
import { Bars, MOST } from "./bars.js";
import { Desk } from "./desk.js";
import { asOption, chosen, dayName, quarterOptions } from "./fields.js";
import { Picture } from "./pictures.js";
import { Plans } from "./plans.js";
import { patient, Twin } from "./twin.js";

const SETTLE_MS = 600; // after the last move, the twin is asked
const TARGETS = [0.02, 0.05, 0.08, 0.12, 0.2];
const PICTURES = ["waits", "unanswered", "demand", "roster"];

export class LabScreen {
  /** @type {Desk|null} */ desk = null;
  /** @type {any} */ report = null;
  /** @type {any} */ run = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #settling;
  /** @type {() => void} */ #leave = () => {};

  /** @param {HTMLElement} root @param {import("../session.js").Session} session */
  constructor(root, session) {
    this.root = root;
    this.base = `/api/v1/stores/${session.store}`;
    this.signedOut = new Promise((leave) => (this.#leave = () => leave(undefined)));
    this.off = new AbortController();
    this.plans = new Plans(session.store);
    this.twin = new Twin(`${this.base}/lab`, (view) => this.#told(view));
    this.bars = new Bars({ changed: () => this.#moved(), settled: () => this.#ask() });
    this.pictures = Object.fromEntries([...PICTURES, "cost", "week"].map((name) => [name, new Picture(name)]));
    this.names = /** @type {Record<string, any>} */ ({ services: {}, people: {} });
    for (const target of [root, document.querySelector("#sheet")]) target?.addEventListener("click", (event) => this.#click(event), { signal: this.off.signal });
    root.addEventListener("change", (event) => this.#change(event), { signal: this.off.signal });
    Object.assign(root.dataset, { screen: "lab", state: "loading", run: "none" });
    this.parts = this.#parts();
    root.replaceChildren(...this.parts.page);
    void this.#begin();
  }

  /** The page, made once; afterwards only its parts change, so that focus and pictures stay. */
  #parts() {
    const place = (/** @type {string} */ name, cls = "") => h("div", { class: `lab-${name} ${cls}` });
    const parts = { name: h("h1", {}, t("lab.title")), days: place("days"), notice: h("div", { class: "floor-notices", role: "status" }), plan: place("plan"), said: h("div", { class: "lab-said", role: "status" }),
      figures: h("dl", { class: "figures-row" }), tools: place("tools"), tables: place("tables"), kept: place("kept") };
    const top = h("header", { class: "floor-top" }, icon("mark"), parts.name, h("a", { class: "btn btn-plain push", href: deskPath("/manager") }, t("lab.back")),
      h("button", { type: "button", class: "btn floor-menu", "data-action": "menu", "aria-haspopup": "dialog", "aria-label": t("staff.more") }, "⋯"));
    const main = h("main", { class: "lab" }, parts.days, h("section", { class: "panel lab-table", "aria-label": t("lab.plan") }, parts.plan),
      h("section", { class: "panel lab-answer", "aria-label": t("lab.answer") }, parts.said, parts.figures, parts.tools),
      h("div", { class: "lab-pictures" }, ...Object.values(this.pictures).map((picture) => picture.element)), parts.tables, parts.kept);
    return { ...parts, page: [top, parts.notice, main] };
  }

  async #begin() {
    try {
      const [store, lab, people] = await Promise.all([get(this.base), patient(`${this.base}/lab`), get(`${this.base}/people`)]);
      this.parts.name.textContent = `${t("lab.title")} · ${store.body.name}`;
      this.names.services = Object.fromEntries(store.body.services.map((/** @type {any} */ s) => [s.id, label(s.labels, s.id)]));
      this.names.people = Object.fromEntries(people.body.map((/** @type {any} */ p) => [p.id, p.name]));
      this.lab = lab.body;
      if (this.lab.missing) return this.#empty();
      this.parts.days.replaceChildren(...this.#days());
      await this.#put(this.lab.days[0].id);
      patient(`${this.base}/lab/week`).then(({ body }) => this.pictures.week.show(body.spec), () => undefined);
    } catch (problem) {
      this.#trouble(problem);
    }
  }

  #empty() {
    this.root.dataset.state = "empty";
    this.parts.notice.replaceChildren(h("div", { class: "notice notice-warn" }, icon("warn"), h("span", {}, t(`lab.missing_${this.lab.missing}`))));
    for (const part of this.root.querySelectorAll(".panel")) /** @type {HTMLElement} */ (part).hidden = true;
  }

  /** @param {unknown} problem */
  #trouble(problem) {
    if (problem instanceof Problem && problem.status === 401) return this.#end();
    const text = problem instanceof Problem && problem.facts.why ? t("lab.impossible", { why: problem.facts.why }) : t("lab.trouble");
    this.parts.notice.replaceChildren(h("p", { class: "notice notice-stop" }, icon("warn"), h("span", {}, text)));
  }

  /** Put a day on the table. @param {string} choice */
  async #put(choice) {
    this.parts.notice.replaceChildren();
    this.parts.said.replaceChildren(h("p", { class: "quiet" }, t("lab.learning")));
    try {
      const { body } = await patient(`${this.base}/lab/desks/${choice}`);
      this.desk = new Desk(choice, body.desk);
    } catch (problem) {
      return this.#trouble(problem);
    }
    this.report = null;
    this.root.dataset.state = "ready";
    this.parts.plan.replaceChildren(...this.#plan());
    this.#moved();
    this.#kept();
    this.#ask();
  }

  #days() {
    const groups = [false, true].map((recorded) => h("optgroup", { label: t(recorded ? "lab.days_recorded" : "lab.days_to_come") },
      ...this.lab.days.filter((/** @type {any} */ d) => d.recorded === recorded).map((/** @type {any} */ d) => h("option", { value: d.id }, dayName(d.day)))));
    return [h("label", { class: "field" }, h("span", {}, t("lab.day")), h("select", { "data-field": "day" }, ...groups))];
  }

  /** The bars and what stands around them. */
  #plan() {
    const { desk } = this;
    if (!desk) return [];
    const { found } = desk;
    this.hours = h("p", { class: "lab-hours" });
    const ends = quarterOptions(found.starts);
    return [
      h("div", { class: "panel-head" }, h("h2", {}, t("lab.plan")), this.hours),
      h("p", { class: "small" }, t(found.recorded ? "lab.as_recorded" : "lab.expected", { n: figure(found.expected, 0), low: figure(found.interval?.[0], 0), high: figure(found.interval?.[1], 0) })),
      ...found.notes.map((/** @type {string} */ note) => h("p", { class: "small quiet" }, note)),
      h("label", { class: "field" }, h("span", {}, t("lab.kind")), h("select", { "data-field": "kind" }, ...desk.kinds.map(({ id }) => asOption(id, this.#kindName(id), id === desk.kind)))),
      this.bars.element,
      h("p", { class: "small quiet bars-help" }, t("lab.help")),
      h("div", { class: "lab-span" },
        h("label", { class: "field" }, h("span", {}, t("lab.from")), h("select", { "data-field": "from" }, ...ends.slice(0, -1).map(([v, text]) => asOption(v, text, v === String(Math.floor(0.6 * desk.quarters)))))),
        h("label", { class: "field" }, h("span", {}, t("lab.until")), h("select", { "data-field": "until" }, ...ends.slice(1).map(([v, text]) => asOption(v, text, v === String(Math.floor(0.6 * desk.quarters) + 8))))),
        h("button", { type: "button", class: "btn", "data-action": "one-more" }, t("lab.one_more")), h("button", { type: "button", class: "btn", "data-action": "one-less" }, t("lab.one_less"))),
      h("div", { class: "lab-span" },
        h("label", { class: "field" }, h("span", {}, t("lab.target")), h("select", { "data-field": "target", disabled: found.recorded }, ...TARGETS.map((x) => asOption(String(x), t("lab.percent", { n: figure(100 * x, 0) }), x === 0.08)))),
        h("button", { type: "button", class: "btn btn-main", "data-action": "suggest", "aria-disabled": String(found.recorded) }, t("lab.suggest")),
        h("button", { type: "button", class: "btn", "data-action": "reset" }, t("lab.reset"))),
      found.recorded && h("p", { class: "small quiet" }, t("lab.no_suggestion")),
    ].filter(Boolean);
  }

  /** @param {string} id */
  #kindName(id) {
    const kind = this.desk?.kinds.find((k) => k.id === id);
    const people = kind?.people.map((p) => this.names.people[p] ?? p).slice(0, 3).join(", ");
    return `${kind?.skills.map((s) => this.names.services[s] ?? s).join(" + ")}${people ? ` (${people}${(kind?.people.length ?? 0) > 3 ? "…" : ""})` : ""}`;
  }

  #moved() {
    if (!this.desk || !this.hours) return;
    this.bars.draw(this.desk, (id) => this.#kindName(id));
    const change = this.desk.hours() - this.desk.hours(this.desk.foundCounts);
    this.hours.textContent = t("lab.hours", { n: figure(this.desk.hours()) }) + (change ? ` (${change > 0 ? "+" : "−"}${figure(Math.abs(change))})` : "");
  }

  #ask() {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.desk && void this.twin.ask({ choice: this.desk.choice, what: "try", counts: this.desk.counts }), SETTLE_MS);
  }

  #suggest() {
    clearTimeout(this.#settling);
    const target = Number(chosen(this.root, "target"));
    if (this.desk && !this.desk.found.recorded) void this.twin.ask({ choice: this.desk.choice, what: "suggest", target });
  }

  /** @param {any} view */
  #told(view) {
    this.run = view;
    this.root.dataset.run = view.state;
    if (view.result) this.report = view.result;
    if (view.state === "done" && view.result?.suggested && this.desk) {
      this.desk.take(view.result.suggested.counts);
      this.#moved();
    }
    this.#answer();
  }

  /** Everything under the bars, from the latest report. */
  #answer() {
    const { run, report, parts } = this;
    const running = run && (run.state === "waiting" || run.state === "running");
    const said = report && !(running && !run.result) ? sentence(report) : "";
    parts.said.replaceChildren(...[
      said && h("p", { class: "lab-sentence" }, said),
      running && h("p", { class: "lab-running small" }, h("progress", { value: run.done, max: Math.max(run.total, run.done), "aria-label": t("lab.running") }), t("lab.running"),
        h("button", { type: "button", class: "btn", "data-action": "stop" }, t("lab.stop"))),
      run?.state === "failed" && h("p", { class: "notice notice-stop" }, icon("warn"), h("span", {}, run.trouble ? t("lab.impossible", { why: run.trouble }) : t("lab.trouble"))),
      report?.suggested && !running && h("p", { class: "small" }, t(report.suggested.holds ? "lab.suggested" : "lab.suggested_misses", { n: figure(report.suggested.paid_hours), target: figure(100 * report.suggested.target, 0) })),
    ].filter(Boolean));
    if (!report) return;
    parts.figures.replaceChildren(...figures(report));
    parts.tools.replaceChildren(...["save", "print", "csv", "ics"].map((action) => h("button", { type: "button", class: "btn", "data-action": action, "aria-disabled": String(Boolean(running)) }, t(`lab.${action}`))));
    for (const name of PICTURES) void this.pictures[name].show(report.charts?.[name]);
    if (!running) parts.tables.replaceChildren(
      h("details", { class: "panel" }, h("summary", {}, t("lab.shifts")), h("p", { class: "small quiet" }, t(report.suggested ? "lab.shifts_legal" : "lab.shifts_drawn")), shifts(report, (s) => this.names.services[s] ?? s, (p) => this.names.people[p] ?? p)),
      h("details", { class: "panel" }, h("summary", {}, t("lab.table")), table(report)));
  }

  /** The plans kept of this day, and their picture. */
  #kept() {
    const plans = this.desk ? this.plans.of(this.desk.choice) : [];
    const rows = plans.map((plan, n) => h("li", { "data-plan": plan.name }, h("strong", {}, plan.name), h("span", {}, t("lab.kept_words", { hours: figure(plan.paid_hours), share: figure(100 * plan.unanswered_share) })),
      h("button", { type: "button", class: "btn", "data-action": "load", "data-n": String(n), "aria-label": t("lab.load_name", { name: plan.name }) }, t("lab.load")),
      h("button", { type: "button", class: "btn btn-plain", "data-action": "forget", "data-n": String(n), "aria-label": t("lab.forget_name", { name: plan.name }) }, t("lab.forget"))));
    this.parts.kept.replaceChildren(...(rows.length ? [h("section", { class: "panel" }, h("h2", {}, t("lab.kept")), h("ul", { class: "kept" }, ...rows))] : []));
    if (plans.length < 2) return void this.pictures.cost.show(null);
    const points = plans.map(({ name, paid_hours, unanswered_share, ci95 }) => ({ name, paid_hours, unanswered_share, ci95 }));
    command(`${this.base}/lab/compare`, { points, language: language() }).then(({ spec }) => this.pictures.cost.show(spec), () => undefined);
  }

  #save() {
    const { desk, report } = this;
    if (!desk || !report) return;
    const { mean, ci95 } = report.after.unanswered_share;
    const name = t(report.suggested ? "lab.plan_suggested" : desk.changed ? "lab.plan_number" : "lab.plan_found", { n: this.plans.of(desk.choice).length + 1, target: figure(100 * (report.suggested?.target ?? 0), 0) });
    this.plans.add({ name, choice: desk.choice, counts: structuredClone(desk.counts), paid_hours: report.paid_hours.after, unanswered_share: mean ?? 0, ci95: ci95[0] === null ? [mean ?? 0, mean ?? 0] : ci95, difference: report.difference.unanswered });
    this.#kept();
  }

  /** @param {"csv"|"ics"} format */
  async #file(format) {
    if (!this.desk || !this.report) return;
    const shifts = this.report.shifts.map((/** @type {any} */ shift) => ({ ...shift, name: this.names.people[shift.name] ?? shift.name, skills: shift.skills.map((/** @type {string} */ s) => this.names.services[s] ?? s) }));
    try {
      const { blob, name } = await this.twin.file(this.desk.choice, format, shifts);
      const link = h("a", { href: URL.createObjectURL(blob), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(/** @type {HTMLAnchorElement} */ (link).href), 10_000);
    } catch (problem) {
      this.#trouble(problem);
    }
  }

  /** @param {Event} event */
  #change(event) {
    const field = /** @type {HTMLSelectElement} */ (event.target);
    if (field.dataset.field === "day") void this.#put(field.value);
    if (field.dataset.field === "kind" && this.desk) {
      this.desk.kind = field.value;
      this.#moved();
    }
  }

  /** @param {Event} event */
  #click(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.id === "sheet") return closeSheet();
    const button = /** @type {HTMLElement|null} */ (target.closest("[data-action]"));
    if (!button || button.ariaDisabled === "true") return;
    const { action = "", n = "0", language: spoken = "fr" } = button.dataset;
    if (action === "menu") fillSheet("menu", [h("h2", {}, t("lab.title")), h("a", { class: "btn btn-wide", href: deskPath("/manager") }, t("lab.back")), devicePart(languages())]);
    if (action === "close-sheet") closeSheet();
    if (action === "language") speak(spoken);
    if (action === "sign-out") void signOut().finally(() => this.#end());
    if (this.desk) this.#act(action, this.desk, this.plans.of(this.desk.choice)[Number(n)]);
  }

  /** @param {string} action @param {Desk} desk @param {import("./plans.js").Plan|undefined} plan */
  #act(action, desk, plan) {
    if (action === "suggest") this.#suggest();
    if (action === "stop") void this.twin.stop();
    if (action === "save") this.#save();
    if (action === "print") window.print();
    if (action === "csv" || action === "ics") void this.#file(action);
    if (action === "forget" && plan) {
      this.plans.forget(plan);
      this.#kept();
    }
    if (action === "one-more" || action === "one-less") desk.add(Number(chosen(this.root, "from")), Number(chosen(this.root, "until")), action === "one-more" ? 1 : -1, MOST);
    else if (action === "reset") desk.reset();
    else if (action === "load" && plan) desk.take(plan.counts);
    else return;
    this.#moved();
    this.#ask();
  }

  #end() {
    this.off.abort();
    clearTimeout(this.#settling);
    this.twin.run = null;
    closeSheet();
    this.#leave();
  }
}
