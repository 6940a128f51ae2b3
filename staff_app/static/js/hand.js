// What is in the salesperson's hand: nothing, an offer that rings, a shopper called or being served, a break.

import { firstMine, nextStep } from "./actions.js";
import { leftToKeep, seconds, standing } from "./promise.js";
import { get, h, icon, speed, t } from "./shared.js";
import { ago, hour, languageName, promiseText, serviceName, span, tags, timer } from "./words.js";

/** @typedef {import("./actions.js").StaffView} StaffView */

/** The hand, whatever it holds. @param {StaffView} view @param {number} now @param {Map<string, string>} titles of content items */
export function hand(view, now, titles) {
  if (view.phase === "new" || view.phase === "ended") return quietHand(t(`staff.store_${view.phase}`), "clock");
  if (view.offer) return offerHand(view, view.offer, now);
  if (view.card) return cardHand(view, view.card, now, titles);
  if (view.me.duty === "paused") return pauseHand(view, now);
  if (view.me.duty === "off") return offHand(view);
  return idleHand(view, now);
}

/** @param {string} text @param {string} shape */
const quietHand = (text, shape) => h("div", { class: "hand-quiet", "data-state": "quiet" }, icon(shape), h("p", {}, text));

/** @param {StaffView} view */
function offHand(view) {
  return h("div", { class: "hand-quiet", "data-state": "off" }, icon("coffee"),
    h("h1", {}, t("staff.off_title", { name: view.me.name })), h("p", {}, t("staff.off_hint")), skills(view));
}

/** @param {StaffView} view */
const skills = (view) =>
  h("ul", { class: "skills", "aria-label": t("staff.menu_skills") },
    ...view.me.skills.map((/** @type {string} */ s) => h("li", { class: "tag" }, serviceName(view, s))));

/** @param {StaffView} view @param {number} now */
function idleHand(view, now) {
  const mine = view.waiting.filter((/** @type {any} */ row) => row.mine && row.phase === "waiting");
  const longest = Math.max(0, ...mine.map((/** @type {any} */ row) => ago(row.joined_at, now)));
  return h("div", { class: "hand-idle", "data-state": "idle" },
    h("h1", {}, mine.length ? t("staff.for_you", { n: mine.length }) : t("staff.for_you_none")),
    h("p", { class: "quiet" }, [
      mine.length > 0 && t("staff.longest", { time: span(longest) }),
      t("staff.free_since", { time: span(ago(view.me.since, now)) }),
      view.me.served > 0 && t("staff.served", { n: view.me.served }),
    ].filter(Boolean).join(" · ")),
    view.me.ready_at && h("p", { class: "notice notice-plain", "data-ready-at": view.me.ready_at }, icon("clock"), t("staff.ready_in", { time: timer(Math.max(0, (seconds(view.me.ready_at) ?? now) - now)) })),
    peek(view, now),
    view.phase === "closed" && h("p", { class: "notice notice-plain" }, icon("info"), t("staff.store_closed")));
}

/** At a desk there is room to meet the next shopper before calling; on a phone the list starts with them. @param {StaffView} view @param {number} now */
function peek(view, now) {
  const next = firstMine(view);
  return next && h("div", { class: "slip peek", "data-peek": next.number },
    h("div", { class: "slip-head" }, h("p", { class: "slip-kind" }, icon("next"), t("staff.peek")),
      h("p", { class: "slip-who" }, h("span", { class: "plate" }, next.number))),
    h("hr", { class: "slip-fold" }),
    h("div", { class: "slip-body" }, h("p", { class: "need" }, serviceName(view, next.service)), marks(next, view), gauge(next, now)));
}

/** @param {StaffView} view @param {number} now */
function pauseHand(view, now) {
  const { pause, back_at: backAt, since } = view.me;
  const left = backAt ? (seconds(backAt) ?? 0) - now : null;
  return h("div", { class: "hand-quiet", "data-state": "paused" }, icon("coffee"),
    h("h1", {}, backAt ? t("staff.paused_until", { time: hour(backAt) }) : t("staff.paused_since", { time: hour(since) })),
    left !== null && h("p", { class: "hand-timer figures" },
      left >= 0 ? t("staff.paused_left", { time: span(left) }) : t("staff.paused_over", { time: span(-left) })),
    h("p", { class: "quiet" }, pause === "unresponsive" ? t("staff.paused_unresponsive") : t("staff.paused_hint")));
}

/** @param {StaffView} view @param {any} offer @param {number} now */
function offerHand(view, offer, now) {
  const left = Math.max(0, Math.ceil(((seconds(offer.expires_at) ?? now) - now) / speed()));
  return h("article", { class: "slip slip-offer", "data-state": "offered", "data-number": offer.number, "data-ticket": offer.ticket },
    h("div", { class: "slip-head" },
      h("p", { class: "slip-kind" }, icon("bell"), h("span", {}, t("staff.offer_title")),
        h("span", { class: "figures push" }, t("staff.offer_left", { n: left }))),
      who(view, offer)),
    h("hr", { class: "slip-fold" }),
    h("div", { class: "slip-body" }, need(view, offer), marks(offer, view), gauge(offer, now)));
}

/** @param {StaffView} view @param {any} card @param {number} now @param {Map<string, string>} titles */
function cardHand(view, card, now, titles) {
  const serving = card.phase === "serving";
  return h("article", { class: "slip", "data-state": card.phase, "data-number": card.number, "data-ticket": card.ticket,
    "data-doubted": String(card.doubted) },
    h("div", { class: "slip-head" }, serving ? visitLine(card, now) : callLine(card, now), who(view, card)),
    h("hr", { class: "slip-fold" }),
    h("div", { class: "slip-body" },
      card.doubted && doubt(card, now),
      need(view, card),
      marks(card, view),
      !serving && reached(card),
      gauge(card, now),
      prepared(view, card), read(card, titles)));
}

/** @param {any} card @param {number} now */
const visitLine = (card, now) =>
  h("p", { class: "slip-kind" }, icon("person"), h("span", {}, t("staff.phase_serving")),
    h("span", { class: "hand-timer figures push", "aria-label": t("staff.visit_time") }, timer(ago(card.started_at, now))));

/** @param {any} card @param {number} now */
function callLine(card, now) {
  const left = card.park_at ? (seconds(card.park_at) ?? now) - now : null;
  return h("p", { class: "slip-kind" }, icon("bell"), h("span", {}, t("staff.phase_called")),
    h("span", { class: "hand-timer figures" }, timer(ago(card.called_at, now))),
    left !== null && h("span", { class: "slip-note figures push" }, left > 0 ? t("staff.park_in", { time: timer(left) }) : t("staff.park_now")));
}

/** @param {StaffView} _view @param {any} card */
const who = (_view, card) =>
  h("h1", { class: "slip-who" }, h("span", { class: "plate" }, card.number),
    card.name && h("span", { class: "slip-name" }, card.name));

/** @param {any} ticket @param {StaffView} view */
function marks(ticket, view) {
  const found = tags(ticket, view);
  return found.length > 0 && h("div", { class: "tags" }, ...found);
}

/** The service, and the whole way of the visit when it has several steps. @param {StaffView} view @param {any} card */
function need(view, card) {
  const steps = card.steps.map((/** @type {any} */ s) => ({ id: s.service ?? s, state: s.state ?? "" }));
  const at = steps.findIndex((/** @type {any} */ s) => s.id === card.service);
  if (steps.length < 2) return h("p", { class: "need" }, serviceName(view, card.service));
  return h("ol", { class: "steps", "aria-label": t("staff.steps") },
    ...steps.map((/** @type {any} */ s, /** @type {number} */ i) =>
      h("li", { "aria-current": i === at ? "step" : null, "data-step": i < at ? "done" : i === at ? "now" : "next" },
        i < at && icon("check"), serviceName(view, s.id))));
}

/** What we know about reaching them: phone rang, on the way (who says so has seen it). @param {any} card */
function reached(card) {
  const seen = Boolean(card.seen || card.coming);
  return h("ul", { class: "reached", "aria-live": "polite" },
    h("li", { "data-yes": String(seen), "data-state": seen ? "seen" : "not-seen" },
      icon(seen ? "check" : "bell"), t(seen ? "staff.seen" : "staff.not_seen")),
    h("li", { "data-yes": String(Boolean(card.coming)), "data-state": card.coming ? "coming" : "not-coming" },
      icon("walk"), t(card.coming ? "staff.coming" : "staff.not_coming")),
    card.recalls > 0 && h("li", {}, icon("sound"), t("staff.recalled", { n: card.recalls })));
}

/** The promise in force: how much of it is used, what is left. @param {any} card @param {number} now */
function gauge(card, now) {
  const due = seconds(card.promise_at);
  const joined = seconds(card.joined_at) ?? now;
  if (due === null) return h("p", { class: "gauge quiet" }, t("staff.waited", { time: span((seconds(card.started_at) ?? now) - joined) }));
  const used = Math.min(1, Math.max(0, ((due - (leftToKeep(card, now) ?? 0)) - joined) / Math.max(1, due - joined)));
  return h("div", { class: "gauge", "data-standing": standing(card, now) },
    h("p", {}, h("span", { class: "strong" }, promiseText(card, now)),
      h("span", { class: "quiet push" }, t("staff.promise_by", { time: hour(card.promise_at) }))),
    h("div", { class: "bar" }, h("i", { vars: { "--fill": used.toFixed(3) } })));
}

/** @param {any} card @param {number} now */
const doubt = (card, now) =>
  h("div", { class: "notice notice-warn doubt", role: "alert" },
    h("p", {}, t("staff.doubt", { number: card.number, minutes: span(ago(card.started_at, now)) })),
    h("button", { class: "btn", type: "button", "data-action": "still", "data-ticket": card.ticket }, t("staff.still")));

/** Answers by ticket: asked for once when a ticket comes to hand. @type {Map<string, Record<string, string>>} */
const needs = new Map();
let asked = "";

/** What the shopper prepared while waiting. @param {StaffView} view @param {any} card */
function prepared(view, card) {
  if (asked !== `${card.ticket} ${card.called_at}`) {
    asked = `${card.ticket} ${card.called_at}`; // in hand anew: a colleague may have added a note
    needs.set(card.ticket, needs.get(card.ticket) ?? {});
    get(`/api/v1/stores/${view.store}/staff/needs/${card.ticket}`).then(({ body }) => needs.set(card.ticket, body), () => (asked = ""));
  }
  const { note, ...answers } = needs.get(card.ticket) ?? {};
  const told = Object.entries(answers);
  if (told.length === 0 && !note) return null;
  if (told.length === 0) return noteCard(note);
  return h("div", { class: "read", "data-needs": "" }, h("h2", {}, icon("needs"), t("staff.needs")),
    h("ul", { class: "read-list" }, ...told.map(([question, answer]) => h("li", {}, t(`staff.need_${question}_${answer}`)))), note && noteCard(note));
}

/** @param {string} text */
const noteCard = (text) => h("div", { class: "read", "data-note": "" }, h("h2", {}, icon("article"), t("staff.note")), h("p", { class: "note-said" }, text));

/** What is noted about the ticket in hand. @param {any} card */
export const noteOf = (card) => needs.get(card.ticket)?.note ?? "";

/** A note was kept: show it without asking again. @param {string} ticket @param {string} text */
export const noted = (ticket, text) => needs.set(ticket, { ...needs.get(ticket), note: text.trim() });

/** @param {any} card @param {Map<string, string>} titles */
function read(card, titles) {
  const known = [...new Set((card.content || []).filter((/** @type {string} */ id) => !id.endsWith(":open")).map((/** @type {string} */ id) => titles.get(id) ?? titles.get(id.split(":")[0]) ?? id))];
  if (!known.length) return null;
  return h("div", { class: "read" }, h("h2", {}, icon("article"), t("staff.read")),
    h("ul", { class: "read-list" }, ...known.map((text) => h("li", {}, text))));
}

/** What the big button says under its verb. @param {StaffView} view @param {any} action @param {any} first */
export function hint(view, action, first) {
  if (action.verb === "next" && first) {
    const language = first.language === document.documentElement.lang ? [] : [languageName(first.language)];
    return [first.number, serviceName(view, first.service), ...language].join(" · ");
  }
  if (action.verb === "next") return t("staff.next_none");
  if (action.verb === "finish") {
    const next = nextStep(view.card);
    return next ? t("staff.finish_hint", { service: serviceName(view, next) }) : t("staff.finish_last");
  }
  return { on: t("staff.on_hint"), start: t("staff.start_hint") }[/** @type {"on"|"start"} */ (action.verb)] ?? "";
}
