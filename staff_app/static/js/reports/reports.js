// The manager's reports: sign in, choose a period, read it in words, figures and pictures.
//
// Hooks for tests (stable): #app[data-screen="signin|reports|refused"][data-from][data-to][data-state="loading|ready|failed"];
//   [data-figure="unanswered|within|promise|wait|came"]; [data-plot="hours|week|curve"]; tr[data-service]; data-action="period" + data-days, "sign-out", "print".

import { start as startClock } from "/static/web/js/clock.js";
import { apply as applyPrefs } from "/static/web/js/prefs.js";
import { until } from "../patience.js";
import { current, deskPath, hasDesk, runs } from "../session.js";
import { find, get, h, icon, language, load, loadIcons, redrawn, stand, t } from "../shared.js";
import { askToSignIn } from "../signin.js";
import { headline, summary } from "./figures.js";
import { curve, heat, hours } from "./plots.js";
import { contentUse, doorFile, doors, people, rating, services, within } from "./tables.js";

const DAY_MS = 86_400_000;
const PERIODS = [1, 7, 28, 91];
const FIRST = "2000-01-01"; // a year being typed is 0002 at first

class Reports {
  /** @type {any} */ found = null;
  /** @type {Map<string, string>} */ titles = new Map();

  /** @param {HTMLElement} root @param {import("../session.js").Session} session */
  constructor(root, session) {
    this.root = root;
    this.store = `/api/v1/stores/${session.store}`;
    this.base = `${this.store}/report`;
    this.query = "";
    this.file = runs(session) && doorFile(this.store, () => void this.#show(this.query));
    void this.#titles();
    root.dataset.screen = "reports";
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("change", (event) => this.#change(event));
    void this.#show("");
  }

  /** @param {string} query the period, as the address of the report takes it */
  async #show(query) {
    stand(this.root, "loading");
    if (!this.found) this.root.replaceChildren(h("main", { class: "loading" }, h("p", { class: "quiet" }, t("staff.loading"))));
    const asked = (this.query = query);
    const answer = await get(`${this.base}${query}`).catch((/** @type {Error} */ problem) => problem);
    if (asked !== this.query) return; // another period has been asked for since
    if (answer instanceof Error) this.problem = answer.message;
    else this.found = answer.body;
    stand(this.root, answer instanceof Error ? "failed" : "ready");
    redrawn(this.root, () => this.#draw());
  }

  /** What the pieces of content are called; an item that is no more keeps its id. */
  async #titles() {
    const found = await get(`${this.store}/content?language=${language()}`).catch(() => null);
    this.titles = new Map((found?.body.items ?? found?.body ?? []).map((/** @type {any} */ item) => [item.id, item.title]));
    if (this.found) redrawn(this.root, () => this.#draw());
  }

  /** @param {Event} event */
  #click(event) {
    const button = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-action]"));
    if (button?.dataset.action === "print") print();
    if (button?.dataset.action === "period") this.#period(Number(button.dataset.days));
  }

  /** @param {Event} event */
  #change(event) {
    const { name } = /** @type {HTMLInputElement} */ (event.target);
    if (name !== "from" && name !== "to") return;
    const fields = ["from", "to"].map((field) => /** @type {HTMLInputElement} */ (find(`input[name=${field}]`, this.root)));
    const [from, to] = fields.map((field) => field.value);
    if (from && to && fields.every((field) => field.validity.valid)) void this.#show(`?from=${from}&to=${to}`);
  }

  /** The last so many days. @param {number} days */
  #period(days) {
    const to = this.found?.now.days.at(-1) ?? new Date().toISOString().slice(0, 10);
    void this.#show(`?from=${new Date(Date.parse(to) - (days - 1) * DAY_MS).toISOString().slice(0, 10)}&to=${to}`);
  }

  #draw() {
    const { found } = this;
    const days = found?.now.days ?? [];
    Object.assign(this.root.dataset, { from: days[0] ?? "", to: days.at(-1) ?? "" });
    this.root.replaceChildren(this.#top(days), this.#notice(), ...(found ? [body(found, this.titles, this.file)] : []));
  }

  /** @param {string[]} days */
  #top(days) {
    const field = (/** @type {string} */ name, /** @type {string|undefined} */ value) =>
      h("label", { class: "field report-day" }, h("span", {}, t(`reports.${name}`)), h("input", { type: "date", name, value, min: FIRST }));
    return h("header", { class: "floor-top report-top" },
      h("a", { class: "btn btn-plain report-back", href: deskPath("/manager") }, t("reports.back")),
      h("h1", {}, t("reports.title"), this.found && h("span", { class: "quiet report-store" }, ` ${this.found.name}`),
        days.length > 0 && h("span", { class: "quiet report-store report-dates" }, [...new Set([days[0], days.at(-1) ?? ""])].map(longDay).join(" – "))),
      h("div", { class: "report-period" },
        ...PERIODS.map((count) => h("button", { type: "button", class: "btn", "data-action": "period", "data-days": count,
          "aria-pressed": String(days.length === count) }, t("reports.last_days", { n: count }))),
        field("from", days[0]), field("to", days.at(-1))),
      h("div", { class: "report-out" },
        h("a", { class: "btn", href: `${this.base}/visits.csv${this.query}`, download: "" }, "CSV"),
        h("a", { class: "btn", href: `${this.base}/visits.parquet${this.query}`, download: "" }, "Parquet"),
        h("button", { type: "button", class: "btn", "data-action": "print" }, t("reports.print"))));
  }

  #notice() {
    const failed = this.root.dataset.state === "failed";
    return h("div", { class: "floor-notices", role: "status" }, failed && h("p", { class: "notice notice-stop" }, icon("warn"), h("span", {}, this.problem)));
  }
}

/** @param {string} day */
const longDay = (day) => new Date(`${day}T12:00:00Z`).toLocaleDateString(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });

/** @param {any} found @param {Map<string, string>} titles @param {Node|false} file */
function body(found, titles, file) {
  const { now, before } = found;
  const panel = (/** @type {string} */ name, /** @type {any[]} */ ...children) =>
    h("section", { class: "panel", "data-panel": name, "aria-labelledby": `title-${name}` },
      h("div", { class: "panel-head" }, h("h2", { id: `title-${name}` }, t(`reports.${name}`))), ...children);
  return h("main", { class: "report-grid" },
    h("dl", { class: "figures-row" }, ...headline(now, before)),
    panel("in_words", ...summary(now, before)),
    panel("hours", hours(now.hours)),
    panel("curve", curve(now.waits), now.waits.joined > 0 && within(now.waits)),
    panel("week", heat(now.weekdays)),
    panel("services", services(found)),
    panel("content", ...contentUse(now.content, titles)),
    panel("rating", ...rating(now.rating)),
    panel("doors", ...doors(now.doors, file)),
    panel("people", ...people(found.people, now)));
}

/** A salesperson came to the manager's desk: where to go instead. @param {HTMLElement} root */
function refuse(root) {
  root.dataset.screen = "refused";
  root.replaceChildren(h("main", { class: "signin" }, h("h1", {}, t("reports.title")), h("p", {}, t("signin.not_manager")),
    h("a", { class: "btn btn-main btn-wide", href: "/staff" }, t("signin.to_staff"))));
}

async function main() {
  applyPrefs();
  const root = find("#app");
  await until(() => load(document.documentElement.lang, ["reports", "manager", "staff", "signin", "errors"]));
  await Promise.all([startClock(), loadIcons()]);
  root.dataset.screen = "signin";
  const session = (await until(current)) ?? (await askToSignIn(root));
  root.replaceChildren();
  if (hasDesk(session)) new Reports(root, session);
  else refuse(root);
}

void main();
