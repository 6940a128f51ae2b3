/**
 * The phone's screens, one per phase. Each takes (view, context) and gives {nodes, update(view)}: drawn once per
 * phase, then only texts and strokes change.
 */
import { now } from "/static/web/js/clock.js";
import { busy, fill, h, icon, say, set } from "/static/web/js/dom.js";
import { get } from "/static/web/js/api.js";
import { label, minutesLeft, t, time } from "/static/web/js/i18n.js";
import { rangeView, rangeWords } from "/static/web/js/parts.js";
import { STROKES, facts, progress, until, verdict, why } from "./words.js";

/** @typedef {{actions: any, labelOf: (service: string) => string, usual: (service: string) => number, more: () => void, apology: () => Promise<any>, askLeave: () => void, memory: {ahead: number, most: number}, bell: HTMLElement, live: () => boolean, store: string}} Context */

/** Number and services, on the paper ticket. @param {any} view @param {Context} context @param {...any} below */
function paper(view, { labelOf }, ...below) {
  const steps = view.steps.length > 1 ? h("ol", { class: "steps" }, view.steps.map((/** @type {any} */ s) => h("li", { "aria-current": s.state === "now" ? "step" : null, data: { state: s.state } }, s.state === "done" ? icon("check") : null, labelOf(s.service)))) : null;
  return h("section", { class: "paper ticket" },
    h("div", { class: "paper-top" }, h("p", { class: "plate" }, h("span", { class: "unseen" }, `${t("phone.number")} `), view.number), h("p", { class: "paper-service" }, labelOf(view.service)), steps),
    h("div", { class: "paper-rest" }, below));
}

/** @param {any} first @param {Context} context */
export function waiting(first, context) {
  const range = rangeView("range-xl");
  range.element.setAttribute("aria-hidden", "true");
  const words = h("p", { class: "unseen" });
  const end = h("p", { class: "until" });
  const line = h("div", { class: "strokes", "aria-hidden": "true" });
  const list = h("ul", { class: "facts" });
  const reason = h("p", { class: "notice notice-plain why" }, icon("info"), h("span"));
  const moment = h("p", { class: "moment" });
  const later = h("button", { class: "btn btn-wide", type: "button", data: { action: "away" }, on: { click: () => busy(later, context.actions.away) } }, icon("clock"), t("phone.away.ask"));
  const update = (/** @type {any} */ view) => {
    range.show(view.range, context.live());
    say(words, rangeWords(view.range));
    say(end, view.range ? until(view.range) : t("phone.range_soon"));
    drawStrokes(line, progress(view, context.memory));
    fillFacts(list, facts(view, context.usual(view.service)));
    say(/** @type {Element} */ (reason.lastChild), why(view));
    reason.hidden = !why(view);
    const near = view.closer ? t("phone.closer") : ["two_ahead", "next"].includes(view.moment) ? t(`phone.moment.${view.moment}`) : "";
    say(moment, near);
    moment.hidden = !near;
    later.hidden = view.aways_left <= 0;
    range.element.classList.toggle("soon", Boolean(view.range) && minutesLeft(view.range, now()).high <= 2);
  };
  return {
    update,
    nodes: [
      paper(first, context, h("h2", { class: "label" }, t("phone.your_turn_in")), range.element, words, end, line, moment, list),
      reason,
      context.bell,
      h("div", { class: "acts" }, later, h("button", { class: "btn btn-wide", type: "button", data: { action: "more" }, on: { click: context.more } }, icon("plus"), t("phone.more.ask")), h("button", { class: "btn btn-plain btn-wide", type: "button", data: { action: "leave" }, on: { click: context.askLeave } }, t("phone.leave.ask"))),
    ],
  };
}

/** @param {HTMLElement} line @param {number} done 0..1 */
function drawStrokes(line, done) {
  if (!line.firstChild) fill(line, Array.from({ length: STROKES }, () => h("i")));
  [...line.children].forEach((stroke, n) => set(/** @type {HTMLElement} */ (stroke), "vars", { "--fill": Math.max(0, Math.min(1, done * STROKES - n)).toFixed(3) }));
}

/** @param {HTMLElement} list @param {string[]} texts */
function fillFacts(list, texts) {
  if (list.childElementCount !== texts.length) fill(list, texts.map(() => h("li")));
  texts.forEach((text, n) => say(list.children[n], text));
}

/** Away by choice: the place is kept. @param {any} first @param {Context} context */
export function away(first, context) {
  const text = h("p");
  const back = h("button", { class: "btn btn-main btn-big btn-wide", type: "button", data: { action: "back" }, on: { click: () => busy(back, context.actions.back) } }, icon("check"), t("phone.away.back"));
  return {
    update: (/** @type {any} */ view) => say(text, t("phone.away.text", { at: time(view.until) })),
    nodes: [paper(first, context, h("h2", { class: "headline" }, t("phone.away.title")), text, back), h("div", { class: "acts" }, h("button", { class: "btn btn-plain btn-wide", type: "button", data: { action: "leave" }, on: { click: context.askLeave } }, t("phone.leave.ask")))],
  };
}

/** Called and not seen: parked, never deleted. @param {any} first @param {Context} context */
export function parked(first, context) {
  const text = h("p");
  const here = h("button", { class: "btn btn-main btn-big btn-wide", type: "button", data: { action: "back" }, on: { click: () => busy(here, context.actions.back) } }, icon("walk"), t("phone.parked.here"));
  return {
    update: (/** @type {any} */ view) => say(text, t("phone.parked.text", { at: time(view.until) })),
    nodes: [paper(first, context, h("h2", { class: "headline" }, t("phone.parked.title")), text, here), h("div", { class: "acts" }, h("button", { class: "btn btn-plain btn-wide", type: "button", data: { action: "leave" }, on: { click: context.askLeave } }, t("phone.leave.ask")))],
  };
}

/** @param {any} first @param {Context} context */
export function serving(first, context) {
  const next = first.steps.find((/** @type {any} */ s) => s.state === "next");
  return {
    update: () => {},
    nodes: [paper(first, context, h("h2", { class: "headline" }, t("phone.serving.title", { name: first.by?.name || "" })), h("p", null, next ? t("phone.serving.then", { service: context.labelOf(next.service) }) : t("phone.serving.text")))],
  };
}

/** Thanks, and the truth about the promise. @param {any} first @param {Context} context */
export function ended(first, context) {
  const kept = verdict(first);
  const outcome = first.outcome || "void";
  return {
    update: () => {},
    nodes: [
      paper(first, context,
        h("h2", { class: "headline" }, t(`phone.ended.${outcome}_title`)),
        kept ? h("p", { class: "verdict" }, t(kept.key, kept.slots)) : h("p", null, t(`phone.ended.${outcome}`)),
        kept?.key === "phone.ended.late" ? gift(context) : null,
        outcome === "answered" ? thanks(context) : null,
        outcome === "answered" ? stars(first, context) : null),
      outcome === "answered" ? h("p", { class: "quiet small center" }, t("phone.ended.forgotten")) : outcome === "closed" ? null : h("a", { class: "btn btn-main btn-big btn-wide", href: `/s/${context.store}` }, t("phone.ended.again")),
    ],
  };
}

/** What the store says in its own words after a visit, if it says anything. @param {Context} context */
function thanks(context) {
  const place = h("p", { hidden: true, data: { own: "thanks" } });
  get(`/api/v1/stores/${context.store}`).then(({ body }) => {
    const text = label(body.texts.thanks ?? {}, "");
    say(place, text);
    place.hidden = !text;
  }, () => {});
  return place;
}

/** What the store gives for a broken promise, if it gives anything. @param {Context} context */
function gift(context) {
  const place = h("p", { class: "notice notice-go", hidden: true, data: { gift: "" } });
  context.apology().then(({ body }) => (fill(place, icon("offer"), h("span", null, body.text)), (place.hidden = false)), () => {});
  return place;
}

/** @param {any} view @param {Context} context */
function stars(view, { actions }) {
  const thanks = h("p", { role: "status", class: "small quiet" });
  const buttons = [1, 2, 3, 4, 5].map((n) => h("button", { class: "star", type: "button", data: { action: "rate", stars: String(n) }, "aria-pressed": "false", "aria-label": t("phone.ended.stars", { n }), on: { click: () => give(n) } }, icon("star")));
  const paint = (/** @type {number} */ given) => buttons.forEach((b, n) => (set(b, "aria-pressed", String(n + 1 === given)), b.classList.toggle("lit", n < given)));
  const give = async (/** @type {number} */ n) => {
    paint(n);
    if (await actions.rate(n)) say(thanks, t("phone.ended.thanks_stars"));
  };
  paint(view.stars || 0);
  return h("div", { class: "rate" }, h("p", { class: "strong" }, t("phone.ended.how")), h("div", { class: "stars", role: "group", "aria-label": t("phone.ended.how") }, buttons), thanks);
}

/** No ticket here: unknown, erased, or opened elsewhere. @param {"gone"|"taken"|"none"} kind @param {{store: string, retake: () => void}} options */
export function nothing(kind, { store, retake }) {
  return {
    update: () => {},
    nodes: h("section", { class: "paper ticket" }, h("div", { class: "paper-rest" },
      h("h2", { class: "headline" }, t(`phone.nothing.${kind}_title`)), h("p", null, t(`phone.nothing.${kind}`)),
      kind === "taken" ? h("button", { class: "btn btn-main btn-big btn-wide", type: "button", on: { click: retake } }, t("phone.nothing.here")) : null,
      kind !== "taken" ? h("a", { class: "btn btn-main btn-big btn-wide", href: store ? `/s/${store}` : "/" }, t("phone.nothing.join")) : null)),
  };
}
