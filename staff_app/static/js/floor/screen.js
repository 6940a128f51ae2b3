// The floor's one screen: keeps the view, what it has seen over time and the day's taps together, and draws.

import { openView } from "/static/web/js/socket.js";
import { patch } from "../patch.js";
import { canTell, tellMe } from "../pocket.js";
import { deskPath, runs, signOut } from "../session.js";
import { watchAlerts } from "../alerts.js";
import { closeSheet, devicePart, fillSheet, languages, speak } from "../sheets.js";
import { get, h, has, icon, now, t } from "../shared.js";
import { Taps } from "../taps.js";
import { liveMark, offlineStrip } from "../top.js";
import { hour, useZone } from "../words.js";
import { accounting } from "./accounting.js";
import { alarmLines, nextHour, watchAhead } from "./ahead.js";
import { flag, headline } from "./headline.js";
import { History } from "./history.js";
import { Kept, kept } from "./kept.js";
import { lanes } from "./lanes.js";
import { people } from "./people.js";
import { tickets } from "./tickets.js";

const TICK_MS = 1000;
/** What can be done to the day in each of its phases. @type {Record<string, string[]>} */
const DAY_VERBS = { new: ["open"], open: ["close", "end"], closed: ["end"], ended: [] };
const LOOKS = { open: "chip-go", new: "", closed: "chip-warn", ended: "" };

export class FloorScreen {
  /** @type {any} */ view = null;
  /** @type {import("./ahead.js").Ahead|null} */ ahead = null;
  name = "";
  problem = "";
  /** @type {() => void} */ #leave = () => {};

  /** @param {HTMLElement} root @param {import("../session.js").Session} session */
  constructor(root, session) {
    this.root = root;
    this.session = session;
    this.base = `/api/v1/stores/${session.store}`;
    this.signedOut = new Promise((leave) => (this.#leave = () => leave(undefined)));
    this.off = new AbortController();
    this.history = new History(`avous.told.${session.store}`);
    this.kept = new Kept(this.base, () => this.draw());
    this.taps = new Taps({ key: `avous.day.${session.store}`, changed: () => this.draw(), answered: (_tap, answer) => this.#answered(answer) });
    this.live = openView({
      path: "/ws/staff", hello: () => ({ store: session.store, screen: "floor" }), poll: `${this.base}/views/floor`,
      onView: (view) => this.#take(view), onStatus: (status) => this.#status(status),
    });
    for (const target of [root, document.querySelector("#sheet")]) target?.addEventListener("click", (event) => this.#click(event), { signal: this.off.signal });
    this.ticking = setInterval(() => this.draw(), TICK_MS);
    if (!session.home && session.role !== "read_only") watchAlerts(this.base, this.off.signal); // those of one's own floor
    void watchAhead(this.base, this.off.signal, (ahead) => ((this.ahead = ahead), this.draw()));
    root.dataset.screen = "floor";
    void get(this.base).then(({ body }) => (useZone(body.zone), (this.name = body.name), this.draw()), () => undefined);
  }

  /** @param {any} view */
  #take(view) {
    this.view = view;
    this.history.take(view, now());
    this.taps.saw(view.seq);
    this.draw();
  }

  /** @param {import("/static/web/js/socket.js").Status} status */
  #status(status) {
    if (status.state === "gone") this.#end();
    else if (status.state === "live" || status.state === "polling") this.taps.nudge();
    this.draw();
  }

  /** @param {import("../taps.js").Answer} answer */
  #answered(answer) {
    if (answer.status === 401) return this.#end();
    const key = `errors.${answer.body.code}`;
    this.problem = answer.status < 400 ? "" : has(key) ? t(key, answer.body.facts) : t("staff.refused_other", { code: answer.body.code });
    this.draw();
  }

  /** @param {Event} event */
  #click(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.id === "sheet") return closeSheet();
    const button = /** @type {HTMLElement|null} */ (target.closest("[data-action]"));
    if (!button || button.ariaBusy === "true") return;
    const { action = "", verb = "", language = "fr" } = button.dataset;
    if (action === "menu") fillSheet("menu", this.#menu());
    if (action === "open" || action === "confirm") this.#send(verb || action);
    if (action === "close" || action === "end") fillSheet(action, this.#confirm(action));
    if (action === "close-sheet") closeSheet();
    if (action === "pocket") void this.#pocket();
    if (action === "language") speak(language);
    if (action === "sign-out") void signOut().finally(() => this.#end());
  }

  /** @param {string} verb */
  #send(verb) {
    closeSheet();
    this.problem = "";
    this.taps.add(verb, `${this.base}/manager/${verb}`, {});
  }

  #menu() {
    const verbs = runs(this.session) ? DAY_VERBS[this.view.phase] ?? [] : [];
    const link = (/** @type {string} */ path, /** @type {string} */ word) => h("a", { class: "btn btn-wide", href: deskPath(path) }, t(word));
    return [
      h("h2", {}, this.name || this.view.store),
      verbs.length > 0 && h("div", { class: "choices" }, ...verbs.map((verb) => this.#dayButton(verb))),
      this.session.home !== undefined && h("a", { class: "btn btn-wide", href: "/manager" }, t("manager.stores")),
      link("/manager/reports", "manager.reports"), link("/manager/lab", "manager.lab"), link("/manager/appointments", "manager.appointments"),
      link("/manager/links", "manager.links"),
      runs(this.session) && link("/manager/access", "manager.access"), link("/manager/settings", "manager.settings"),
      h("a", { class: "btn btn-wide", href: "/staff" }, t("signin.to_staff")),
      (this.session.home ?? this.session.store) === this.session.store && canTell() && h("button", { type: "button", class: "btn btn-wide", "data-action": "pocket" }, icon("bell"), t("desk.alarms_here")),
      devicePart(languages()),
    ];
  }

  /** Alarms on this device while its screen is dark. */
  async #pocket() {
    closeSheet();
    const told = await tellMe(this.base).catch(() => false);
    this.problem = told ? "" : t("desk.alarms_not");
    this.draw();
  }

  /** @param {string} verb */
  #dayButton(verb) {
    return h("button", { type: "button", class: `btn choice ${verb === "end" ? "btn-stop" : ""}`, "data-action": verb,
      "aria-busy": String(this.taps.pending.some((tap) => tap.verb === verb)) }, t(`manager.${verb}_day`));
  }

  /** Closing and ending ask once, and say what they do to whom. @param {string} verb */
  #confirm(verb) {
    return [
      h("h2", {}, t(`manager.${verb}_title`)), h("p", {}, t(`manager.${verb}_text`, { n: this.view.accounts.open })),
      h("button", { type: "button", class: `btn btn-wide ${verb === "end" ? "btn-stop" : "btn-main"}`, "data-action": "confirm", "data-verb": verb }, t(`manager.${verb}_day`)),
    ];
  }

  #end() {
    this.off.abort();
    this.live.close();
    clearInterval(this.ticking);
    this.kept.stop();
    closeSheet();
    this.view = null;
    this.#leave();
  }

  /** Everything on the page, from what is known now. */
  draw() {
    const { view } = this;
    if (!view) return;
    const at = now();
    const { state, updatedAt } = this.live.status;
    const situation = { connection: state, age: (Date.now() - (updatedAt ?? Date.now())) / 1000, pending: this.taps.pending, notice: null };
    Object.assign(this.root.dataset, { phase: view.phase, seq: String(view.seq) });
    patch(this.root, [
      this.#top(view, at, situation),
      h("div", { class: "floor-notices", role: "status" }, offlineStrip(situation),
        this.problem && h("p", { class: "notice notice-stop" }, icon("warn"), h("span", {}, this.problem)), ...alarmLines(this.ahead, view, at), flag(view, at)),
      view.phase === "new" && runs(this.session) && opening(),
      h("main", { class: "floor-grid" },
        h("dl", { class: "figures-row" }, ...headline(view, at), kept(view, this.kept.figures)),
        h("section", { class: "panel area-lanes" }, ...lanes(view, at, this.history), ...nextHour(this.ahead, view)),
        h("div", { class: "side" },
          h("section", { class: "panel area-people" }, ...people(view, at)),
          h("section", { class: "panel area-accounts" }, ...accounting(view))),
        h("section", { class: "panel area-tickets" }, ...tickets(view, at))),
    ]);
  }

  /** @param {any} view @param {number} at @param {import("../top.js").Situation} situation */
  #top(view, at, situation) {
    return h("header", { class: "floor-top" }, icon("mark"),
      h("h1", {}, this.name || view.store),
      h("span", { class: `chip ${LOOKS[/** @type {"open"} */ (view.phase)] ?? ""}`, "data-phase": view.phase }, t(`manager.phase_${view.phase}`)),
      view.phase === "open" && h("span", { class: "small quiet floor-closes" }, t("manager.closes_at", { time: hour(view.closes_at) })),
      h("span", { class: "floor-clock figures push" }, hour(at)), liveMark(situation),
      h("button", { type: "button", class: "btn floor-menu", "data-action": "menu", "aria-haspopup": "dialog", "aria-label": t("staff.more") }, "⋯"));
  }
}

/** Before the day is opened there is one thing to do. */
const opening = () =>
  h("div", { class: "panel opening" }, h("p", {}, t("staff.store_new")),
    h("button", { type: "button", class: "btn btn-main btn-big", "data-action": "open" }, t("manager.open_day")));
