// Every store one runs, at a glance; a tap leads to its floor.
//
// Hooks for tests (stable): #app[data-screen="stores"]; a[data-store][data-phase][data-mood="bad|warn|good|off"]; data-action="menu|sign-out|language|close-sheet".

import { patch } from "../patch.js";
import { signOut } from "../session.js";
import { closeSheet, devicePart, fillSheet, languages, speak } from "../sheets.js";
import { get, h, icon, language, t } from "../shared.js";
import { span } from "../words.js";

const EVERY_MS = 5000;
const ALARMS = 3; // shown of one store; its floor has them all
const GLANCE = "/api/v1/glance";

/** What is known of every store. @returns {Promise<{at: string, role: string, home: string, stores: any[]}>} */
export const stores = async () => (await get(GLANCE)).body;

export class StoresScreen {
  /** @type {any} */ found = null;
  failed = false;
  /** @type {() => void} */ #leave = () => {};

  /** @param {HTMLElement} root @param {import("../session.js").Session} session */
  constructor(root, session) {
    this.root = root;
    this.session = session;
    this.signedOut = new Promise((leave) => (this.#leave = () => leave(undefined)));
    this.off = new AbortController();
    root.dataset.screen = "stores";
    for (const target of [root, document.querySelector("#sheet")]) target?.addEventListener("click", (event) => this.#click(event), { signal: this.off.signal });
    void this.#follow();
  }

  async #follow() {
    while (!this.off.signal.aborted) {
      try {
        this.found = await stores();
        this.failed = false;
      } catch (problem) {
        if ([401, 403].includes(/** @type {any} */ (problem).status)) return this.#end();
        this.failed = true;
      }
      this.#draw();
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  }

  /** @param {Event} event */
  #click(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const { action = "", language: chosen = "fr" } = /** @type {HTMLElement|null} */ (target.closest("[data-action]"))?.dataset ?? {};
    if (target.id === "sheet" || action === "close-sheet") closeSheet();
    if (action === "menu") fillSheet("menu", [h("h2", {}, this.session.name), devicePart(languages())]);
    if (action === "language") speak(chosen);
    if (action === "sign-out") void signOut().finally(() => this.#end());
  }

  #end() {
    this.off.abort();
    closeSheet();
    this.#leave();
  }

  #draw() {
    if (!this.found || this.off.signal.aborted) return;
    const { stores: all } = this.found;
    patch(this.root, [
      h("header", { class: "floor-top" }, icon("mark"), h("h1", {}, t("desk.stores")),
        h("span", { class: "push" }),
        h("button", { type: "button", class: "btn floor-menu", "data-action": "menu", "aria-haspopup": "dialog", "aria-label": t("staff.more") }, "⋯")),
      h("div", { class: "floor-notices", role: "status" }, this.failed && h("p", { class: "notice notice-warn" }, icon("offline"), h("span", {}, t("desk.stale")))),
      h("main", { class: "stores" }, ...regions(all).map(([region, own]) => h("section", { "data-key": region || "-" },
        all.length !== own.length && h("h2", { class: "label" }, region || t("desk.no_region")),
        h("ul", { class: "stores-list" }, ...own.map((/** @type {any} */ store) => h("li", { "data-key": store.store }, card(store))))))),
    ]);
  }
}

/** Stores by region, in the order the server gives. @param {any[]} all @returns {[string, any[]][]} */
function regions(all) {
  /** @type {Map<string, any[]>} */
  const found = new Map();
  for (const store of all) found.set(store.region, [...(found.get(store.region) ?? []), store]);
  return [...found];
}

/** What calls for somebody first. @param {any} store */
function mood(store) {
  if (store.phase !== "open") return "off";
  if (store.late > 0 || store.alarms.length > 0) return "bad";
  const { longest } = store;
  const close = longest?.promise_s && longest.waited_s > 0.8 * longest.promise_s;
  return store.idle > 0 || close ? "warn" : "good";
}

/** @param {any} store */
function card(store) {
  return h("a", { class: "store-card", href: `/manager?store=${store.store}`, "data-store": store.store, "data-phase": store.phase, "data-mood": mood(store) },
    h("span", { class: "store-head" }, h("b", {}, store.name), h("span", { class: "chip" }, t(`manager.phase_${store.phase}`))),
    h("span", { class: "store-figures" },
      figure(String(store.waiting), t("desk.waiting")),
      figure(store.longest ? span(store.longest.waited_s) : "–", store.longest?.promise_s ? t("desk.of_promise", { time: span(store.longest.promise_s) }) : t("desk.longest")),
      figure(`${store.serving}/${store.on_duty}`, t("desk.serving")),
      figure(store.unanswered_share === null ? "–" : percent(store.unanswered_share), t("desk.unanswered", { n: store.unanswered }))),
    ...flags(store));
}

/** @param {string} value @param {string} label */
const figure = (value, label) => h("span", { class: "store-figure" }, h("b", { class: "figures" }, value), h("span", { class: "small quiet" }, label));

/** @param {number} share */
const percent = (share) => new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: 1 }).format(share);

/** A time of the store's own day. @param {string} at @param {any} store */
const there = (at, store) => new Date(at).toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: store.zone });

/** What to look at, the next three alarms at most; that nobody is there to serve is said once. @param {any} store */
function flags(store) {
  const name = (/** @type {any} */ alarm) => store.labels[alarm.service]?.[language()] ?? store.labels[alarm.service]?.fr ?? alarm.service;
  const nobody = store.alarms.filter((/** @type {any} */ alarm) => alarm.nobody);
  const long = store.alarms.filter((/** @type {any} */ alarm) => !alarm.nobody);
  const more = long.length - ALARMS;
  return [
    store.late > 0 && h("span", { class: "store-flag", "data-flag": "late" }, icon("clock"), t("desk.late", { n: store.late })),
    nobody.length > 0 && h("span", { class: "store-flag", "data-flag": "nobody" }, icon("warn"), t("desk.nobody_for", { n: nobody.length, service: name(nobody[0]) })),
    ...long.slice(0, ALARMS).map((/** @type {any} */ alarm) => h("span", { class: "store-flag", "data-flag": "alarm" }, icon("warn"), t("desk.alarm", { service: name(alarm), time: there(alarm.crosses_at, store) }))),
    more > 0 && h("span", { class: "small quiet" }, t("desk.more_alarms", { n: more })),
    store.idle > 0 && h("span", { class: "store-flag", "data-flag": "idle" }, icon("people"), t("desk.idle", { n: store.idle })),
  ].filter(Boolean);
}
