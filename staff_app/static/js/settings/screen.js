// The settings page: its parts, the bar that saves, and what every button of a part does.

import { call } from "/static/web/js/access/call.js";
import { command } from "/static/web/js/api.js";
import { find, get, h, icon, now, redrawn, stand } from "../shared.js";
import { deskPath, runs, signOut } from "../session.js";
import { Draft, identifier } from "./draft.js";
import { button, toLookAt, w } from "./fields.js";
import { fault, nameOf } from "./faults.js";
import { steps } from "./first.js";
import { history } from "./history.js";
import { hours, people, ranking, services } from "./lists.js";
import { alarms, appointments, compensation, content, data, look, store, texts, times } from "./parts.js";
import { Trial } from "./trial.js";
import { earlyShown } from "./trial_early.js";
import { orderShown } from "./trial_order.js";

/** @typedef {(screen: SettingsScreen) => any[]} Part */
/** @type {Record<string, Part>} */
const PARTS = {
  start: steps, services, people, hours, ranking: (screen) => [...ranking(screen), ...screen.tried("order")], times: (screen) => [...times(screen), ...screen.tried("early")], store, texts, look, content, appointments, alarms, compensation, data, history,
};

const LOOK_MS = 4000; // how soon the list of steps sees a kiosk that was let in, or the first ticket
const LOOPBACK = /\/\/(127\.|localhost|\[::1\])/; // an address that other devices cannot open

export class SettingsScreen {
  /** @type {(asked: boolean) => void} */ #leave = () => {};
  /** @type {Map<string, boolean>} */ accounts = new Map();
  /** @type {any[]} */ versions = [];
  /** @type {any[]} */ devices = [];
  /** The stores one runs, this one among them. @type {{store: string, name: string}[]} */ reached = [];
  joined = 0;
  /** What is shown of the codes made here, by profile. @type {Map<string, Node[]>} */ codes = new Map();
  #saving = false;
  #counted = "";

  /** @param {HTMLElement} root @param {import("../session.js").Session} session */
  constructor(root, session) {
    this.root = root;
    this.store = session.store;
    this.base = `/api/v1/stores/${session.store}/manager`;
    this.may = runs(session);
    this.parts = Object.keys(PARTS).filter((part) => this.may || part !== "start"); // who only looks opens no store
    this.signedOut = new Promise((leave) => (this.#leave = leave));
    this.sso = root.dataset.sso === "true";
    this.trials = { order: new Trial(this, "order", orderShown), early: new Trial(this, "early", earlyShown) };
    this.redraw = this.redraw.bind(this);
    root.dataset.screen = "settings";
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("keydown", (event) => this.#key(event));
    const look = setInterval(() => void this.#look(), LOOK_MS);
    void this.signedOut.then(() => clearInterval(look));
    addEventListener("hashchange", () => ((this.said = ""), this.redraw()));
    addEventListener("beforeunload", (event) => this.draft?.dirty && event.preventDefault());
    void this.load();
  }

  async load() {
    stand(this.root, "loading");
    try {
      const [counted, found, versions, kiosk, glance] = await Promise.all([this.#count(), ...[`${this.base}/settings`, `${this.base}/settings/history`,
        `/api/v1/stores/${this.store}`, "/api/v1/glance"].map((path) => get(path))]);
      this.#counted = counted;
      this.#take(found.body);
      this.versions = versions.body;
      this.reached = glance.body.stores;
      this.open = kiosk.body.phase === "open" && Date.parse(kiosk.body.opens_at) <= now() * 1000 && now() * 1000 < Date.parse(kiosk.body.closes_at);
      stand(this.root, "ready");
      this.redraw();
    } catch (problem) {
      stand(this.root, "failed");
      this.root.replaceChildren(h("main", { class: "page stack" }, h("h1", {}, w("title")), h("p", { class: "notice notice-stop", role: "alert" }, /** @type {Error} */ (problem).message),
        button("again", w("again"), { class: "btn btn-main" })));
    }
  }

  /** Who has a PIN, which devices are let in, how many tickets were taken: what changes without this page. @returns {Promise<string>} all of it, to compare */
  async #count() {
    if (!this.may) return "";
    const [access, floor] = await Promise.all([get(`${this.base}/access`), get(`/api/v1/stores/${this.store}/views/floor`)]);
    this.accounts = new Map(access.body.people.map((/** @type {any} */ p) => [p.id, p.has_pin]));
    this.devices = access.body.devices.filter((/** @type {any} */ d) => !d.revoked_at);
    this.joined = floor.body.accounts.joined;
    return JSON.stringify([...this.accounts, this.devices.map((d) => d.profile), this.joined > 0]);
  }

  /** The steps tick themselves off while somebody looks at them; a code that a device has typed is of no more use. */
  async #look() {
    if (this.part !== "start" || document.hidden || this.root.dataset.state !== "ready") return;
    const had = this.devices.map((d) => d.id);
    const now = await this.#count().catch(() => this.#counted);
    if (now === this.#counted || this.part !== "start") return;
    this.#counted = now;
    for (const { id, profile } of this.devices) if (!had.includes(id)) this.codes.delete(profile);
    this.redraw();
  }

  /** @param {any} found */
  #take(found) {
    Object.assign(this, { version: found.version, usual: found.usual, measured: found.measured, classNames: found.class_names });
    this.draft = new Draft(found.settings, () => this.#bar());
    this.root.dataset.version = found.version;
  }

  get part() {
    const part = location.hash.slice(1);
    return this.parts.includes(part) ? part : this.parts[0];
  }

  /** @param {unknown} [problem] a sentence to show */
  redraw(problem) {
    if (!this.draft) return;
    const part = this.part;
    const open = [...this.root.querySelectorAll("details[open]")].map((d) => /** @type {HTMLElement} */ (d).dataset.service ?? /** @type {HTMLElement} */ (d).dataset.person);
    const typed = new Map([.../** @type {NodeListOf<HTMLInputElement>} */ (this.root.querySelectorAll("[data-pin]"))].map((input) => [input.id, input.value]));
    const shown = /** @type {HTMLElement} */ (h("section", { class: "set-part", "data-part": part, "aria-labelledby": "part-title" },
      h("h2", { id: "part-title", tabindex: "-1" }, w(`part_${part}`)), !this.may && h("p", { class: "notice" }, w("only_looks")), h(this.may ? "form" : "div", { class: "set-form", id: "set-form" }, ...PARTS[part](/** @type {any} */ (this)))));
    if (!this.may) toLookAt(shown);
    for (const d of shown.querySelectorAll("details")) if (open.includes(d.dataset.service ?? d.dataset.person)) d.open = true;
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (shown.querySelectorAll("[data-pin]"))) input.value = typed.get(input.id) ?? "";
    shown.querySelector("form")?.addEventListener("submit", (event) => (event.preventDefault(), void this.save()));
    const turned = this.root.querySelector("[data-part]")?.getAttribute("data-part") !== part;
    redrawn(this.root, () => this.root.replaceChildren(this.#top(), h("main", { class: "set-body" }, this.#nav(part), shown), h("div", { class: "set-bar", role: "status" })), "#part-title");
    this.#bar(typeof problem === "string" ? problem : "");
    find(".set-nav [aria-current]", this.root).scrollIntoView({ block: "nearest", inline: "center" });
    if (turned && location.hash) (scrollTo(0, 0), find("#part-title", this.root).focus({ preventScroll: true }));
  }

  /** What the twin says of the settings on this page, for who may ask it. @param {"order"|"early"} what */
  tried(what) {
    return this.may ? this.trials[what].draw() : [];
  }

  #top() {
    return h("header", { class: "floor-top report-top" }, h("a", { class: "btn btn-plain report-back", href: deskPath("/manager") }, w("back")),
      h("h1", {}, w("title"), h("span", { class: "quiet report-store" }, ` ${this.draft?.before.name ?? ""}`)));
  }

  /** @param {string} part */
  #nav(part) {
    return h("nav", { class: "set-nav", "aria-label": w("parts") }, ...this.parts.map((name) =>
      h("a", { href: `#${name}`, "aria-current": name === part ? "page" : null }, w(`part_${name}`))),
      this.may && h("a", { href: deskPath("/manager/access") }, w("part_devices"), " ", h("span", { "aria-hidden": "true" }, "↗")));
  }

  /** The bar at the foot: what is not saved yet, and what was wrong with it. @param {string} [problem] */
  #bar(problem = "") {
    const bar = this.root.querySelector(".set-bar");
    if (!bar || !this.draft) return;
    const { dirty } = this.draft;
    this.root.dataset.dirty = String(dirty);
    if (!dirty && !problem) return bar.replaceChildren(this.said ? h("p", { id: "done", class: "set-said" }, icon("check"), " ", this.said) : "");
    this.said = "";
    bar.replaceChildren(h("p", problem ? { id: "problem", class: "notice notice-stop" } : {}, problem || w("unsaved")),
      h("div", { class: "set-bar-keys" }, button("revert", w("revert")), h("button", { type: "submit", form: "set-form", class: "btn btn-main", "data-action": "save" }, w("save"))));
  }

  /** Send everything; what is wrong is said by the browser, or by the server with the field's name. */
  async save() {
    const form = /** @type {HTMLFormElement} */ (find("#set-form", this.root));
    for (const bad of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll(":invalid"))) {
      const hidden = bad.closest("details:not([open])");
      if (hidden) /** @type {HTMLDetailsElement} */ (hidden).open = true;
    }
    if (!form.reportValidity() || !this.draft?.dirty || this.#saving) return;
    if (this.draft.name()) this.redraw();
    this.#saving = true;
    find("[data-action=save]", this.root).ariaBusy = "true";
    try {
      const found = await command(`${this.base}/settings`, { after: this.version, settings: this.draft.now });
      this.said = w("saved");
      this.#take(found);
      await this.load();
    } catch (problem) {
      const { code, message, facts } = /** @type {import("/static/web/js/api.js").Problem} */ (problem);
      this.#bar(code === "bad_field" ? fault(facts, this.root) : code === "bad_plan" ? w("bad_plan", { why: facts.in_use ? nameOf(this.draft.before, facts.in_use) : facts.why }) : message);
    } finally {
      this.#saving = false;
    }
  }

  /** @param {Event} event */
  #click(event) {
    const key = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-action]"));
    const act = key && this.#acts()[key.dataset.action ?? ""];
    if (key && act) void act(key);
  }

  /** Return in the field of a PIN is its button. @param {KeyboardEvent} event */
  #key(event) {
    const { pin } = /** @type {HTMLElement} */ (event.target).dataset;
    if (event.key === "Enter" && pin) (event.preventDefault(), void this.#pin(pin));
  }

  /** @returns {Record<string, (key: HTMLElement) => unknown>} */
  #acts() {
    const draft = /** @type {Draft} */ (this.draft);
    const read = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (find(`#${id}`, this.root)).value.trim();
    const drop = (/** @type {string} */ part) => (/** @type {HTMLElement} */ key) => (draft.set([part, key.dataset.id ?? ""], undefined), this.redraw());
    return {
      revert: () => (draft.revert(), this.redraw()),
      again: () => this.load(),
      "add-service": () => this.#add("services", w("new_service"), () => ({ labels: { [draft.now.languages[0]]: w("new_service") }, letter: letter(draft.now.services), icon: "", rank: 1,
        head_start_s: 0, typical_s: 600, doubt_after_s: 3600, walking_s: 0, learn: true, alarm_s: 600 })),
      "remove-service": (key) => this.#dropService(key.dataset.id ?? ""),
      "add-person": () => this.#add("salespeople", w("new_person"), () => ({ name: "", skills: Object.keys(draft.now.services), desk: "", shifts: [], role: "salesperson", stores: [], sso: null })),
      "remove-person": drop("salespeople"),
      "add-shift": ({ dataset: { id = "" } }) => (draft.set(["salespeople", id, "shifts"], [...draft.now.salespeople[id].shifts, ["10:00", "18:00"]]), this.redraw()),
      "remove-shift": ({ dataset: { id = "", place } }) => (draft.set(["salespeople", id, "shifts", Number(place)], undefined), this.redraw()),
      "set-pin": (key) => this.#pin(key.dataset.id ?? ""),
      "add-day": (key) => this.#day(read("new-day"), key.dataset.closed === "true"),
      "remove-day": (key) => this.#dropDay(key.dataset.id ?? ""),
      "same-hours": ({ dataset: { day = "" } }) => (Object.keys(draft.now.hours).forEach((one) => draft.set(["hours", one], [...draft.now.hours[day]])), this.redraw()),
      "add-class": () => read("new-class") && this.#addClass(read("new-class")),
      "remove-class": (key) => (draft.set(["class_labels", key.dataset.id ?? ""], undefined), drop("classes")(key)),
      "add-feed": () => (draft.set(["feeds"], [...(draft.now.feeds ?? []), { url: "", language: draft.now.languages[0], service: null, items_max: 4 }]), this.redraw()),
      "remove-feed": (key) => (draft.set(["feeds", Number(key.dataset.place)], undefined), this.redraw()),
      "drop-logo": () => (draft.set(["look", "logo"], ""), this.redraw()),
      code: (key) => this.#code(key),
      trial: (key) => this.trials[/** @type {"order"|"early"} */ (key.dataset.what)].run(),
      "sign-out": () => signOut().finally(() => this.#leave(true)),
    };
  }

  /** Something new in a list, under an id made of its name when it is saved first. @param {"services"|"salespeople"} list @param {string} name @param {() => any} make */
  #add(list, name, make) {
    const draft = /** @type {Draft} */ (this.draft);
    const id = identifier(`${name} ${Object.keys(draft.now[list]).length + 1}`, draft.now[list], list === "services" ? "service" : "person");
    draft.set([list, id], make());
    this.redraw();
    const item = [...this.root.querySelectorAll("details")].at(-1);
    if (item) item.open = true;
    item?.querySelector("input")?.focus();
    item?.querySelector("input")?.select(); // what is typed replaces the name it had for want of one
  }

  /** A class of shoppers: an id for the records, and the name as people will read it. @param {string} name */
  #addClass(name) {
    const draft = /** @type {Draft} */ (this.draft);
    const id = identifier(name, draft.now.classes, "class");
    draft.set(["classes", id], 300);
    draft.set(["class_labels", id], { [draft.now.languages[0]]: name });
    this.redraw();
  }

  /** A service goes, and with it the skill of everybody who had it. @param {string} id */
  #dropService(id) {
    const draft = /** @type {Draft} */ (this.draft);
    for (const [person, { skills }] of Object.entries(draft.now.salespeople)) draft.set(["salespeople", person, "skills"], skills.filter((/** @type {string} */ s) => s !== id));
    for (const feed of draft.now.feeds ?? []) if (feed.service === id) feed.service = null;
    draft.set(["services", id], undefined);
    this.redraw();
  }

  /** @param {string} day @param {boolean} closed */
  #day(day, closed) {
    if (!day) return find("#new-day", this.root).focus();
    this.#dropDay(day);
    const draft = /** @type {Draft} */ (this.draft);
    if (closed) draft.set(["closed_on"], [...draft.now.closed_on, day].sort());
    else draft.set(["special", day], ["10:00", "19:30"]);
    return this.redraw();
  }

  /** @param {string} day */
  #dropDay(day) {
    const draft = /** @type {Draft} */ (this.draft);
    draft.set(["closed_on"], draft.now.closed_on.filter((/** @type {string} */ d) => d !== day));
    draft.set(["special", day], undefined);
    this.redraw();
  }

  /** @param {string} id */
  async #pin(id) {
    const input = /** @type {HTMLInputElement} */ (find(`#pin-${id}`, this.root));
    if (!input.value || !input.reportValidity()) return input.focus();
    try {
      await call("POST", `${this.base}/pins`, { salesperson: id, pin: input.value });
      this.accounts.set(id, true);
      input.value = "";
      this.said = w("pin_set");
      this.redraw();
    } catch (problem) {
      this.#bar(/** @type {Error} */ (problem).message);
    }
  }

  /** A code for a device, right where it is needed. @param {HTMLElement} key */
  async #code(key) {
    const profile = key.dataset.profile ?? "kiosk";
    const made = await call("POST", `${this.base}/codes`, { profile, name: w(`device_${profile}`) }).catch((problem) => problem);
    const place = find(`[data-made=${profile}]`, this.root);
    const shown = made.code ? [h("span", {}, w("code_is", { url: made.url }), " "), h("b", { class: "figures set-code", "data-code": made.code }, made.code),
      LOOPBACK.test(made.url) && h("p", { class: "small notice notice-warn" }, w("code_here"))].filter((node) => node instanceof Node) : [];
    this.codes.set(profile, shown);
    place.replaceChildren(...(made.code ? shown : [made.message]));
    return undefined;
  }
}

/** The first letter no service has. @param {Record<string, {letter: string}>} services */
function letter(services) {
  const used = new Set(Object.values(services).map((service) => service.letter));
  return [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((l) => !used.has(l)) ?? "A";
}
