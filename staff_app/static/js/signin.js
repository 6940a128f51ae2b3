// Sign-in with one thumb: store (skipped when there is one), person, PIN on a keypad.

import { patch } from "./patch.js";
import { people, remembered, signIn, stores } from "./session.js";
import { find, h, icon, t } from "./shared.js";
import { span } from "./words.js";

const PIN_MIN = 4;
const PIN_MAX = 8;
const RETRY_MS = 3000;

/** @typedef {{id: string, name: string, role?: string}} Choice */

class SignIn {
  /** @type {"store"|"person"|"pin"} */ step = "store";
  /** @type {Choice[]} */ stores = [];
  /** @type {Choice[]} */ people = [];
  /** @type {Choice|null} */ store = null;
  /** @type {Choice|null} */ person = null;
  pin = "";
  busy = false;
  problem = "";

  /** @param {HTMLElement} root @param {string|null} notice @param {(session: import("./session.js").Session) => void} done */
  constructor(root, notice, done) {
    this.root = root;
    this.done = done;
    this.problem = notice ?? "";
    this.off = new AbortController();
    root.addEventListener("click", (event) => this.#click(event), { signal: this.off.signal });
    addEventListener("keydown", (event) => this.#key(event), { signal: this.off.signal });
    void this.#stores();
  }

  async #stores() {
    const found = stores();
    this.stores = found;
    const asked = new URLSearchParams(location.search).get("store") ?? remembered().store;
    const chosen = found.length === 1 ? found[0] : found.find((s) => s.id === asked);
    if (chosen) await this.#chooseStore(chosen);
    else this.#draw("store");
  }

  /** @param {Choice} store */
  async #chooseStore(store) {
    this.store = store;
    this.people = await this.#patiently(() => people(store.id));
    this.#draw("person");
  }

  /** A list from the server, asked for until it comes. @param {() => Promise<Choice[]>} ask @returns {Promise<Choice[]>} */
  async #patiently(ask) {
    for (;;) {
      try {
        return await ask();
      } catch (problem) {
        if (/** @type {any} */ (problem).code === "device_needed") { // names are for the store's own tablets; the company's account needs none
          if (find("#app").dataset.sso !== "true") location.assign("/setup");
          return [];
        }
        this.problem = t("signin.unreachable");
        this.#draw(this.step);
        await new Promise((later) => setTimeout(later, RETRY_MS));
        this.problem = "";
      }
    }
  }

  /** @param {Event} event */
  #click(event) {
    const button = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest("[data-action]"));
    const { action, id, digit } = button?.dataset ?? {};
    if (action === "choose-store") void this.#chooseStore(/** @type {Choice} */ (this.stores.find((s) => s.id === id)));
    if (action === "choose-person") this.#choosePerson(/** @type {Choice} */ (this.people.find((p) => p.id === id)));
    if (action === "digit") this.#digit(digit ?? "");
    if (action === "erase") this.#erase();
    if (action === "enter") void this.#enter();
    if (action === "back") this.#draw(this.step === "pin" ? "person" : "store");
  }

  /** The keypad of a keyboard works too. @param {KeyboardEvent} event */
  #key(event) {
    if (this.step !== "pin" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) this.#digit(event.key);
    else if (event.key === "Backspace") this.#erase();
    else if (event.key === "Enter" && !(/** @type {Element} */ (event.target).closest("button"))) void this.#enter();
  }

  /** @param {Choice} person */
  #choosePerson(person) {
    this.person = person;
    this.pin = "";
    this.problem = "";
    this.#draw("pin");
  }

  /** @param {string} digit */
  #digit(digit) {
    if (this.busy || this.pin.length >= PIN_MAX) return;
    this.pin += digit;
    this.problem = "";
    this.#draw("pin");
  }

  #erase() {
    this.pin = this.pin.slice(0, -1);
    this.#draw("pin");
  }

  async #enter() {
    if (this.busy || this.pin.length < PIN_MIN || !this.store || !this.person) return;
    this.busy = true;
    this.#draw("pin");
    try {
      const session = await signIn(this.store.id, this.person.id, this.pin);
      this.off.abort();
      this.done(session);
    } catch (problem) {
      if (/** @type {any} */ (problem).code === "device_needed") return location.assign("/setup");
      this.busy = false;
      this.pin = "";
      this.problem = words(/** @type {any} */ (problem));
      this.#draw("pin");
    }
  }

  /** @param {"store"|"person"|"pin"} step */
  #draw(step) {
    const moved = step !== this.step || !this.root.firstChild;
    this.step = step;
    patch(this.root, [h("main", { class: "signin", "data-step": step }, icon("brand"), ...SCREENS[step](this),
      this.problem && h("p", { class: "notice notice-stop", role: "alert", "data-state": "problem" }, icon("warn"), h("span", {}, this.problem)))]);
    if (moved) find("h1", this.root).focus();
  }
}

/** @param {{status?: number, retry_after_s?: number}} problem */
function words(problem) {
  if (problem.status === 429) return t("signin.too_many", { time: span(problem.retry_after_s ?? 60) });
  return t(problem.status ? "signin.wrong" : "signin.unreachable");
}

/** @type {Record<"store"|"person"|"pin", (at: SignIn) => (Node|false)[]>} */
const SCREENS = {
  store: (at) => [title(t("signin.store")), at.stores.length > 0 ? list(at.stores, "choose-store", at.store?.id ?? null) : h("p", { class: "quiet" }, t("signin.no_stores"))],
  person: (at) => [title(t("signin.person")), at.store !== null && h("p", { class: "quiet" }, at.store.name),
    at.people.length > 0 ? list(at.people, "choose-person", remembered().person) : h("p", { class: "quiet" }, t("signin.no_people")),
    at.store !== null && find("#app").dataset.sso === "true" && h("a", { class: "btn btn-wide", href: `/sso/${at.store.id}` }, t("signin.sso")),
    at.stores.length > 1 && back()],
  pin: (at) => [title(t("signin.pin", { name: at.person?.name ?? "" })), dots(at.pin), keypad(at), back()],
};

/** @param {string} text */
const title = (text) => h("h1", { tabindex: "-1" }, text);

const back = () => h("button", { type: "button", class: "btn btn-plain", "data-action": "back" }, icon("back"), t("signin.back"));

/** @param {Choice[]} choices @param {string} action @param {string|null} last chosen last time: first in reach, marked */
const list = (choices, action, last) =>
  h("ul", { class: `signin-list ${choices.length > 6 ? "signin-many" : ""}` }, ...choices.map((c) => h("li", { "data-key": c.id },
    h("button", { type: "button", class: "btn btn-wide choice", "data-action": action, "data-id": c.id, "data-last": String(c.id === last) },
      h("span", { class: "initial", "aria-hidden": "true" }, c.name.slice(0, 1)), h("span", { class: "signin-name" }, c.name,
        c.role === "manager" && h("span", { class: "tiny quiet" }, t("signin.role_manager")))))));

/** @param {string} pin */
const dots = (pin) =>
  h("p", { class: "pin-dots" }, h("span", { class: "unseen", role: "status" }, t("signin.pin_entered", { n: pin.length })),
    ...Array.from({ length: Math.max(PIN_MIN, pin.length) }, (_, i) => h("i", { "aria-hidden": "true", "data-on": String(i < pin.length) })));

/** @param {SignIn} at */
const keypad = (at) =>
  h("div", { class: "keypad", role: "group", "aria-label": t("signin.pin_label") },
    ..."123456789".split("").map(key),
    h("button", { type: "button", class: "btn erase", "data-action": "erase" }, t("signin.erase")),
    key("0"),
    h("button", { type: "button", class: "btn btn-main", "data-action": "enter", "aria-label": t("signin.enter"), "aria-busy": String(at.busy),
      "aria-disabled": String(at.pin.length < PIN_MIN) }, icon("check")));

/** @param {string} digit */
const key = (digit) => h("button", { type: "button", class: "btn figures", "data-action": "digit", "data-digit": digit }, digit);

/** Show the sign-in screen and resolve with the new session. @param {HTMLElement} root @param {string|null} [notice] @returns {Promise<import("./session.js").Session>} */
export const askToSignIn = (root, notice = null) => new Promise((done) => void new SignIn(root, notice, done));
