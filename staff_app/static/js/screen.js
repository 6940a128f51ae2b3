// The salesperson's screen: keeps the view, the taps and the choices of this device together, draws, and
// turns every click into a command or a choice.

import { openView } from "/static/web/js/socket.js";
import { alertsPlace, watchAlerts } from "./alerts.js";
import { openAppointments } from "./appointments.js";
import { hand, noted } from "./hand.js";
import { crew, line } from "./line.js";
import { openMine } from "./mine.js";
import { patch } from "./patch.js";
import { tellMe } from "./pocket.js";
import { signOut } from "./session.js";
import { closeSheet, languages, openSheet, openSteps, speak } from "./sheets.js";
import { find, get, h, has, language, now, t } from "./shared.js";
import { buzz, ring, setSound, soundOn, unlock } from "./sound.js";
import { Taps } from "./taps.js";
import { liveMark, strips, thumbBar, topBar } from "./top.js";
import { serviceName, useZone } from "./words.js";

const NOTICE_MS = 7000;
const TAB_MS = 1000;
/** Taps that go straight to the server under their own name. */
const DIRECT = new Set(["on", "next", "accept", "start", "recall", "finish", "still", "hand-back", "no-show", "resume", "off", "undo", "claim"]);
/** Taps about no ticket in particular, also with one in hand. */
const ANY = new Set(["on", "next", "resume", "off", "undo"]);
/** Taps that open a choice first, and what each choice sends. */
/** What is told to colleagues, and how it is said that it was. @type {Record<string, string>} */
const ASIDE = { note: "staff.note_kept", help: "staff.help_called" };
const SHEETS = new Set(["decline", "transfer", "finish-then", "void", "more", "menu", "pause", "note", "help"]);
/** @type {Record<string, {verb: string, body: (data: DOMStringMap) => Record<string, unknown>}>} */
const CHOICES = {
  "decline-as": { verb: "decline", body: ({ ticket, reason }) => ({ ticket, reason }) },
  "void-as": { verb: "void", body: ({ ticket, reason }) => ({ ticket, reason }) },
  "transfer-to": { verb: "transfer", body: ({ ticket, service, to }) => ({ ticket, ...(service && { service }), ...(to && { to }) }) },
  "finish-as": { verb: "finish", body: ({ ticket, steps }) => ({ ticket, steps: steps ? steps.split(" ") : [] }) },
  "pause-for": { verb: "pause", body: ({ minutes }) => ({ reason: "break", ...(minutes && { minutes: Number(minutes) }) }) },
};

export class StaffScreen {
  /** @type {any} */ view = null;
  /** @type {import("./line.js").Tab} */ tab = "mine";
  /** @type {{text: string, look: string}|null} */ notice = null;
  /** @type {Map<string, string>} */ titles = new Map();
  /** What is to come after the visit in hand, while it is chosen. @type {string[]} */ steps = [];
  /** @type {(asked: boolean) => void} */ #leave = () => {};

  /** @param {HTMLElement} root @param {import("./session.js").Session} session */
  constructor(root, session) {
    this.root = root;
    this.base = `/api/v1/stores/${session.store}`;
    /** Resolves with whether the person asked for it. @type {Promise<boolean>} */
    this.signedOut = new Promise((leave) => (this.#leave = leave));
    this.off = new AbortController();
    this.taps = new Taps({ key: `avous.taps.${session.store}.${session.salesperson}`, changed: () => this.draw(), answered: (tap, answer) => this.#answered(tap, answer) });
    this.live = openView({
      path: "/ws/staff", hello: () => ({ store: session.store, screen: "staff" }), poll: `${this.base}/views/staff`,
      onView: (view) => this.#take(view), onStatus: (status) => this.#status(status),
    });
    root.addEventListener("click", (event) => this.#click(event), { signal: this.off.signal });
    find("#sheet").addEventListener("click", (event) => this.#click(event), { signal: this.off.signal });
    this.ticking = setInterval(() => this.draw(), TAB_MS);
    watchAlerts(this.base, this.off.signal, { me: session.salesperson, place: () => root.querySelector(".alerts") });
    void this.#facts();
  }

  /** Name, zone and titles: niceties that the screen works without. */
  async #facts() {
    const [store, content] = await Promise.allSettled([get(this.base), get(`${this.base}/content?language=${language()}`)]);
    if (store.status === "fulfilled") useZone(store.value.body.zone);
    const items = content.status === "fulfilled" ? content.value.body.items ?? content.value.body : [];
    this.titles = new Map((Array.isArray(items) ? items : []).flatMap(namesOf));
    this.draw();
  }

  /** @param {any} view */
  #take(view) {
    const before = this.view;
    this.view = view;
    this.taps.saw(view.seq);
    if (before && before.me.duty !== view.me.duty) this.#dutyChanged();
    this.draw();
  }

  #dutyChanged() {
    closeSheet();
    scrollTo({ top: 0 }); // what is in the hand now is at the top
    const offer = this.view.offer;
    if (offer) find("#announce").textContent = t("staff.offer_ring", { number: offer.number, service: serviceName(this.view, offer.service) });
  }

  /** @param {import("/static/web/js/socket.js").Status} status */
  #status(status) {
    if (status.state === "gone") this.#end(false);
    else if (status.state === "live" || status.state === "polling") this.taps.nudge();
    this.draw();
  }

  /** @param {import("./taps.js").Tap} tap @param {import("./taps.js").Answer} answer */
  #answered(tap, answer) {
    if (answer.status === 401) this.#end(false);
    else if (answer.status >= 400) this.#refused(tap, answer.body);
    else if (ASIDE[tap.verb]) this.#told(tap);
    else if (tap.verb !== "undo") this.notice = null;
    this.draw();
  }

  /** A note or a call has arrived. @param {import("./taps.js").Tap} tap */
  #told({ verb, body }) {
    if (verb === "note") noted(String(body.ticket), String(body.text));
    this.#say(t(ASIDE[verb]), "notice-plain");
  }

  /** Say why in this person's words: who was quicker matters more than a code. @param {import("./taps.js").Tap} tap @param {any} problem */
  #refused(tap, problem) {
    const facts = { number: tap.number ?? "", ...problem.facts, code: problem.code };
    const key = problem.code === "already_claimed" ? `already_claimed${facts.by ? "" : "_nobody"}` : `refused_${problem.code}`;
    const text = has(`staff.${key}`) ? t(`staff.${key}`, facts) : has(`errors.${problem.code}`) ? t(`errors.${problem.code}`, facts) : t("staff.refused_other", facts);
    this.#say(text, "notice-warn");
    buzz();
  }

  /** @param {string} text @param {string} look */
  #say(text, look) {
    const notice = { text, look };
    this.notice = notice;
    setTimeout(() => this.notice === notice && ((this.notice = null), this.draw()), NOTICE_MS);
  }

  /** @param {Event} event */
  #click(event) {
    unlock();
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.id === "sheet") return closeSheet(); // its backdrop
    const button = /** @type {HTMLElement|null} */ (target.closest("[data-action]"));
    if (!button || button.ariaDisabled === "true" || button.ariaBusy === "true") return;
    const action = button.dataset.action ?? "";
    if (SHEETS.has(action)) openSheet(action, this.view, { sound: soundOn(), languages: languages() });
    else if (DIRECT.has(action)) this.#send(action, button.dataset.ticket && !ANY.has(action) ? { ticket: button.dataset.ticket } : {});
    else if (CHOICES[action]) this.#send(CHOICES[action].verb, CHOICES[action].body(button.dataset));
    else this.#device(action, button.dataset);
  }

  /** Choices that concern this device only. @param {string} action @param {DOMStringMap} data */
  #device(action, data) {
    if (action === "tab") this.tab = /** @type {import("./line.js").Tab} */ (data.tab);
    if (action === "abandon" && data.tap) this.taps.abandon(data.tap);
    if (action === "here") this.live.resync();
    if (action === "close-sheet") closeSheet();
    if (action === "finish-several") openSteps(this.view, (this.steps = []));
    if (action === "step") openSteps(this.view, (this.steps = toggled(this.steps, data.service ?? "")));
    if (action === "pocket") void this.#pocket();
    if (action === "appointments") void openAppointments(this.base, this.view);
    if (action === "mine") void openMine(this.base);
    if (action === "note-save") this.#tell("note", { ticket: data.ticket, text: /** @type {HTMLTextAreaElement} */ (find("#note")).value });
    if (action === "help-to") this.#tell("help", data.to ? { to: data.to } : {});
    if (action === "language") speak(data.language ?? "fr");
    if (action === "sign-out") void signOut().finally(() => this.#end(true));
    if (action === "sound") {
      setSound(!soundOn());
      openSheet("menu", this.view, { sound: soundOn(), languages: languages() });
    }
    this.draw();
  }

  /** @param {string} verb @param {Record<string, unknown>} body */
  #send(verb, body) {
    closeSheet();
    this.notice = null;
    const ticket = [...this.view.waiting, ...this.view.parked, this.view.card, this.view.offer].find((row) => row && row.ticket === body.ticket);
    this.taps.add(verb, `${this.base}/staff/${verb}`, body, ticket?.number ?? null);
  }

  /** Something for colleagues: kept and sent like every tap, but no tap of the line waits for it. @param {"note"|"help"} what @param {Record<string, any>} body */
  #tell(what, body) {
    closeSheet();
    this.notice = null;
    for (const tap of this.taps.pending) if (tap.verb === what && tap.seq === null && tap.body.ticket === body.ticket) this.taps.abandon(tap.id); // the newest words count
    this.taps.add(what, `${this.base}/staff/${what}`, body);
  }

  async #pocket() {
    closeSheet();
    const told = await tellMe(this.base).catch(() => false);
    this.#say(t(told ? "staff.pocket_on" : "staff.pocket_no"), told ? "notice-plain" : "notice-warn");
    this.draw();
  }

  /** @param {boolean} asked */
  #end(asked) {
    this.off.abort();
    this.live.close();
    clearInterval(this.ticking);
    ring(false);
    closeSheet();
    this.view = null;
    this.#leave(asked);
  }

  /** Everything on the screen, from what is known now. */
  draw() {
    const { view } = this;
    if (!view) return;
    const at = now();
    const situation = { connection: this.#connection(), age: this.#age(), pending: this.taps.pending, holding: this.taps.pending.some((tap) => !ASIDE[tap.verb]), notice: this.notice };
    Object.assign(this.root.dataset, { duty: view.me.duty, seq: String(view.seq) });
    ring(Boolean(view.offer) && !this.taps.pending.some((tap) => tap.verb === "accept" || tap.verb === "decline"));
    patch(this.root, [
      h("a", { class: "skip", href: "#line" }, t("staff.skip")),
      h("header", { class: "top" }, h("div", { class: "top-bar" }, ...topBar(view), liveMark(situation)),
        h("div", { class: "strips", role: "status" }, ...strips(view, situation)), alertsPlace()),
      h("main", { class: "floor" },
        h("section", { class: "hand" }, hand(view, at, this.titles)),
        h("section", { class: "line" }, ...line(view, this.tab, at, (verb, ticket) => this.taps.pending.some((p) => p.verb === verb && p.body.ticket === ticket))),
        h("aside", { class: "crew" }, ...crew(view)),
        h("div", { class: "thumb" }, ...thumbBar(view, situation, at))),
    ]);
  }

  #connection() {
    const { state } = this.live.status;
    return navigator.onLine === false && state === "live" ? "waiting" : state;
  }

  #age() {
    return (Date.now() - (this.live.status.updatedAt ?? Date.now())) / 1000;
  }
}

/** What the card calls an item, and each answer to a poll. @param {any} item @returns {[string, string][]} */
function namesOf({ id, title, poll }) {
  return [[id, title], ...(poll?.options ?? []).map((/** @type {string} */ text, /** @type {number} */ n) => [`${id}:${n}`, `${title} ${text}`])];
}

/** The list with `one` at its end, or without it if it was there. @param {string[]} list @param {string} one */
const toggled = (list, one) => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);
